import { second, type Task } from '../../../../runtime/index.ts'
import { formatIp, type Ip, isIp6 } from '../../../../wire/address.ts'
import { type Dns, DnsType } from '../../../../wire/dns.ts'
import type { Command, Process } from '../../../command.ts'
import { numericIp } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { type DigLookup, type DigOptions, digUsage, readDigOptions } from './dig-options.ts'
import { type Answered, ednsOf, exchange, questionOf } from './exchange.ts'
import { dataText, headerLines, questionLine, sectionText } from './record-text.ts'
import { readResolvConf, tries } from './resolv-conf.ts'
import { resolveName } from './resolver.ts'

export const bindVersion = '9.18.49-1~deb12u3-Debian'

/** dig(1) of BIND 9.18: asks servers, and shows all that they say. */
export const dig: Command = function* (process) {
  const args = process.args.slice(1)
  if (args.includes('-v')) {
    yield* process.print(`DiG ${bindVersion}\n`)
    return 0
  }
  if (args.includes('-h')) {
    yield* process.print(`${digUsage}\n`)
    return 0
  }
  try {
    const options = readDigOptions(args)
    for (const warning of options.warnings) yield* process.print(`${warning}\n`)
    const servers = yield* serversOf(process, options)
    let status = 0
    for (const [i, lookup] of options.lookups.entries()) {
      const failed = yield* new Run(process, options, servers).look(lookup, i === 0 ? args : undefined)
      if (failed !== 0) status = failed
    }
    return status
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

function* serversOf(process: Process, { server, family }: DigOptions): Task<Ip[]> {
  const fits = (ip: Ip): boolean => family === undefined || isIp6(ip) === (family === 6)
  if (server === undefined) {
    const { servers } = readResolvConf(process)
    return (servers.length > 0 ? servers : [0x7f000001]).filter(fits)
  }
  const numeric = numericIp(server)
  if (numeric !== undefined) return [numeric]
  const found = yield* resolveName(process, server, family)
  if (!found.ok)
    throw new Refusal(
      `dig: couldn't get address for '${server}': ${found.why === 'name' ? 'not found' : 'failure'}`,
      10,
    )
  return found.addresses
}

class Run {
  private readonly process: Process
  private readonly options: DigOptions
  private readonly servers: readonly Ip[]

  constructor(process: Process, options: DigOptions, servers: readonly Ip[]) {
    this.process = process
    this.options = options
    this.servers = servers
  }

  /** Asks until there is an answer, and shows it; the status, 9 without one. */
  *look(lookup: DigLookup, heading: readonly string[] | undefined): Task<number> {
    const { process, options } = this
    const { flags } = options
    const names = flags.search ? tries(lookup.name.replace(/\.$/, ''), readResolvConf(process)) : [lookup.name]
    let shown: { answered: Answered & { ok: true }; server: Ip; took: number; tcp: boolean } | undefined
    for (const name of names) {
      shown = yield* this.ask({ ...lookup, name })
      if (shown === undefined || shown.answered.message.rcode !== 3) break
    }
    if (shown === undefined) {
      yield* process.print(`${this.heading(heading, true)};; no servers could be reached\n`)
      return 9
    }
    const { message, size } = shown.answered
    if (flags.short) {
      yield* process.print(message.answers.map(({ data }) => `${dataText(data)}\n`).join(''))
      return 0
    }
    const stats = flags.stats ? this.stats(shown.server, shown.took, shown.tcp, size) : ''
    yield* process.print(`${this.heading(heading, false)}${this.text(message)}${stats}`)
    return 0
  }

  private *ask(lookup: DigLookup) {
    const { process, options, servers } = this
    const { flags, port, time, size } = options
    // Who wants everything is likely to get much.
    let tcp = flags.tcp || lookup.type === DnsType.ANY
    for (let attempt = 0; attempt < options.tries; attempt++) {
      for (const address of servers) {
        const fields = {
          questions: [lookup],
          recursionDesired: flags.recurse,
          authenticData: true,
          additionals: flags.edns ? [ednsOf(size, flags.dnssec)] : [],
        }
        const question = questionOf(Math.floor(process.random() * 65536), lookup.name, lookup.type, fields)
        const began = process.clock.now()
        const asked = { address, port, timeout: time * second }
        let answered = yield* exchange(process, { ...asked, tcp }, question)
        if (answered.ok && answered.message.truncated && !tcp && !flags.ignore) {
          yield* process.print(';; Truncated, retrying in TCP mode.\n')
          tcp = true
          answered = yield* exchange(process, { ...asked, tcp }, question)
        }
        if (answered.ok) return { answered, server: address, took: process.clock.now() - began, tcp }
        yield* process.print(`;; communications error to ${formatIp(address)}#${port}: ${whyText(answered.why)}\n`)
      }
    }
    return undefined
  }

  private heading(args: readonly string[] | undefined, failed: boolean): string {
    const { flags, server } = this.options
    if (args === undefined || (!flags.cmd && !failed)) return ''
    if (!flags.cmd && !flags.short) return ''
    const found =
      server === undefined || !(flags.comments || failed)
        ? ''
        : `; (${this.servers.length} server${this.servers.length === 1 ? '' : 's'} found)\n`
    return `\n; <<>> DiG ${bindVersion} <<>> ${args.join(' ')}\n${found};; global options: +cmd\n`
  }

  private text(message: Dns): string {
    const { flags } = this.options
    const section = (isOn: boolean, title: string, records: Dns['answers']): string => {
      const text = isOn ? sectionText(title, records) : ''
      return flags.comments
        ? text
        : text
            .split('\n')
            .slice(1, -1)
            .filter(line => line !== '')
            .map(line => `${line}\n`)
            .join('')
    }
    const question = flags.question ? message.questions.map(questionLine).join('') : ''
    const parts = [
      flags.comments ? `;; Got answer:\n${headerLines(message)}\n${this.pseudo(message)}` : '',
      question === '' ? '' : flags.comments ? `;; QUESTION SECTION:\n${question}\n` : question,
      section(flags.answer, 'ANSWER', message.answers),
      section(flags.authority, 'AUTHORITY', message.authorities),
      section(flags.additional, 'ADDITIONAL', message.additionals),
    ]
    return parts.join('')
  }

  private pseudo({ additionals }: Dns): string {
    const edns = additionals.find(({ type }) => type === DnsType.OPT)
    if (edns === undefined) return ''
    const signed = (edns.ttl & 0x8000) !== 0 ? ' do' : ''
    const bytes = edns.data.kind === 'other' ? edns.data.bytes : new Uint8Array(0)
    // RFC 8914: why there is no answer.
    const code = bytes.length >= 6 && bytes[1] === 15 ? (bytes[4] as number) * 256 + (bytes[5] as number) : undefined
    const why = code === undefined ? '' : `; EDE: ${code}${code === 14 ? ' (Not Ready)' : ''}\n`
    return `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:${signed}; udp: ${edns.class}\n${why}`
  }

  private stats(server: Ip, took: number, tcp: boolean, size: number): string {
    const { process, options } = this
    const address = formatIp(server)
    const [day = '', date = '', month = '', year = '', clock = ''] = new Date(process.machine.wallTime())
      .toUTCString()
      .split(' ')
    return `;; Query time: ${Math.floor(took / 1e6)} msec
;; SERVER: ${address}#${options.port}(${options.server ?? address}) (${tcp ? 'TCP' : 'UDP'})
;; WHEN: ${day.replace(',', '')} ${month} ${date} ${clock} UTC ${year}
;; MSG SIZE  rcvd: ${size}

`
  }
}

/** Why a server did not answer, in BIND's words. */
export const whyText = (why: (Answered & { ok: false })['why']): string => {
  if (why === 'ECONNREFUSED') return 'connection refused'
  if (why === 'ENETUNREACH') return 'network unreachable'
  if (why === 'EHOSTUNREACH') return 'host unreachable'
  return why === 'ECONNRESET' ? 'end of file' : 'timed out'
}
