/**
 * How to take back what was done since `begin`: OpenFlow's bundles happen as a whole or not at all. Every store that can
 * change in a bundle notes for each change how to undo it; while no bundle is under way that costs nothing.
 */
export class Journal {
  private steps: (() => void)[] | undefined

  get isOpen(): boolean {
    return this.steps !== undefined
  }

  begin(): void {
    this.steps = []
  }

  /** Called after a change. */
  note(undo: () => void): void {
    this.steps?.push(undo)
  }

  /** What was done stays. */
  commit(): void {
    this.steps = undefined
  }

  /** Takes all back, the last change first. */
  rollBack(): void {
    const steps = this.steps ?? []
    this.steps = undefined
    for (let i = steps.length - 1; i >= 0; i--) steps[i]!()
  }
}
