import type { Task } from '../../../../runtime/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp, parseIp } from '../../../../wire/address.ts'
import { type Dns, DnsRcode, type DnsRecord, DnsType } from '../../../../wire/dns.ts'
import type { Process } from '../../../command.ts'
import { ednsOf, exchange, questionOf } from '../dns/exchange.ts'
import { typeName } from '../dns/type-names.ts'
import type { DnsmasqConfig, Upstream } from './config.ts'

type Cached = { answers: DnsRecord[]; authorities: DnsRecord[]; rcode: number; since: number; until: number }

/** Asks other servers, and remembers what they said for as long as they allow. */
export class Forwarder {
  private readonly process: Process
  private readonly config: DnsmasqConfig
  private readonly log: (text: string) => void
  private readonly cache = new Map<string, Cached>()
  private learned: Upstream[] = []
  /** The one that answered last is asked first. */
  private liked: Upstream | undefined

  constructor(process: Process, config: DnsmasqConfig, log: (text: string) => void) {
    this.process = process
    this.config = config
    this.log = log
  }

  /** Reads resolv.conf again and forgets; what the log says. */
  load(): string[] {
    const { config, process } = this
    const lines: string[] = []
    this.cache.clear()
    this.learned = []
    if (!config.noResolv) {
      const text = process.machine.files.readText(process, config.resolvFile)
      const words = text.ok
        ? [...text.value.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, word]) => parseIp(word ?? ''))
        : []
      this.learned = words.flatMap(address => (address === undefined ? [] : [{ address, port: 53, domain: '' }]))
      lines.push(
        this.learned.length > 0
          ? `reading ${config.resolvFile}`
          : `no servers found in ${config.resolvFile}, will retry`,
      )
    }
    for (const { address, port, domain } of [...config.servers, ...this.learned]) {
      const where = domain === '' ? '' : ` for domain ${domain} `
      if (address === undefined) lines.push(`using only locally-known addresses for ${domain}`)
      else lines.push(`using nameserver ${formatIp(address)}#${port}${where}`)
    }
    for (const { domain, addresses } of config.fixed)
      if (addresses.length === 0) lines.push(`using only locally-known addresses for ${domain}`)
    return lines
  }

  private serversFor(name: string): Upstream[] {
    const all = [...this.config.servers, ...this.learned].filter(({ address }) => address !== undefined)
    const fits = all.filter(({ domain }) => domain === '' || name === domain || name.endsWith(`.${domain}`))
    const most = Math.max(...fits.map(({ domain }) => domain.length))
    return fits.filter(({ domain }) => domain.length === most)
  }

  /** The answer, with the id of the question; undefined if nobody gave one in time. */
  *ask(question: Dns): Task<Dns | undefined> {
    const [asked] = question.questions
    if (asked === undefined) return undefined
    const shown = asked.name.replace(/\.$/, '')
    const { clock, random } = this.process
    const key = `${asked.name.toLowerCase()} ${asked.type} ${asked.class}`
    const cached = this.cache.get(key)
    if (cached !== undefined && cached.until > clock.now()) {
      const gone = Math.floor((clock.now() - cached.since) / second)
      const answers = cached.answers.map(record => ({ ...record, ttl: record.ttl - gone }))
      this.tell('cached', shown, asked.type, cached.rcode, answers)
      return reply(question, { ...cached, answers })
    }
    const servers = this.serversFor(shown.toLowerCase())
    if (servers.length === 0) {
      this.log('config error is REFUSED (EDE: not ready)')
      const answer = reply(question, { answers: [], authorities: [], rcode: DnsRcode.refused })
      // RFC 8914: a server that is not ready says so.
      const extended = { kind: 'other', bytes: Uint8Array.of(0, 15, 0, 2, 0, 14) } as const
      return { ...answer, additionals: answer.additionals.map(edns => ({ ...edns, data: extended })) }
    }
    const order = servers.includes(this.liked as Upstream)
      ? [this.liked as Upstream, ...servers.filter(server => server !== this.liked)]
      : servers
    for (const server of order) {
      this.log(`forwarded ${shown} to ${formatIp(server.address as number)}`)
      const id = Math.floor(random() * 65536)
      const asking = questionOf(id, asked.name, asked.type, {
        questions: [asked],
        recursionDesired: question.recursionDesired,
        additionals: question.additionals.some(({ type }) => type === DnsType.OPT) ? [ednsOf(1232)] : [],
      })
      const place = { address: server.address as number, port: server.port, timeout: 5 * second }
      let answered = yield* exchange(this.process, place, asking)
      if (answered.ok && answered.message.truncated)
        answered = yield* exchange(this.process, { ...place, tcp: true }, asking)
      if (!answered.ok) continue
      this.liked = server
      const { message } = answered
      this.tell('reply', shown, asked.type, message.rcode, message.answers)
      this.keep(key, message)
      return reply(question, message)
    }
    this.liked = undefined
    return undefined
  }

  private tell(
    how: 'reply' | 'cached',
    shown: string,
    type: number,
    rcode: number,
    answers: readonly DnsRecord[],
  ): void {
    for (const { name, data } of answers) {
      const value =
        'address' in data
          ? formatIp(data.address)
          : data.kind === 'name' && type === DnsType.PTR
            ? data.name
            : undefined
      const own = name.replace(/\.$/, '')
      this.log(`${how} ${own} is ${value ?? `<${data.kind === 'name' ? 'CNAME' : typeName(type)}>`}`)
    }
    if (answers.length > 0) return
    const nothing = type === DnsType.A ? 'NODATA-IPv4' : type === DnsType.AAAA ? 'NODATA-IPv6' : 'NODATA'
    const why =
      rcode === 0
        ? nothing
        : rcode === DnsRcode.nameError
          ? 'NXDOMAIN'
          : rcode === DnsRcode.refused
            ? 'REFUSED'
            : 'SERVFAIL'
    this.log(rcode > 3 || rcode === 2 ? `${how} error is ${why}` : `${how} ${shown} is ${why}`)
  }

  /** What is negative is kept for as long as the SOA beside it says (RFC 2308 §5). */
  private keep(key: string, { answers, authorities, rcode }: Dns): void {
    if (rcode !== DnsRcode.noError && rcode !== DnsRcode.nameError) return
    const soa = authorities.find(({ data }) => data.kind === 'soa')
    const minimum = soa?.data.kind === 'soa' ? Math.min(soa.ttl, soa.data.minimum) : 0
    const seconds = answers.length > 0 ? Math.min(...answers.map(({ ttl }) => ttl)) : minimum
    if (seconds <= 0 || this.config.cacheSize === 0) return
    if (this.cache.size >= this.config.cacheSize) this.cache.delete(this.cache.keys().next().value as string)
    const since = this.process.clock.now()
    this.cache.set(key, { answers, authorities, rcode, since, until: since + seconds * second })
  }
}

/** An answer to a question: with EDNS if it had that. */
export const reply = (
  question: Dns,
  {
    answers,
    authorities,
    rcode,
    authoritative = false,
    additionals = [],
  }: Pick<Dns, 'answers' | 'authorities' | 'rcode'> & Partial<Dns>,
): Dns => ({
  ...question,
  response: true,
  recursionAvailable: true,
  authoritative,
  authenticData: false,
  rcode,
  answers,
  authorities,
  additionals: [
    ...additionals.filter(({ type }) => type !== DnsType.OPT),
    ...question.additionals
      .filter(({ type }) => type === DnsType.OPT)
      .map(({ ttl }) => ({ ...ednsOf(1232), ttl: ttl & 0x8000 })),
  ],
})
