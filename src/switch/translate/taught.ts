import type { Rule } from '../rule.ts'

/**
 * The flows that a frame's own `learn` actions make. They are in their tables at once; but as in Open vSwitch, a frame sees a
 * bridge's flows as they were when it came in there: what it teaches a bridge it meets itself only when it comes there again,
 * through a patch port.
 */
export class Taught {
  /** What look-ups see in the place of a flow that was made since; nothing is seen of one that is newer than that. */
  private readonly rules = new Map<Rule, { at: number; before: Rule | undefined }>()
  private count = 0
  private seen = 0

  /** A flow was made, in the place of `before` if that was there. */
  add(rule: Rule, before: Rule | undefined): void {
    const hidden = before === undefined ? undefined : this.rules.get(before)
    const isHidden = hidden !== undefined && hidden.at >= this.seen
    // Whoever does not see the one does not see the other either.
    if (before !== undefined && isHidden) this.rules.delete(before)
    this.rules.set(rule, { at: this.count++, before: isHidden ? hidden.before : before })
  }

  /** Runs what a frame does in a bridge that it comes into now. */
  inBridge(run: () => void): void {
    const { seen } = this
    this.seen = this.count
    run()
    this.seen = seen
  }

  /** For a look-up: what it sees of a rule that it found. Undefined if all rules are seen as they are. */
  get standIn(): ((rule: Rule) => Rule | undefined) | undefined {
    return this.count > this.seen ? this.visible : undefined
  }

  private readonly visible = (rule: Rule): Rule | undefined => {
    let at: Rule | undefined = rule
    while (at !== undefined) {
      const taught = this.rules.get(at)
      if (taught === undefined || taught.at < this.seen) return at
      at = taught.before
    }
    return undefined
  }
}
