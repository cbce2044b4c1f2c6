import type { BundleMod } from '../flow-bundle.ts'
import type { Requestor } from '../rule.ts'

/** A message of a bundle. `bytes` is the one that added it, kept so that an error can quote it. */
export type BundleEntry = { mod: BundleMod; by: Requestor; bytes: Uint8Array }
