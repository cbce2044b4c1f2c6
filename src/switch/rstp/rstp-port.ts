import type { Bpdu, TreeMessage } from '../../wire/bpdu.ts'
import type { Machines } from './machines.ts'
import type { RstpTimes } from './settings.ts'
import { noVector, type Vector } from './vector.ts'

export type RstpRole = 'Disabled' | 'Root' | 'Designated' | 'Alternate' | 'Backup'

/** Timers count seconds down (IEEE 802.1D-2004 §17.17). */
export type RstpTimers = {
  edgeDelay: number
  forwardDelay: number
  hello: number
  migrateDelay: number
  recentBackup: number
  receivedInfo: number
  recentRoot: number
  change: number
}

/** A port of a rapid spanning tree: the variables of IEEE 802.1D-2004 §17.19, by their names there. */
export type RstpPort = {
  /** Its owner's number. */
  readonly number: number
  /** Priority 4 bits, number 12 bits. */
  id: number
  pathCost: number
  adminEdge: boolean
  autoEdge: boolean
  mcheck: boolean
  /** `mcheck` as it was last asked for: only a change asks. */
  mcheckAsked: boolean
  /** Its device carries frames. */
  enabled: boolean
  role: RstpRole
  selectedRole: RstpRole
  agree: boolean
  agreed: boolean
  disputed: boolean
  forward: boolean
  forwarding: boolean
  infoIs: 'disabled' | 'mine' | 'aged' | 'received'
  learn: boolean
  learning: boolean
  newInfo: boolean
  operEdge: boolean
  proposed: boolean
  proposing: boolean
  reRoot: boolean
  reselect: boolean
  selected: boolean
  sendRstp: boolean
  sync: boolean
  synced: boolean
  updtInfo: boolean
  rcvdBpdu: boolean
  rcvdMsg: boolean
  rcvdRstp: boolean
  rcvdStp: boolean
  rcvdTc: boolean
  rcvdTcAck: boolean
  rcvdTcn: boolean
  tcAck: boolean
  tcProp: boolean
  /** Messages of the last second. */
  txCount: number
  /** The last message, and what it says. */
  message: Bpdu | undefined
  msgPriority: Vector
  msgTimes: RstpTimes
  portPriority: Vector
  portTimes: RstpTimes
  designatedPriority: Vector
  designatedTimes: RstpTimes
  timers: RstpTimers
  counts: { sent: number; received: number; bad: number }
  /** Since when they count, ns. */
  since: number
  machines: Machines
}

const noTimes: RstpTimes = { messageAge: 0, maxAge: 0, helloTime: 0, forwardDelay: 0 }

export const rstpPort = (now: number, number: number, id: number, times: RstpTimes): RstpPort => ({
  number,
  id,
  pathCost: 0,
  adminEdge: false,
  autoEdge: true,
  mcheck: false,
  mcheckAsked: false,
  enabled: true,
  role: 'Disabled',
  selectedRole: 'Disabled',
  agree: false,
  agreed: false,
  disputed: false,
  forward: false,
  forwarding: false,
  infoIs: 'disabled',
  learn: false,
  learning: false,
  newInfo: false,
  operEdge: false,
  proposed: false,
  proposing: false,
  reRoot: false,
  reselect: false,
  selected: false,
  sendRstp: true,
  sync: false,
  synced: false,
  updtInfo: false,
  rcvdBpdu: false,
  rcvdMsg: false,
  rcvdRstp: false,
  rcvdStp: false,
  rcvdTc: false,
  rcvdTcAck: false,
  rcvdTcn: false,
  tcAck: false,
  tcProp: false,
  txCount: 0,
  message: undefined,
  msgPriority: noVector,
  msgTimes: noTimes,
  portPriority: noVector,
  portTimes: times,
  designatedPriority: noVector,
  designatedTimes: times,
  timers: {
    edgeDelay: 0,
    forwardDelay: 0,
    hello: 0,
    migrateDelay: 0,
    recentBackup: 0,
    receivedInfo: 0,
    recentRoot: 0,
    change: 0,
  },
  counts: { sent: 0, received: 0, bad: 0 },
  since: now,
  machines: {
    receive: { state: 'discard', isNew: true },
    bridgeDetection: { state: 'begin', isNew: false },
    information: { state: 'disabled', isNew: true },
    roleTransition: { state: 'initPort', isNew: true },
    stateTransition: { state: 'discarding', isNew: true },
    topologyChange: { state: 'inactive', isNew: true },
    transmit: { state: 'init', isNew: true },
    migration: { state: 'checking', isNew: true },
  },
})

/** Its number in the tree, 1 to 4095. */
export const portNumber = ({ id }: Pick<RstpPort, 'id'>): number => id & 0xfff

/** Whether it is on the way of frames to or from the root. */
export const isActive = ({ role }: RstpPort): boolean => role === 'Root' || role === 'Designated'

/** What a message says of the tree; undefined for one that only tells of a change. */
export const treeOf = (bpdu: Bpdu | undefined): TreeMessage | undefined =>
  bpdu === undefined || bpdu.kind === 'change' ? undefined : bpdu
