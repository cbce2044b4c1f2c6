/** All actions. A new one is a file in this folder and a line here. */
import type { OfAction } from '../action.ts'
import type { ActionKind, AnyKind } from './codec.ts'

export const kinds: readonly AnyKind[] = []

/** Kinds by their type. */
export const kindsByType: { readonly [T in OfAction['type']]?: ActionKind<T> } = Object.fromEntries(
  kinds.map(kind => [kind.type, kind]),
)
