/** Commands that stay: they take what the server says until they are told to end, perhaps in the background. */
import { Signal, type Task } from '../../runtime/index.ts'
import { reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import { goOn, holdPidFile, openControl, Stay } from '../daemon/index.ts'
import { type Call, fatal } from './call.ts'
import type { Notification, Server } from './server.ts'

/** Gives all that a server says to `take`, until the command is told to end. */
export type Listen = (server: Server, take: (heard: Notification) => Task<void>) => Task<number>

/**
 * Runs a command that stays, with its pid file held. A process in the background has `commands`, and `exit`, for
 * `ovs-appctl`; whoever started it waits until `run` listens.
 */
export function* staying(call: Call, commands: ControlCommands, run: (listen: Listen) => Task<number>): Task<number> {
  const { clock } = call.connect
  const changed = new Signal()
  let exiting = false
  const exit = answering({ usage: '', min: 0, max: 0 }, () => {
    // The answer comes first.
    clock.at(clock.now(), () => {
      exiting = true
      changed.wake()
    })
    return reply('')
  })
  const stay = new Stay()
  try {
    const held = holdPidFile(call, stay)
    if (held !== undefined) return yield* fatal(call, held)
    if (call.options.detach) {
      const shut = yield* openControl(call, stay, { ...commands, exit })
      if (shut !== undefined) return yield* fatal(call, `failed to create unixctl server (${shut})`)
    }
    return yield* run(function* (server, take) {
      yield* goOn(call)
      while (!exiting) {
        const heard = yield* server.hear(changed.wait)
        if (heard !== undefined) yield* take(heard)
      }
      return 0
    })
  } finally {
    stay.end()
  }
}
