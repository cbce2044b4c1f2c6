import { second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip } from '../../../../wire/address.ts'
import { type Dns, DnsClass, type DnsRecord, DnsType } from '../../../../wire/dns.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { bindVersion, whyText } from './dig.ts'
import { exchange, questionOf } from './exchange.ts'
import { dataText, headerLines, questionLine, sectionText } from './record-text.ts'
import { readResolvConf, tries } from './resolv-conf.ts'
import { resolveName } from './resolver.ts'
import { reverseName } from './reverse-name.ts'
import { rcodeName, typeName, typeOf } from './type-names.ts'

const usage = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]`

const letters = {
  a: 'none',
  d: 'none',
  r: 'none',
  T: 'none',
  v: 'none',
  V: 'none',
  w: 'none',
  '4': 'none',
  '6': 'none',
  t: 'required',
  W: 'required',
  R: 'required',
  p: 'required',
} as const

/** host(1) of BIND 9.18: what a name stands for, a line each. */
export const hostCommand: Command = function* (process) {
  try {
    const parsed = parseOptions(process.args.slice(1), letters)
    if (!parsed.ok) throw new Refusal(`host: ${parsed.error}\n${usage}`, 1)
    const has = (name: string): boolean => parsed.options.some(option => option.name === name)
    if (has('V')) {
      yield* process.error(`host ${bindVersion}`)
      return 0
    }
    const [name, server, ...more] = parsed.operands
    if (name === undefined || more.length > 0) throw new Refusal(usage, 1)
    const value = (letter: string): string | undefined =>
      parsed.options.findLast(option => option.name === letter)?.value
    const type = value('t')
    const wanted = has('a') ? DnsType.ANY : type === undefined ? undefined : typeOf(type)
    if (type !== undefined && wanted === undefined) throw new Refusal(`host: invalid type: ${type}`, 1)
    const run = new Run(process, {
      verbose: has('v') || has('d') || has('a'),
      tcp: has('T') || wanted === DnsType.ANY,
      recurse: !has('r'),
      time: Number(value('W') ?? 5),
      tries: Number(value('R') ?? 1) + 1,
      port: Number(value('p') ?? 53),
      servers: yield* serversFor(process, server),
    })
    if (server !== undefined) run.using = server
    return yield* run.look(name, wanted)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

/** The servers to ask: the one that is named, or those of resolv.conf. */
export function* serversFor(process: Process, server: string | undefined): Task<Ip[]> {
  if (server === undefined) {
    const { servers } = readResolvConf(process)
    return servers.length > 0 ? servers : [0x7f000001]
  }
  const numeric = numericIp(server)
  if (numeric !== undefined) return [numeric]
  const found = yield* resolveName(process, server)
  if (!found.ok)
    throw new Refusal(
      `${process.args[0]}: couldn't get address for '${server}': ${found.why === 'name' ? 'not found' : 'failure'}`,
      1,
    )
  return found.addresses
}

type HostOptions = {
  verbose: boolean
  tcp: boolean
  recurse: boolean
  time: number
  tries: number
  port: number
  servers: readonly Ip[]
}

class Run {
  /** The server as it was named; told once, with the first answer. */
  using: string | undefined
  private readonly process: Process
  private readonly options: HostOptions

  constructor(process: Process, options: HostOptions) {
    this.process = process
    this.options = options
  }

  *look(name: string, wanted: number | undefined): Task<number> {
    const ip = numericIp(name)
    if (ip !== undefined) return yield* this.one([reverseName(ip)], wanted ?? DnsType.PTR, true)
    if (parseName(name) === undefined)
      throw new Refusal(`host: convert UTF-8 textname to IDN encoding: ${name} is not a legal name`, 1)
    const names = tries(name, readResolvConf(this.process))
    if (wanted !== undefined) return yield* this.one(names, wanted, true)
    let status = 0
    let told: Dns | undefined
    // What the name really is, once that is known, is not told again.
    let target: string[] = names
    for (const type of [DnsType.A, DnsType.AAAA, DnsType.MX]) {
      const before = status
      status = yield* this.one(target, type, false, message => {
        told = message
        const alias = message.answers.findLast(record => record.type === DnsType.CNAME)
        const [asked] = message.questions
        target = [alias?.data.kind === 'name' ? alias.data.name : (asked?.name ?? target[0]!)]
      })
      if (status !== 0 && (told === undefined || told.answers.length === 0) && type === DnsType.A) return status
      status = Math.max(before, status)
    }
    return status
  }

  private *one(names: readonly string[], type: number, alone: boolean, told?: (message: Dns) => void): Task<number> {
    const { process, options } = this
    for (const [i, name] of names.entries()) {
      if (options.verbose) yield* process.print(`Trying "${name.replace(/\.$/, '')}"\n`)
      const got = yield* this.ask(name, type)
      if (got === undefined) {
        yield* process.print(';; no servers could be reached\n')
        return 1
      }
      yield* this.tellServer()
      const { message } = got
      if (message.rcode === 3 && i < names.length - 1) continue
      const isReverse = name.endsWith('.arpa.')
      const shown = isReverse ? name : name.replace(/\.$/, '')
      if (message.rcode !== 0) {
        yield* process.print(`Host ${shown} not found: ${message.rcode}(${rcodeName(message.rcode)})\n`)
        if (options.verbose) yield* this.received(got)
        told?.({ ...message, answers: [] })
        return 1
      }
      told?.(message)
      if (options.verbose) {
        yield* process.print(verboseText(message))
        yield* this.received(got)
        return 0
      }
      const lines = message.answers.map(line)
      if (lines.length === 0 && alone) lines.push(`${shown} has no ${typeName(type)} record\n`)
      yield* process.print(lines.join(''))
      return 0
    }
    return 1
  }

  private *ask(name: string, type: number): Task<{ message: Dns; size: number; server: Ip; took: number } | undefined> {
    const { process, options } = this
    for (let attempt = 0; attempt < options.tries; attempt++) {
      for (const server of options.servers) {
        const fields = { questions: [{ name, type, class: DnsClass.IN }], recursionDesired: options.recurse }
        const question = questionOf(Math.floor(process.random() * 65536), name, type, fields)
        const asked = { address: server, port: options.port, timeout: Math.max(1, options.time) * second }
        const began = process.clock.now()
        let answered = yield* exchange(process, { ...asked, tcp: options.tcp }, question)
        if (answered.ok && answered.message.truncated)
          answered = yield* exchange(process, { ...asked, tcp: true }, question)
        if (answered.ok)
          return { message: answered.message, size: answered.size, server, took: process.clock.now() - began }
        yield* process.print(
          `;; communications error to ${formatIp(server)}#${options.port}: ${whyText(answered.why)}\n`,
        )
      }
    }
    return undefined
  }

  private *tellServer(): Task<void> {
    const { using, options } = this
    if (using === undefined) return
    this.using = undefined
    const address = `${formatIp(options.servers[0] ?? 0)}#${options.port}`
    yield* this.process.print(`Using domain server:\nName: ${using}\nAddress: ${address}\nAliases: \n\n`)
  }

  private *received({ size, server, took }: { size: number; server: Ip; took: number }): Task<void> {
    const from = `${formatIp(server)}#${this.options.port}`
    yield* this.process.print(`Received ${size} bytes from ${from} in ${Math.floor(took / 1e6)} ms\n`)
  }
}

const verboseText = (message: Dns): string =>
  `${headerLines(message)}\n;; QUESTION SECTION:\n${message.questions.map(questionLine).join('')}\n${sectionText('ANSWER', message.answers)}${sectionText('AUTHORITY', message.authorities)}${sectionText('ADDITIONAL', message.additionals)}`

const phrases: Readonly<Record<number, string>> = {
  [DnsType.A]: 'has address',
  [DnsType.NS]: 'name server',
  [DnsType.CNAME]: 'is an alias for',
  [DnsType.SOA]: 'has SOA record',
  [DnsType.PTR]: 'domain name pointer',
  [DnsType.MX]: 'mail is handled by',
  [DnsType.TXT]: 'descriptive text',
  [DnsType.AAAA]: 'has IPv6 address',
  [DnsType.SRV]: 'has SRV record',
}

const line = ({ name, type, data }: DnsRecord): string =>
  `${name.replace(/\.$/, '')} ${phrases[type] ?? `has ${typeName(type)} record`} ${dataText(data)}\n`
