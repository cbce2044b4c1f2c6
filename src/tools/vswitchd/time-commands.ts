/** `time/stop` and `time/warp`: tests stop the clock of a switch and let it run on as far as they want. */
import { millisecond, type Task } from '../../runtime/index.ts'
import { type Reply, refuse, reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import type { SwitchHost } from './host.ts'

/** As atoi(3) reads it. */
const numberOf = (text: string): number => Number(/^\s*([+-]?[0-9]+)/.exec(text)?.[1] ?? 0)

function* warp(time: SwitchHost['time'], args: readonly string[]): Task<Reply> {
  const step = numberOf(args.at(-1) ?? '')
  const whole = args.length > 1 ? numberOf(args[0] ?? '') : step
  if (step <= 0 || whole < 0) return refuse('invalid MSECS')
  for (let left = whole; left > 0; left -= step) {
    time.warp(Math.min(step, left) * millisecond)
    yield* time.turn()
  }
  return reply('warped')
}

export const timeCommands = (time: SwitchHost['time']): ControlCommands => ({
  'time/stop': answering({ usage: '', min: 0, max: 0 }, () => {
    time.stop()
    return reply('')
  }),
  'time/warp': { usage: '[large_msecs] msecs', min: 1, max: 2, run: args => warp(time, args) },
})
