import type { OfAction } from '../openflow/action.ts'

/** Actions and, after each that has some, those inside it: `write_actions`, `clone`, `ct`. */
export function* flattened(actions: readonly OfAction[]): Generator<OfAction> {
  for (const action of actions) {
    yield action
    if (action.type === 'write_actions' || action.type === 'clone' || action.type === 'ct')
      yield* flattened(action.actions)
  }
}

/** Whether actions have others inside them, of kinds that matter here. Most have not. */
const hasNested = (actions: readonly OfAction[]): boolean => {
  for (const { type } of actions) if (type === 'write_actions' || type === 'clone' || type === 'ct') return true
  return false
}

/** All of these actions that pass `wanted`, inner ones too. */
export const actionsWhere = <A extends OfAction>(
  actions: readonly OfAction[],
  wanted: (action: OfAction) => action is A,
): readonly A[] => {
  let found: A[] | undefined
  for (const action of hasNested(actions) ? flattened(actions) : actions)
    if (wanted(action)) {
      found ??= []
      found.push(action)
    }
  return found ?? nothing
}
const nothing: readonly never[] = []

/** Whether any of these actions, inner ones too, passes. */
export const some = (actions: readonly OfAction[], passes: (action: OfAction) => boolean): boolean => {
  for (const action of hasNested(actions) ? flattened(actions) : actions) if (passes(action)) return true
  return false
}

/** Whether lists say the same. Actions are plain values, with their keys in the order of the parser or decoder. */
export const equalActions = (a: readonly OfAction[], b: readonly OfAction[]): boolean =>
  a === b || (a.length === b.length && asText(a) === asText(b))

const asText = (actions: readonly OfAction[]): string =>
  JSON.stringify(actions, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
