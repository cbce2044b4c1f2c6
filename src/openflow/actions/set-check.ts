import type { FieldName } from '../../flow/fields.ts'
import type { OfErrorName } from '../error.ts'
import { knows } from './check.ts'
import type { CheckState } from './codec.ts'

/** Whether every frame has the field that `set_field` or `load` writes. */
export const checkSetPrerequisites = (name: FieldName, state: CheckState): OfErrorName | undefined => {
  if (knows(state, name)) return undefined
  state.warn('ofp_actions', `set_field ${name} lacks correct prerequisites`)
  return 'OFPBAC_MATCH_INCONSISTENT'
}
