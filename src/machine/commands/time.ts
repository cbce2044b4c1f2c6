import { sleep as pause } from '../../runtime/index.ts'
import type { Command, Commands } from '../command.ts'
import { parseOptions, usage } from '../options.ts'
import { signalOf } from '../signals.ts'

const units: Record<string, number> = { '': 1e9, s: 1e9, m: 60e9, h: 3600e9, d: 86400e9 }

/** Nanoseconds of `1.5`, `2m`; undefined for what is no time interval. */
export const interval = (text: string): number | undefined => {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (units[match[2] as string] as number)
}

/** sleep(1): the sum of its intervals. `infinity` is a very long time. */
const sleep: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {})
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const words = parsed.operands
  if (words.length === 0) return yield* usage(process, 'missing operand')
  let total = 0
  let wrong = false
  for (const word of words) {
    const duration = word === 'infinity' || word === 'inf' ? 1e18 : interval(word)
    if (duration === undefined) {
      yield* process.error(`sleep: invalid time interval '${word}'`)
      wrong = true
    } else total += duration
  }
  if (wrong) return yield* process.fail("Try 'sleep --help' for more information.")
  yield* pause(process.clock, total)
  return 0
}

/** timeout(1): ends a command after a time, status 124; `-s SIGNAL`, `-k` is read and ignored. */
const timeout: Command = function* (process) {
  const parsed = parseOptions(
    process.args.slice(1),
    { s: 'required', signal: 'required', k: 'required', 'preserve-status': 'none' },
    true,
  )
  if (!parsed.ok) return yield* usage(process, parsed.error, 125)
  const [text, ...words] = parsed.operands
  if (text === undefined || words[0] === undefined)
    return yield* process.fail("Try 'timeout --help' for more information.", 125)
  const limit = interval(text)
  if (limit === undefined) return yield* usage(process, `invalid time interval '${text}'`, 125)
  const given = parsed.options.find(option => option.name[0] === 's')?.value ?? 'TERM'
  const signal = signalOf(given)
  if (signal === undefined) return yield* usage(process, `${given}: invalid signal`, 125)
  const found = process.machine.find(words[0], process)
  if (found.kind !== 'command')
    return yield* process.fail(`timeout: failed to run command '${words[0]}': No such file or directory`, 127)
  const child = process.spawn(found.command, { args: words })
  let late = false
  const cancel = process.clock.at(process.clock.now() + limit, () => {
    late = true
    child.signal(signal)
  })
  try {
    const status = yield* child.wait()
    return late && signal !== 'KILL' && !parsed.options.some(option => option.name === 'preserve-status') ? 124 : status
  } finally {
    if (limit > 0) cancel()
  }
}

const uptime: Command = function* (process) {
  const seconds = Math.floor((process.clock.now() - process.machine.booted) / 1e9)
  const at = new Date(process.machine.wallTime()).toISOString().slice(11, 19)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  const length =
    hours % 24 > 0
      ? `${String(hours % 24).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`
      : `${minutes % 60} min`
  const whole = days > 0 ? `${days} day${days > 1 ? 's' : ''}, ${length}` : length
  yield* process.print(` ${at} up ${whole},  1 user,  load average: 0.00, 0.00, 0.00\n`)
  return 0
}

/** Programs that deal with time. */
export const timeCommands: Commands = { sleep, timeout, uptime }
