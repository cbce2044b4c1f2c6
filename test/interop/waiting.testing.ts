/** Waiting for what will be, however busy the machine is. */

export const later = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Looks soon, then less and less often: looking may take a process. */
const [soonest, latest] = [5, 100]

/**
 * Waits until something holds; it fails after `patience` ms, which is far more than a machine needs that has much else to
 * do. `what` names what did not come, or tells more of it.
 */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what: string | (() => string),
  patience = 60_000,
): Promise<void> => {
  const end = Date.now() + patience
  for (let pause = soonest; !(await holds()); pause = Math.min(pause * 1.5, latest)) {
    if (Date.now() > end) throw new Error(`never came: ${typeof what === 'string' ? what : what()}`)
    await later(pause)
  }
}
