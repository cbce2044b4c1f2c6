import type { Program } from '../program.ts'
import { type Call, flushLog, warner } from './command.ts'
import { dumpCommands } from './dump.ts'
import { echoCommands } from './echo.ts'
import { flowCommands } from './flows.ts'
import { ofctlHelp } from './help.ts'
import { parseOptions } from './options.ts'
import { packetOutCommands } from './packet-out.ts'
import { portCommands } from './ports.ts'

const commands = { ...portCommands, ...dumpCommands, ...flowCommands, ...packetOutCommands, ...echoCommands }

/** `ovs-ofctl`: asks and tells a bridge in OpenFlow's terms. */
export const ofctl: Program = function* (args, stdio, connect) {
  const parsed = parseOptions(args.slice(1))
  const fail = (text: string) => stdio.error(`ovs-ofctl: ${text}`)
  if (!parsed.ok) {
    yield* fail(parsed.error)
    return 1
  }
  const { options, words } = parsed
  if (options.help) {
    yield* stdio.print(ofctlHelp)
    return 0
  }
  if (options.version) {
    yield* stdio.print('ovs-ofctl (Open vSwitch) 3.1.0\nOpenFlow versions 0x1:0x6\n')
    return 0
  }
  const [name, ...rest] = words
  if (name === undefined) {
    yield* fail('missing command name; use --help for help')
    return 1
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    yield* fail(`unknown command '${name}'; use --help for help`)
    return 1
  }
  if (rest.length < command.min || rest.length > command.max) {
    const limit = rest.length < command.min ? `requires at least ${command.min}` : `takes at most ${command.max}`
    yield* fail(`'${name}' command ${limit} arguments`)
    return 1
  }
  const call: Call = { args: rest, options, stdio, connect, ...warner(connect) }
  const result = yield* command.run(call)
  yield* flushLog(call)
  if (typeof result === 'number') return result
  yield* fail(result)
  return 1
}
