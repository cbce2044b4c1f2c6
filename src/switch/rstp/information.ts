/** Port Information of IEEE 802.1D-2004 §17.27: whose word about the tree holds on a port's LAN, and for how long. */
import { BpduFlag, BpduRole, roleShift } from '../../wire/bpdu.ts'
import type { Machine } from './machines.ts'
import { type RstpPort, treeOf } from './rstp-port.ts'
import type { RstpTimes } from './settings.ts'
import { compareVectors, sameSpeaker } from './vector.ts'
import type { RstpWorld } from './world.ts'

type Informed =
  | 'disabled'
  | 'aged'
  | 'update'
  | 'current'
  | 'receive'
  | 'superior'
  | 'repeated'
  | 'inferior'
  | 'notDesignated'
  | 'other'

export const informationMachine = (world: RstpWorld): Machine<RstpPort, Informed> => ({
  always: port => (!port.enabled && port.infoIs !== 'disabled' ? 'disabled' : undefined),
  states: {
    disabled: {
      enter(port) {
        port.rcvdMsg = false
        port.proposing = port.proposed = port.agree = port.agreed = false
        port.timers.receivedInfo = 0
        port.infoIs = 'disabled'
        askAgain(port)
      },
      next: port => (port.enabled ? 'aged' : port.rcvdMsg ? 'disabled' : undefined),
    },
    aged: {
      enter(port) {
        port.infoIs = 'aged'
        askAgain(port)
      },
      next: port => (port.selected && port.updtInfo ? 'update' : undefined),
    },
    update: {
      enter(port) {
        port.proposing = port.proposed = false
        port.agreed = port.agreed && isBetterOrSame(port, 'mine')
        port.synced = port.synced && port.agreed
        port.portPriority = port.designatedPriority
        port.portTimes = port.designatedTimes
        port.updtInfo = false
        port.infoIs = 'mine'
        port.newInfo = true
      },
      follow: 'current',
    },
    current: {
      next(port) {
        if (port.selected && port.updtInfo) return 'update'
        if (port.infoIs === 'received' && port.timers.receivedInfo === 0 && !port.updtInfo && !port.rcvdMsg)
          return 'aged'
        return port.rcvdMsg && !port.updtInfo ? 'receive' : undefined
      },
    },
    receive: { next: receivedInfo },
    superior: {
      enter(port) {
        port.agreed = port.proposing = false
        recordProposal(port)
        recordChange(port)
        port.agree = port.agree && isBetterOrSame(port, 'received')
        port.portPriority = port.msgPriority
        port.portTimes = { ...port.msgTimes, helloTime: Math.max(port.msgTimes.helloTime, 1) }
        startAge(port)
        port.infoIs = 'received'
        askAgain(port)
        port.rcvdMsg = false
      },
      follow: 'current',
    },
    repeated: {
      enter(port) {
        recordProposal(port)
        recordChange(port)
        startAge(port)
        port.rcvdMsg = false
      },
      follow: 'current',
    },
    inferior: {
      enter(port) {
        recordDispute(port)
        port.rcvdMsg = false
      },
      follow: 'current',
    },
    notDesignated: {
      enter(port) {
        recordAgreement(world, port)
        recordChange(port)
        port.rcvdMsg = false
      },
      follow: 'current',
    },
    other: {
      enter(port) {
        recordChange(port)
        port.rcvdMsg = false
      },
      follow: 'current',
    },
  },
})

const askAgain = (port: RstpPort): void => {
  port.reselect = true
  port.selected = false
}

/** §17.21.1. */
const isBetterOrSame = (port: RstpPort, info: 'mine' | 'received'): boolean => {
  if (port.infoIs !== info) return false
  const heard = info === 'mine' ? port.designatedPriority : port.msgPriority
  return compareVectors(heard, port.portPriority) <= 0
}

/** §17.21.8: what kind of information a message is. */
const receivedInfo = (port: RstpPort): Informed => {
  const tree = treeOf(port.message)
  if (tree === undefined) return 'other'
  port.msgPriority = { root: tree.root, rootCost: tree.rootCost, bridge: tree.bridge, port: tree.port, bridgePort: 0 }
  port.msgTimes = {
    messageAge: seconds(tree.messageAge),
    maxAge: seconds(tree.maxAge),
    helloTime: seconds(tree.helloTime),
    forwardDelay: seconds(tree.forwardDelay),
  }
  const compared = compareVectors(port.msgPriority, { ...port.portPriority, bridgePort: 0 })
  const role = roleOf(port)
  if (role === BpduRole.designated) {
    const sameTimes = areSame(port.msgTimes, port.portTimes)
    if (compared < 0 || (compared === 0 && !sameTimes)) return 'superior'
    if (compared === 0) return port.infoIs === 'received' ? 'repeated' : 'other'
    return sameSpeaker(port.msgPriority, port.portPriority) ? 'superior' : 'inferior'
  }
  if (role === BpduRole.root || role === BpduRole.alternate) return compared >= 0 ? 'notDesignated' : 'other'
  return 'other'
}

const seconds = (time: number): number => Math.round(time / 256)

/** A message of 1998 comes from a designated port. */
const roleOf = ({ message }: RstpPort): number => {
  if (message?.kind === 'rapid') return (message.flags >> roleShift) & 3
  return message?.kind === 'config' ? BpduRole.designated : BpduRole.unknown
}

const areSame = (a: RstpTimes, b: RstpTimes): boolean =>
  a.messageAge === b.messageAge &&
  a.maxAge === b.maxAge &&
  a.helloTime === b.helloTime &&
  a.forwardDelay === b.forwardDelay

const flagsOf = (port: RstpPort): number => treeOf(port.message)?.flags ?? 0

const recordProposal = (port: RstpPort): void => {
  if (port.message?.kind === 'rapid' && (flagsOf(port) & BpduFlag.proposal) !== 0) port.proposed = true
}

const recordAgreement = (world: RstpWorld, port: RstpPort): void => {
  const agrees = world.isRapid && (flagsOf(port) & BpduFlag.agreement) !== 0
  port.agreed = agrees
  if (agrees) port.proposing = false
}

/** Someone who should not think itself designated learns already: the link may carry frames one way only. */
const recordDispute = (port: RstpPort): void => {
  if (port.message?.kind !== 'rapid' || (flagsOf(port) & BpduFlag.learning) === 0) return
  port.disputed = true
  port.agreed = false
}

/** §17.21.17. */
const recordChange = (port: RstpPort): void => {
  const { message } = port
  if (message?.kind === 'change') port.rcvdTcn = true
  else {
    if ((flagsOf(port) & BpduFlag.change) !== 0) port.rcvdTc = true
    if (message?.kind === 'config' && (message.flags & BpduFlag.changeAck) !== 0) port.rcvdTcAck = true
  }
}

/** §17.21.23: three hellos, unless the information is too old already. */
const startAge = (port: RstpPort): void => {
  const { messageAge, maxAge, helloTime } = port.portTimes
  port.timers.receivedInfo = messageAge + 1 <= maxAge ? 3 * helloTime : 0
}
