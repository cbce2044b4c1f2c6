import type { Command, Process } from '../../../command.ts'
import { Refusal } from '../refusal.ts'
import { address } from './address.ts'
import type { IpObject, IpOptions } from './call.ts'
import { link } from './link.ts'
import { maddr } from './maddr.ts'
import { neigh } from './neigh.ts'
import { enterNamespace, netns } from './netns.ts'
import { route } from './route.ts'
import { rule } from './rule.ts'
import { tuntap } from './tuntap.ts'
import { ipHelp } from './usage.ts'
import { abbreviated, Words, wrong } from './words.ts'

/** Objects in the order in which an abbreviation is tried: `n` is neighbor, `net` netns. */
const objects: Readonly<Record<string, IpObject>> = {
  address,
  route,
  rule,
  neighbor: neigh,
  neighbour: neigh,
  link,
  tuntap,
  tap: tuntap,
  netns,
  maddress: maddr,
}

const flags = [
  '-family',
  '-4',
  '-6',
  '-human-readable',
  '-stats',
  '-statistics',
  '-details',
  '-resolve',
  '-oneline',
  '-timestamp',
  '-tshort',
  '-Version',
  '-force',
  '-batch',
  '-brief',
  '-json',
  '-pretty',
  '-color',
  '-help',
  '-netns',
  '-Numeric',
  '-all',
] as const

/** ip(8) of iproute2 6.1. */
export const ip: Command = function* (process) {
  const words = new Words(process.args.slice(1))
  const warnings: string[] = []
  try {
    const options = readOptions(process, words)
    if (options === 'version') {
      yield* process.print('ip utility, iproute2-6.1.0, libbpf 1.1.2\n')
      return 0
    }
    const word = words.next()
    if (word === undefined) throw new Refusal(ipHelp, 255)
    const name = abbreviated(word, [...Object.keys(objects), 'help'])
    if (name === 'help') throw new Refusal(ipHelp, 255)
    const object = name === undefined ? undefined : objects[name]
    if (object === undefined) throw new Refusal(`Object "${word}" is unknown, try "ip help".`, 1)
    const result = object({ process, namespace: process.namespace, options, words, warnings })
    for (const warning of warnings) yield* process.error(warning)
    if (typeof result !== 'string') return yield* result
    yield* process.print(result)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    for (const warning of warnings) yield* process.error(warning)
    return yield* process.fail(error.text, error.status)
  }
}

const readOptions = (process: Process, words: Words): IpOptions | 'version' => {
  const options: IpOptions = {
    family: undefined,
    statistics: 0,
    details: false,
    oneline: false,
    brief: false,
    json: false,
    pretty: false,
    all: false,
  }
  for (let word = words.peek; word?.startsWith('-'); word = words.peek) {
    words.next()
    if (word === '--') break
    const given = word.startsWith('--') ? word.slice(1) : word
    // Colours never are wanted here; `-color=always` is read and left.
    switch (given.startsWith('-c') ? '-color' : abbreviated(given, flags)) {
      case '-family':
        options.family = familyNamed(words.need())
        break
      case '-4':
        options.family = 4
        break
      case '-6':
        options.family = 6
        break
      case '-stats':
      case '-statistics':
        options.statistics++
        break
      case '-details':
        options.details = true
        break
      case '-oneline':
        options.oneline = true
        break
      case '-brief':
        options.brief = true
        break
      case '-json':
        options.json = true
        break
      case '-pretty':
        options.pretty = true
        break
      case '-all':
        options.all = true
        break
      case '-netns':
        enterNamespace(process, words.next())
        break
      case '-Version':
        return 'version'
      case '-help':
        throw new Refusal(ipHelp, 255)
      case '-batch':
        throw new Refusal('Cannot open file "(null)" for reading: batches are not read here', 1)
      case undefined:
        throw new Refusal(`Option "${given}" is unknown, try "ip -help".`, 255)
      default:
    }
  }
  return options
}

const familyNamed = (word: string): 4 | 6 => {
  if (word === 'inet') return 4
  if (word === 'inet6') return 6
  throw wrong(word, 'invalid protocol family')
}
