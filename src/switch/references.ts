import type { OfAction } from '../openflow/action.ts'
import type { OfErrorName } from '../openflow/error.ts'
import { actionsWhere } from './action-lists.ts'
import type { Rule } from './rule.ts'

/** Something that flows refer to by number: a group, a meter. */
export type Referred = {
  readonly users: Set<Rule>
  /** How many actions refer to it; a flow may have several. */
  references: number
}

/** Where the groups and meters are that flows refer to; without them, flows may name any. */
export type ReferredBy = {
  group?(id: number): Referred | undefined
  meter?(id: number): Referred | undefined
}

type Referring = Extract<OfAction, { type: 'group' | 'meter' }>
const isReferring = (action: OfAction): action is Referring => action.type === 'group' || action.type === 'meter'

/** Keeps account of which flows use which groups and meters. */
export class References {
  private readonly by: ReferredBy

  constructor(by: ReferredBy) {
    this.by = by
  }

  /** Whether all that actions refer to is there. */
  check(actions: readonly OfAction[]): OfErrorName | undefined {
    const { by } = this
    for (const action of actionsWhere(actions, isReferring)) {
      if (action.type === 'group' && by.group !== undefined && by.group(action.group) === undefined)
        return 'OFPBAC_BAD_OUT_GROUP'
      if (action.type === 'meter' && by.meter !== undefined && by.meter(action.meter) === undefined)
        return 'OFPMMFC_INVALID_METER'
    }
    return undefined
  }

  add(rule: Rule): void {
    for (const action of actionsWhere(rule.actions, isReferring)) {
      const referred = this.of(action)
      referred?.users.add(rule)
      if (referred !== undefined) referred.references++
    }
  }

  remove(rule: Rule): void {
    for (const action of actionsWhere(rule.actions, isReferring)) {
      const referred = this.of(action)
      if (referred?.users.has(rule) === true) referred.references--
    }
    for (const action of actionsWhere(rule.actions, isReferring)) this.of(action)?.users.delete(rule)
  }

  private of(action: Referring): Referred | undefined {
    return action.type === 'group' ? this.by.group?.(action.group) : this.by.meter?.(action.meter)
  }
}
