/** What Node and browsers give to those who ask for nothing: a turn for other events, and somewhere to print. */
type Platform = {
  setImmediate?: (run: () => void) => unknown
  setTimeout?: (run: () => void, ms: number) => unknown
  process?: { stderr?: { write(text: string): unknown } }
}

const platform = globalThis as unknown as Platform

/** Lets the platform do what it has to, timers and signals too, and goes on. */
export const breathe = (): Promise<void> =>
  new Promise(resolve => {
    if (platform.setImmediate !== undefined) platform.setImmediate(resolve)
    else if (platform.setTimeout !== undefined) platform.setTimeout(resolve, 0)
    else resolve()
  })

/** Where Mininet prints: the standard error of the program, if it has one. */
export const printed = (text: string): void => {
  platform.process?.stderr?.write(text)
}
