import { unixctl } from '../vswitchd/appctl.ts'
import type { Program } from './program.ts'

const help = `ovs-appctl, for querying and controlling Open vSwitch daemon
usage: ovs-appctl [TARGET] COMMAND [ARG...]
Targets:
  -t, --target=TARGET  pidfile or socket to contact
Common commands:
  list-commands      List commands supported by the target
  version            Print version of the target
`

/** `ovs-appctl`: one command for the daemon's control socket, and its answer. */
export const appctl: Program = function* (args, stdio, connect) {
  const words: string[] = []
  let target = 'ovs-vswitchd'
  for (let at = 1; at < args.length; at++) {
    const word = args[at] as string
    // Options end where the command begins: what follows is the command's.
    if (!word.startsWith('-')) {
      words.push(...args.slice(at))
      break
    }
    const option = /^--(target|timeout)(?:=(.*))?$/.exec(word) ?? /^-([tT])(.*)$/.exec(word)
    if (option !== null) {
      const value = option[2] || args[++at]
      if (value === undefined) {
        yield* stdio.error(`ovs-appctl: option requires an argument -- '${option[1]}'`)
        return 1
      }
      if (option[1] === 't' || option[1] === 'target') target = value
    } else if (word === '-h' || word === '--help') {
      yield* stdio.print(help)
      return 0
    } else if (word === '-V' || word === '--version') {
      yield* stdio.print('ovs-appctl (Open vSwitch) 3.1.0\n')
      return 0
    } else {
      yield* stdio.error(
        `ovs-appctl: ${word.startsWith('--') ? `unrecognized option '${word}'` : `invalid option -- '${word[1]}'`}`,
      )
      return 1
    }
  }
  const [name, ...rest] = words
  if (name === undefined) {
    yield* stdio.error('ovs-appctl: at least one non-option argument is required (use --help for help)')
    return 1
  }
  const daemon = target.includes('vswitchd') ? connect.vswitchd() : undefined
  const path = target.startsWith('/') ? target : `/var/run/openvswitch/${target}`
  if (daemon === undefined) {
    yield* stdio.error(`ovs-appctl: cannot read pidfile "${path}.pid" (No such file or directory)`)
    return 1
  }
  const answer = unixctl(daemon, name, rest)
  if (answer.ok) {
    yield* stdio.print(answer.text)
    return 0
  }
  yield* stdio.error(answer.error)
  yield* stdio.error(`ovs-appctl: ${path}: server returned an error`)
  return 2
}
