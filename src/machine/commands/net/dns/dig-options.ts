import { parseIp } from '../../../../wire/address.ts'
import { DnsClass, DnsType } from '../../../../wire/dns.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import { Refusal } from '../refusal.ts'
import { reverseName } from './reverse-name.ts'
import { classOf, typeOf } from './type-names.ts'

/** One question of dig's command line; `server` is undefined for those of resolv.conf. */
export type DigLookup = { name: string; type: number; class: number }

/** What `+…` switches; what dig prints are the ones that are on at first. */
export type DigFlags = Record<
  | 'cmd'
  | 'comments'
  | 'question'
  | 'answer'
  | 'authority'
  | 'additional'
  | 'stats'
  | 'short'
  | 'tcp'
  | 'recurse'
  | 'edns'
  | 'dnssec'
  | 'search'
  | 'ignore',
  boolean
>

export type DigOptions = {
  lookups: DigLookup[]
  server: string | undefined
  port: number
  flags: DigFlags
  /** Seconds, and how often. */
  time: number
  tries: number
  size: number
  warnings: string[]
  family: 4 | 6 | undefined
}

export const digUsage = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options`

const wrong = (word: string): Refusal => new Refusal(`Invalid option: ${word}\n${digUsage}`, 1)

/** Reads dig's arguments. Options hold for all questions, wherever they are. */
export const readDigOptions = (args: readonly string[]): DigOptions => {
  const on = { cmd: true, comments: true, question: true, answer: true, authority: true, additional: true, stats: true }
  const off = { short: false, tcp: false, dnssec: false, search: false, ignore: false }
  const options: DigOptions = {
    lookups: [],
    server: undefined,
    port: 53,
    flags: { ...on, ...off, recurse: true, edns: true },
    time: 5,
    tries: 3,
    size: 1232,
    warnings: [],
    family: undefined,
  }
  let type: number | undefined
  let kind: number = DnsClass.IN
  const names: DigLookup[] = []
  const setType = (found: number): void => {
    const last = names.at(-1)
    if (last === undefined) type = found
    else last.type = found
  }
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const value = (letter: string): string => {
      const attached = word.slice(letter.length)
      const given = attached === '' ? args[++i] : attached
      if (given === undefined) throw wrong(word)
      return given
    }
    if (word.startsWith('@')) options.server = word.slice(1)
    else if (word.startsWith('+')) switchFlag(options, word)
    else if (word === '-4' || word === '-6') options.family = word === '-4' ? 4 : 6
    else if (word.startsWith('-x')) {
      const ip = parseIp(value('-x'))
      if (ip === undefined) throw new Refusal(`Invalid IP address ${args[i]}`, 1)
      names.push({ name: reverseName(ip), type: DnsType.PTR, class: DnsClass.IN })
    } else if (word.startsWith('-p')) options.port = Number(value('-p'))
    else if (word.startsWith('-t')) {
      const text = value('-t')
      const found = typeOf(text)
      if (found === undefined) options.warnings.push(`;; Warning, ignoring invalid type ${text}`)
      else setType(found)
    } else if (word.startsWith('-c')) {
      const text = value('-c')
      const found = classOf(text)
      if (found === undefined) options.warnings.push(`;; Warning, ignoring invalid class ${text}`)
      else kind = found
    } else if (word.startsWith('-q')) names.push({ name: value('-q'), type: type ?? DnsType.A, class: kind })
    else if (word.startsWith('-')) throw wrong(word)
    else if (typeOf(word) !== undefined) setType(typeOf(word) as number)
    else if (classOf(word) !== undefined) {
      kind = classOf(word) as number
      for (const each of names) each.class = kind
    } else names.push({ name: word, type: type ?? DnsType.A, class: kind })
  }
  for (const lookup of names) {
    if (parseName(lookup.name) === undefined) throw new Refusal(`dig: '${lookup.name}' is not a legal name`, 10)
    const absolute = lookup.name.endsWith('.') ? lookup.name : `${lookup.name}.`
    options.lookups.push({ ...lookup, name: absolute, class: kind })
  }
  if (names.length === 0) options.lookups.push({ name: '.', type: type ?? DnsType.NS, class: kind })
  return options
}

const switchFlag = (options: DigOptions, word: string): void => {
  const [text = '', value] = word.slice(1).split('=')
  const isOn = !text.startsWith('no')
  const name = isOn ? text : text.slice(2)
  const { flags } = options
  const number = value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
  if (name === 'all') {
    for (const each of ['comments', 'question', 'answer', 'authority', 'additional', 'stats'] as const)
      flags[each] = isOn
    if (!isOn) flags.cmd = false
  } else if (name === 'time' || name === 'timeout') options.time = Math.max(1, number ?? 5)
  else if (name === 'tries') options.tries = Math.max(1, number ?? 3)
  else if (name === 'retry') options.tries = (number ?? 2) + 1
  else if (name === 'bufsize') options.size = number ?? 1232
  else if (name === 'vc') flags.tcp = isOn
  else if (name === 'rec' || name === 'rdflag') flags.recurse = isOn
  else if (name === 'do') flags.dnssec = isOn
  else if (name === 'short') {
    flags.short = isOn
    if (isOn) flags.cmd = false
  } else if (Object.hasOwn(flags, name)) flags[name as keyof DigFlags] = isOn
  else if (!['cookie', 'adflag', 'idnin', 'idnout', 'keepopen', 'qr'].includes(name)) throw wrong(word)
}
