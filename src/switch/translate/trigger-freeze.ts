import type { Context, Freezing } from './context.ts'

/** Stops running actions; the rest is put by. */
export const triggerFreeze = (context: Context, what: Partial<Pick<Freezing, 'hash' | 'pause'>> = {}): void => {
  context.exited = true
  context.freezing = {
    hash: what.hash,
    // A pause that is not over is one of this, too.
    pause: what.pause ?? context.freezing?.pause,
  }
}
