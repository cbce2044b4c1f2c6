/** The bytes of the lists of actions in one reply: many flows share a list (`RecentActions`), and it is put into words once. */
import type { OfAction } from './action.ts'
import type { Precondition } from './action-version.ts'
import { encodeInstructions } from './action-wire.ts'
import type { Writer } from './bytes.ts'
import type { Version } from './protocol.ts'

/** So many lists are remembered. */
const most = 256

export class WrittenLists {
  private readonly known = new Map<readonly OfAction[], { before: Precondition; bytes: Uint8Array }>()
  private readonly version: Version

  constructor(version: Version) {
    this.version = version
  }

  /** As `encodeInstructions`; `before` is one of those that `preconditionOf` gives. */
  write(out: Writer, actions: readonly OfAction[], before: Precondition): void {
    const { known } = this
    const found = known.get(actions)
    if (found?.before === before) {
      out.raw(found.bytes)
      return
    }
    const start = out.at
    encodeInstructions(out, actions, this.version, before)
    if (known.size >= most) known.clear()
    known.set(actions, { before, bytes: out.bytes.slice(start, out.at) })
  }
}
