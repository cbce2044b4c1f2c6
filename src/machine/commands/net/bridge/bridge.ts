import type { Command, Process } from '../../../command.ts'
import { enterNamespace } from '../ip/netns.ts'
import { abbreviated, Words } from '../ip/words.ts'
import { Refusal } from '../refusal.ts'
import { type BridgeCall, kernelSays } from './call.ts'
import { fdb } from './fdb.ts'
import { link } from './link.ts'

const usage = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | vlan }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -n[etns] name | -p[retty] | -j[son] }`

/** VLANs, which bridges of this kernel do not tell apart: there is nothing to show, and what is asked for is refused. */
const vlan = ({ words, options }: BridgeCall): string => {
  const word = words.next() ?? 'show'
  const command = abbreviated(word, ['add', 'delete', 'set', 'show', 'lst', 'list', 'help'])
  if (command === undefined) throw new Refusal(`Command "${word}" is unknown, try "bridge vlan help".`, 255)
  if (command === 'delete') return ''
  if (command === 'add' || command === 'set') throw kernelSays('EOPNOTSUPP')
  return options.json ? '[]\n' : 'port              vlan-id  \n'
}

const objects: Readonly<Record<string, (call: BridgeCall) => string>> = { link, fdb, vlan }

/** bridge(8) of iproute2 6.1. */
export const bridge: Command = function* (process) {
  const words = new Words(process.args.slice(1))
  try {
    const options = readOptions(process, words)
    if (options === 'version') {
      yield* process.print('bridge utility, 6.1.0\n')
      return 0
    }
    const word = words.next()
    const name = word === undefined ? 'help' : abbreviated(word, [...Object.keys(objects), 'help'])
    if (name === 'help') throw new Refusal(usage, 255)
    const object = name === undefined ? undefined : objects[name]
    if (object === undefined) throw new Refusal(`Object "${word}" is unknown, try "bridge help".`, 255)
    yield* process.print(object({ namespace: process.namespace, words, options }))
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const flags = [
  '-help',
  '-Version',
  '-stats',
  '-statistics',
  '-details',
  '-oneline',
  '-timestamp',
  '-family',
  '-netns',
  '-compressvlans',
  '-force',
  '-json',
  '-pretty',
  '-color',
  '-batch',
] as const

const readOptions = (process: Process, words: Words): BridgeCall['options'] | 'version' => {
  const options = { statistics: false, details: false, json: false, pretty: false, oneline: false }
  for (let word = words.peek; word?.startsWith('-'); word = words.peek) {
    words.next()
    if (word === '--') break
    const given = word.startsWith('--') ? word.slice(1) : word
    const name = abbreviated(given, flags)
    if (name === '-Version') return 'version'
    if (name === '-help') throw new Refusal(usage, 255)
    if (name === '-stats' || name === '-statistics') options.statistics = true
    else if (name === '-details') options.details = true
    else if (name === '-json') options.json = true
    else if (name === '-pretty') options.pretty = true
    else if (name === '-oneline') options.oneline = true
    else if (name === '-netns') enterNamespace(process, words.next())
    else if (name === '-batch') throw new Refusal('Cannot open file "(null)" for reading: batches are not read here', 1)
    else if (name === undefined) throw new Refusal(`Option "${given}" is unknown, try "bridge help".`, 255)
  }
  return options
}
