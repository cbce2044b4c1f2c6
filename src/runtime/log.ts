/** Levels as Open vSwitch names them, most urgent first. */
export const levels = ['emer', 'err', 'warn', 'info', 'dbg'] as const
export type Level = (typeof levels)[number]

/** Where a part of the program says what happened; `module` names the part, as in `bridge` or `vxlan`. */
export type Log = (module: string, level: Level, text: string) => void

export const silent: Log = () => {}

/** Keeps the last lines, for a test or for a user who asks. */
export const recording = (limit = 1000): { log: Log; lines: string[] } => {
  const lines: string[] = []
  return {
    lines,
    log: (module, level, text) => {
      lines.push(`${module}|${level.toUpperCase()}|${text}`)
      if (lines.length > limit) lines.shift()
    },
  }
}
