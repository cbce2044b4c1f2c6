/** The smaller machines of IEEE 802.1D-2004 §17.23 to §17.31, each a figure there. */

import type { Bpdu, TreeMessage } from '../../wire/bpdu.ts'
import { BpduFlag, BpduRole, rapidVersion, roleShift } from '../../wire/bpdu.ts'
import type { Machine } from './machines.ts'
import { isActive, type RstpPort, type RstpRole } from './rstp-port.ts'
import { migrateTime } from './settings.ts'
import type { RstpWorld } from './world.ts'

/** Port Receive, §17.23. */
export const receiveMachine: Machine<RstpPort, 'discard' | 'receive'> = {
  always: port => ((port.rcvdBpdu || port.timers.edgeDelay !== migrateTime) && !port.enabled ? 'discard' : undefined),
  states: {
    discard: {
      enter(port) {
        port.rcvdBpdu = port.rcvdRstp = port.rcvdStp = port.rcvdMsg = false
        port.timers.edgeDelay = migrateTime
      },
      next: port => (port.rcvdBpdu && port.enabled ? 'receive' : undefined),
    },
    receive: {
      enter(port) {
        if (port.message?.kind === 'rapid') port.rcvdRstp = true
        else port.rcvdStp = true
        port.operEdge = port.rcvdBpdu = false
        port.rcvdMsg = true
        port.timers.edgeDelay = migrateTime
      },
      next: port => (port.rcvdBpdu && port.enabled && !port.rcvdMsg ? 'receive' : undefined),
    },
  },
}

/** Bridge Detection, §17.25: whether a port leads to hosts only. */
export const bridgeDetectionMachine: Machine<RstpPort, 'begin' | 'edge' | 'notEdge'> = {
  states: {
    begin: { next: ({ adminEdge }) => (adminEdge ? 'edge' : 'notEdge') },
    edge: {
      enter(port) {
        port.operEdge = true
      },
      next: port => ((!port.enabled && !port.adminEdge) || !port.operEdge ? 'notEdge' : undefined),
    },
    notEdge: {
      enter(port) {
        port.operEdge = false
      },
      next(port) {
        const isSilent = port.timers.edgeDelay === 0 && port.autoEdge && port.sendRstp && port.proposing
        return (!port.enabled && port.adminEdge) || isSilent ? 'edge' : undefined
      },
    },
  },
}

/** Port Protocol Migration, §17.24: whether old bridges are on the LAN. */
export const migrationMachine = (world: RstpWorld): Machine<RstpPort, 'checking' | 'selecting' | 'sensing'> => ({
  states: {
    checking: {
      enter(port) {
        port.mcheck = false
        port.sendRstp = world.isRapid
        port.timers.migrateDelay = migrateTime
      },
      next(port) {
        if (port.timers.migrateDelay === 0) return 'sensing'
        return port.timers.migrateDelay !== migrateTime && !port.enabled ? 'checking' : undefined
      },
    },
    sensing: {
      enter(port) {
        port.rcvdRstp = port.rcvdStp = false
      },
      next(port) {
        if (!port.enabled || port.mcheck || (world.isRapid && !port.sendRstp && port.rcvdRstp)) return 'checking'
        return port.sendRstp && port.rcvdStp ? 'selecting' : undefined
      },
    },
    selecting: {
      enter(port) {
        port.sendRstp = false
        port.timers.migrateDelay = migrateTime
      },
      next: port => (port.timers.migrateDelay === 0 || !port.enabled || port.mcheck ? 'sensing' : undefined),
    },
  },
})

/** Port State Transition, §17.30. */
export const stateTransitionMachine: Machine<RstpPort, 'discarding' | 'learning' | 'forwarding'> = {
  states: {
    discarding: {
      enter(port) {
        port.learning = port.forwarding = false
      },
      next: ({ learn }) => (learn ? 'learning' : undefined),
    },
    learning: {
      enter(port) {
        port.learning = true
      },
      next: ({ learn, forward }) => (forward ? 'forwarding' : learn ? undefined : 'discarding'),
    },
    forwarding: {
      enter(port) {
        port.forwarding = true
      },
      next: ({ forward }) => (forward ? undefined : 'discarding'),
    },
  },
}

type Change =
  | 'inactive'
  | 'learning'
  | 'detected'
  | 'active'
  | 'notifiedTcn'
  | 'notifiedTc'
  | 'propagating'
  | 'acknowledged'

/** Topology Change, §17.31: who must forget MACs when frames take another way. */
export const topologyChangeMachine = (world: RstpWorld): Machine<RstpPort, Change> => {
  const wasTold = ({ rcvdTc, rcvdTcn, rcvdTcAck, tcProp }: RstpPort): boolean =>
    rcvdTc || rcvdTcn || rcvdTcAck || tcProp
  const tellOthers = (port: RstpPort): void => {
    for (const each of world.ports) if (each !== port) each.tcProp = true
  }
  return {
    states: {
      inactive: {
        enter(port) {
          world.flush(port)
          port.timers.change = 0
          port.tcAck = false
        },
        next: ({ learn }) => (learn ? 'learning' : undefined),
      },
      learning: {
        enter(port) {
          port.rcvdTc = port.rcvdTcn = port.rcvdTcAck = port.tcProp = false
        },
        next(port) {
          if (isActive(port) && port.forward && !port.operEdge) return 'detected'
          if (wasTold(port)) return 'learning'
          return !isActive(port) && !port.learn && !port.learning ? 'inactive' : undefined
        },
      },
      detected: {
        enter(port) {
          startChange(world, port)
          tellOthers(port)
          port.newInfo = true
        },
        follow: 'active',
      },
      active: {
        next(port) {
          if (!isActive(port) || port.operEdge) return 'learning'
          if (port.rcvdTcn) return 'notifiedTcn'
          if (port.rcvdTc) return 'notifiedTc'
          if (port.tcProp) return 'propagating'
          return port.rcvdTcAck ? 'acknowledged' : undefined
        },
      },
      notifiedTcn: { enter: port => startChange(world, port), follow: 'notifiedTc' },
      notifiedTc: {
        enter(port) {
          port.rcvdTcn = port.rcvdTc = false
          if (port.role === 'Designated') port.tcAck = true
          tellOthers(port)
        },
        follow: 'active',
      },
      propagating: {
        enter(port) {
          startChange(world, port)
          world.flush(port)
          port.tcProp = false
        },
        follow: 'active',
      },
      acknowledged: {
        enter(port) {
          port.timers.change = 0
          port.rcvdTcAck = false
        },
        follow: 'active',
      },
    },
  }
}

/** §17.21.7. */
const startChange = (world: RstpWorld, port: RstpPort): void => {
  if (port.timers.change !== 0) return
  if (port.sendRstp) {
    port.timers.change = port.designatedTimes.helloTime + 1
    port.newInfo = true
  } else port.timers.change = world.rootTimes.maxAge + world.rootTimes.forwardDelay
}

type Transmission = 'init' | 'idle' | 'periodic' | 'config' | 'tcn' | 'rstp'

/** Port Transmit, §17.26. */
export const transmitMachine = (world: RstpWorld): Machine<RstpPort, Transmission> => {
  const transmit = (port: RstpPort, bpdu: Bpdu): void => {
    port.newInfo = false
    world.send(port, bpdu)
    port.txCount++
    port.tcAck = false
  }
  return {
    states: {
      init: {
        enter(port) {
          port.newInfo = true
          port.txCount = 0
        },
        follow: 'idle',
      },
      idle: {
        enter(port) {
          port.timers.hello = port.designatedTimes.helloTime
        },
        next(port) {
          // A port without a role has nothing to say.
          if (!port.selected || port.updtInfo || port.role === 'Disabled') return undefined
          if (port.timers.hello === 0) return 'periodic'
          if (!port.newInfo || port.txCount >= world.holdCount) return undefined
          if (port.sendRstp) return 'rstp'
          return port.role === 'Designated' ? 'config' : port.role === 'Root' ? 'tcn' : undefined
        },
      },
      periodic: {
        enter(port) {
          port.newInfo ||= port.role === 'Designated' || (port.role === 'Root' && port.timers.change !== 0)
        },
        follow: 'idle',
      },
      config: { enter: port => transmit(port, { kind: 'config', version: 0, ...configOf(port) }), follow: 'idle' },
      tcn: { enter: port => transmit(port, { kind: 'change', version: 0 }), follow: 'idle' },
      rstp: {
        enter: port => transmit(port, { kind: 'rapid', version: rapidVersion, ...rapidOf(port) }),
        follow: 'idle',
      },
    },
  }
}

const told = ({ designatedPriority, designatedTimes, id }: RstpPort): Omit<TreeMessage, 'flags'> => ({
  root: designatedPriority.root,
  rootCost: designatedPriority.rootCost,
  bridge: designatedPriority.bridge,
  port: id,
  messageAge: designatedTimes.messageAge * 256,
  maxAge: designatedTimes.maxAge * 256,
  helloTime: designatedTimes.helloTime * 256,
  forwardDelay: designatedTimes.forwardDelay * 256,
})

const flag = (is: boolean, bit: number): number => (is ? bit : 0)

const configOf = (port: RstpPort): TreeMessage => ({
  ...told(port),
  flags: flag(port.timers.change !== 0, BpduFlag.change) | flag(port.tcAck, BpduFlag.changeAck),
})

const rapidOf = (port: RstpPort): TreeMessage => ({
  ...told(port),
  flags:
    (roles[port.role] << roleShift) |
    flag(port.agree, BpduFlag.agreement) |
    flag(port.proposing, BpduFlag.proposal) |
    flag(port.timers.change !== 0, BpduFlag.change) |
    flag(port.learning, BpduFlag.learning) |
    flag(port.forwarding, BpduFlag.forwarding),
})

const roles: { readonly [R in RstpRole]: number } = {
  Disabled: BpduRole.unknown,
  Root: BpduRole.root,
  Designated: BpduRole.designated,
  Alternate: BpduRole.alternate,
  Backup: BpduRole.alternate,
}
