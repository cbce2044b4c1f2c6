import { matchOf } from '../flow/match.ts'
import type { OfAction } from '../openflow/action.ts'
import type { FlowStore } from './flow-store.ts'
import { internalTable } from './flow-table.ts'

/** What register 0 is in the internal table, for a frame that no flow matched. */
export const InternalRegister = { toController: 1n, drop: 2n, dropFragment: 3n } as const

/**
 * The flows of table 254, which every bridge of Open vSwitch has: frames that nothing matches end there, with register 0
 * telling what is to become of them. They are shown to who asks for that table.
 */
export const addInternalFlows = (flows: FlowStore): void => {
  const add = (priority: number, match: Parameters<typeof matchOf>[0], actions: readonly OfAction[]): void => {
    flows.addInternal({ table: internalTable, priority, match: matchOf(match), actions })
  }
  add(0, { reg0: InternalRegister.toController }, [
    { type: 'controller', maxLength: 0xffff, reason: 'implicit_miss', controllerId: 0 },
  ])
  add(0, { reg0: InternalRegister.drop }, [])
  add(0, { reg0: InternalRegister.dropFragment }, [])
  add(2, { recirc_id: 0n }, [])
}
