import type { Warn } from '../../openflow/index.ts'
import { type Duplex, start, type Task, type Wait } from '../../runtime/index.ts'
import { otherParts } from '../daemon/index.ts'
import { dieInTime, dieOfSignals } from '../endings.ts'
import type { Connect, Program, Stdio } from '../program.ts'
import { ofctlModules, openLog } from '../vlog/index.ts'
import { paintFor } from './colors.ts'
import { type Call, flushLog, type OfctlCommand } from './command.ts'
import { commands } from './commands.ts'
import { commandList, ofctlHelp } from './help.ts'
import { type Options, optionList, parseOptions } from './options.ts'

/** `ovs-ofctl`: asks and tells a switch in OpenFlow's terms. */
export const ofctl: Program = function* (args, stdio, connect) {
  const fail = function* (text: string): Task<number> {
    yield* stdio.error(`ovs-ofctl: ${text}`)
    return 1
  }
  const parsed = parseOptions(args.slice(1))
  if (!parsed.ok) return yield* fail(parsed.error)
  const { options, words } = parsed
  if (options.shows !== undefined) {
    yield* stdio.print(shown(options.shows, connect))
    return 0
  }
  const [name, ...rest] = words
  if (name === undefined) return yield* fail('missing command name; use --help for help')
  if (name === 'help' || name === 'list-commands') {
    yield* stdio.print(name === 'help' ? ofctlHelp(connect.runDirectory) : commandList)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return yield* fail(`unknown command '${name}'; use --help for help`)
  const { min, max, readWrite } = command
  if (rest.length < min) return yield* fail(`'${name}' command requires at least ${min} arguments`)
  if (rest.length > max) return yield* fail(`'${name}' command takes at most ${max} arguments`)
  if (readWrite && options.readOnly) return yield* fail(`'${name}' command does not work in read only mode`)
  if (command.stays) {
    const status = yield* otherParts({ program: 'ovs-ofctl', modules: ofctlModules }, options, stdio, connect)
    if (status !== undefined) return status
  }
  return yield* run(command, rest, options, stdio, connect)
}

const shown = (what: NonNullable<Options['shows']>, { runDirectory }: Connect): string => {
  if (what === 'help') return ofctlHelp(runDirectory)
  return what === 'options' ? optionList : 'ovs-ofctl (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n'
}

/** That a number of a port is deprecated is said of the first only. */
const withOneDeprecation = (warn: Warn): Warn => {
  let said = false
  return (module, text, level) => {
    const deprecates = module === 'ofp_port' && text.startsWith('referring to port')
    if (!deprecates || !said) warn(module, text, level)
    said ||= deprecates
  }
}

/** Runs a command until it ends, by itself or where it stands. */
function* run(
  command: OfctlCommand,
  args: readonly string[],
  options: Options,
  stdio: Stdio,
  connect: Connect,
): Task<number> {
  let status: number | undefined
  let ended = (): void => {}
  const exit = (with_: number): Wait => {
    return () => {
      status = with_
      ended()
      return () => {}
    }
  }
  const { log, usable } = openLog(connect, { program: 'ovs-ofctl', modules: ofctlModules, steps: options.logging })
  if (!usable) {
    yield* flushLog({ log, stdio })
    return 1
  }
  const secure = { tls: options.tls, log: log.warn }
  const tls = Object.keys(options.tls).length === 0 ? {} : (connect.system?.checkTls(secure) ?? options.tls)
  const opened: Duplex[] = []
  const remembering: Connect = {
    ...connect,
    *open(remote, secure) {
      const duplex = yield* connect.open(remote, secure)
      if (typeof duplex !== 'string') opened.push(duplex)
      return duplex
    },
  }
  let xid = 0
  const known: Call['known'] = { ports: new Map(), tables: new Map() }
  const call: Call = {
    program: 'ovs-ofctl',
    args,
    options,
    stdio,
    connect: remembering,
    log,
    warn: withOneDeprecation(log.warn),
    paint: paintFor(options.color, stdio),
    tls,
    xid: () => ++xid,
    known,
    counters: { vconn_open: 0, vconn_sent: 0, vconn_received: 0 },
    exit,
  }
  let failure: { error: unknown } | undefined
  const running = start(command.run(call), {
    done(value) {
      status = value
      ended()
    },
    failed(error) {
      failure = { error }
      ended()
    },
  })
  try {
    if (status === undefined && failure === undefined)
      yield resume => {
        ended = resume
        const die = (value: number): void => {
          status = value
          resume()
        }
        const cancels = [dieInTime(call, die), dieOfSignals(call, die)]
        return () => {
          for (const cancel of cancels) cancel()
        }
      }
  } finally {
    running.stop()
    for (const duplex of opened) duplex.close()
  }
  if (failure !== undefined) throw (failure as { error: unknown }).error
  yield* flushLog(call)
  return status as unknown as number
}
