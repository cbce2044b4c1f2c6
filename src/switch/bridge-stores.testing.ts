import type { Match } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import { plainFlowMod } from '../openflow/flow-mod.ts'
import { type Bucket, type GroupMod, noSelection, OfBucket } from '../openflow/group.ts'
import { silent } from '../runtime/log.ts'
import { Bridge } from './bridge.ts'
import type { FlowChange } from './flow-change.ts'
import type { FlowRemoved } from './packet-in.ts'

/** A bridge by itself, in a time that tests set, which writes down what controllers would be told. */
export class Stores {
  time = 0
  changes = 0
  told: string[] = []
  readonly bridge: Bridge

  constructor() {
    this.bridge = new Bridge('br0', 1, {
      now: () => this.time,
      at: () => () => {},
      log: silent,
      pullStats() {},
      changed: () => void this.changes++,
      changedMacs() {},
      packetOut() {},
    })
    this.bridge.configure({ failMode: 'secure' })
    this.bridge.setController({
      packetIn() {},
      flowRemoved: ({ rule, reason }: FlowRemoved) => void this.told.push(`${rule.priority} ${reason}`),
      tableStatus: (table, reason) => void this.told.push(`table ${table} ${reason}`),
    })
  }

  priorities(): number[] {
    return this.bridge.flows
      .dump()
      .map(({ priority }) => priority)
      .sort((a, b) => a - b)
  }
}

export const output = (port: number): OfAction => ({ type: 'output', port })
export const toGroup = (group: number): OfAction => ({ type: 'group', group })

/** A flow_mod; what is not given is as ovs-ofctl leaves it. */
export const flowMod = (change: Partial<FlowChange> & { match?: Match }): FlowChange => ({
  ...plainFlowMod('add'),
  table: 0,
  ...change,
})

export const bucket = (actions: OfAction[], id?: number): Bucket => ({
  id,
  weight: 0,
  watchPort: undefined,
  watchGroup: undefined,
  actions,
})

export const groupMod = (change: Partial<GroupMod>): GroupMod => ({
  command: 'add',
  type: 'all',
  group: 1,
  commandBucket: OfBucket.all,
  buckets: [bucket([output(1)])],
  selection: noSelection,
  ...change,
})
