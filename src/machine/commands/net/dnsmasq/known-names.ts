/** What a server knows itself: files of hosts, the names of its leases, and what its options say. */
import type { Lent } from '../../../../host/dhcp/index.ts'
import { formatIp, type Ip, isIp6, parseIp } from '../../../../wire/address.ts'
import { DnsClass, type DnsQuestion, DnsRcode, type DnsRecord, DnsType } from '../../../../wire/dns.ts'
import type { Process } from '../../../command.ts'
import { reversedIp } from '../dns/reverse-name.ts'
import type { DnsmasqConfig } from './config.ts'
import { addressRecord } from './options.ts'

/** An answer, with what the log says of it. */
export type Known = {
  rcode: number
  answers: DnsRecord[]
  additionals: DnsRecord[]
  authoritative: boolean
  log: string[]
}

type Host = { ip: Ip; name: string; source: string }

const mostAliases = 10

export class KnownNames {
  private readonly process: Process
  private readonly config: DnsmasqConfig
  private readonly leases: () => readonly Lent[]
  private hosts: Host[] = []

  constructor(process: Process, config: DnsmasqConfig, leases: () => readonly Lent[]) {
    this.process = process
    this.config = config
    this.leases = leases
  }

  /** Reads the files again; what the log says of them. */
  load(): string[] {
    const { config, process } = this
    const log: string[] = []
    this.hosts = []
    for (const path of [...(config.noHosts ? [] : ['/etc/hosts']), ...config.hostsFiles]) {
      const text = process.machine.files.readText(process, path)
      if (!text.ok) {
        log.push(`failed to load names from ${path}: No such file or directory`)
        continue
      }
      let count = 0
      for (const line of text.value.split('\n')) {
        const [address = '', ...names] = (line.split('#')[0] as string).trim().split(/\s+/)
        const ip = parseIp(address)
        if (ip === undefined) continue
        for (const name of names) {
          this.add(ip, name.toLowerCase(), path)
          count++
        }
      }
      log.push(`read ${path} - ${count} names`)
    }
    return log.length > 0 ? log : ['cleared cache']
  }

  private add(ip: Ip, name: string, source: string): void {
    const { domain, expandHosts } = this.config
    if (expandHosts && domain !== '' && !name.includes('.')) this.hosts.push({ ip, name: `${name}.${domain}`, source })
    this.hosts.push({ ip, name, source })
  }

  /** Files first, then leases, then records. */
  private *all(): Iterable<Host> {
    yield* this.hosts
    for (const { address, name } of this.leases()) {
      if (name === '') continue
      const { domain } = this.config
      const source = 'DHCP'
      if (domain !== '') yield { ip: address, name: `${name}.${domain}`.toLowerCase(), source }
      yield { ip: address, name: name.toLowerCase(), source }
    }
    for (const { name, data } of this.config.records)
      if (data.kind === 'a' || data.kind === 'aaaa')
        yield { ip: data.address, name: name.slice(0, -1), source: 'config' }
  }

  /** The answer; undefined where another server has to be asked. */
  answer(question: DnsQuestion): Known | undefined {
    const shown = question.name.replace(/\.$/, '')
    const known: Known = { rcode: 0, answers: [], additionals: [], authoritative: true, log: [] }
    if (question.class !== DnsClass.IN) return this.otherClass(question, shown, known)
    if (question.type === DnsType.PTR) {
      const ip = reversedIp(question.name)
      if (ip !== undefined && this.reverse(question, ip, known)) return known
    }
    let name = shown.toLowerCase()
    let owner = question.name
    for (let i = 0; i < mostAliases; i++) {
      const alias = this.config.records.find(each => each.type === DnsType.CNAME && each.name === `${name}.`)
      if (alias === undefined || alias.data.kind !== 'name') break
      known.answers.push({ ...alias, name: owner })
      known.log.push(`config ${owner.replace(/\.$/, '')} is <CNAME>`)
      if (question.type === DnsType.CNAME) return known
      owner = alias.data.name
      name = owner.slice(0, -1)
    }
    this.addresses(question, name, owner, known)
    this.others(question, name, owner, known)
    if (known.answers.length > 0) return known
    return this.nothing(question, name, shown, known)
  }

  private otherClass(question: DnsQuestion, shown: string, known: Known): Known | undefined {
    if (question.class === DnsClass.CH && question.type === DnsType.TXT && shown.toLowerCase() === 'version.bind') {
      const texts = [Uint8Array.from('dnsmasq-2.90', letter => letter.charCodeAt(0))]
      known.answers.push({ ...question, ttl: 0, data: { kind: 'txt', texts } })
      known.log.push(`config ${shown} is <TXT>`)
      return known
    }
    return this.nothing({ ...question, type: 0 }, shown.toLowerCase(), shown, known)
  }

  private reverse(question: DnsQuestion, ip: Ip, known: Known): boolean {
    const shown = formatIp(ip)
    for (const host of this.all()) {
      if (host.ip !== ip) continue
      known.answers.push({ ...question, ttl: 0, data: { kind: 'name', name: `${host.name}.` } })
      known.log.push(`${host.source} ${shown} is ${host.name}`)
      return true
    }
    if (this.config.records.some(each => each.type === DnsType.PTR && each.name === question.name.toLowerCase()))
      return false
    if (!this.config.bogusPrivate || !isPrivate(ip)) return false
    known.rcode = DnsRcode.nameError
    known.log.push(`config ${shown} is NXDOMAIN`)
    return true
  }

  private addresses({ type }: DnsQuestion, name: string, owner: string, known: Known): void {
    const wants = (ip: Ip): boolean => type === DnsType.ANY || type === (isIp6(ip) ? DnsType.AAAA : DnsType.A)
    const seen = new Set<Ip>()
    const tell = (ip: Ip, source: string): void => {
      if (!wants(ip) || seen.has(ip)) return
      seen.add(ip)
      const given = this.config.records.find(
        ({ name: own, data }) => own === `${name}.` && 'address' in data && data.address === ip,
      )
      known.answers.push(addressRecord(owner, ip, given?.ttl ?? 0))
      known.log.push(`${source} ${owner.replace(/\.$/, '')} is ${formatIp(ip)}`)
    }
    for (const host of this.all()) if (host.name === name) tell(host.ip, host.source)
    if (seen.size === 0) for (const ip of this.fixedFor(name)?.addresses ?? []) tell(ip, 'config')
  }

  private others({ type }: DnsQuestion, name: string, owner: string, known: Known): void {
    for (const record of this.config.records) {
      const isOther = record.data.kind !== 'a' && record.data.kind !== 'aaaa' && record.type !== DnsType.CNAME
      if (!isOther || record.name !== `${name}.` || (type !== record.type && type !== DnsType.ANY)) continue
      known.answers.push({ ...record, name: owner })
      const what = record.type === DnsType.MX ? 'MX' : record.type === DnsType.TXT ? 'TXT' : 'PTR'
      known.log.push(`config ${owner.replace(/\.$/, '')} is <${what}>`)
      if (record.data.kind !== 'mx') continue
      const { exchange } = record.data
      for (const { ip, name: host } of this.all())
        if (`${host}.` === exchange) known.additionals.push(addressRecord(exchange, ip))
    }
  }

  private fixedFor(name: string) {
    return longest(this.config.fixed, name)
  }

  /** There is nothing to say: because there is no such thing, or because others know. */
  private nothing({ type }: DnsQuestion, name: string, shown: string, known: Known): Known | undefined {
    const { servers, domainNeeded } = this.config
    const fixed = this.fixedFor(name)
    const isDenied = fixed !== undefined && fixed.addresses.length === 0
    const isAddress = type === DnsType.A || type === DnsType.AAAA
    const needsDomain = domainNeeded && isAddress && !name.includes('.')
    const isLocal =
      servers.some(({ domain }) => domain === longest(servers, name)?.domain && within(name, domain)) &&
      longest(servers, name)?.address === undefined
    // An alias to a name that we know nothing more of.
    if (known.answers.length > 0) return known
    if (!isDenied && !needsDomain && !isLocal) return undefined
    const exists = !isDenied && !needsDomain && this.exists(name)
    known.authoritative = false
    known.rcode = exists ? DnsRcode.noError : DnsRcode.nameError
    const kind = type === DnsType.A ? 'NODATA-IPv4' : type === DnsType.AAAA ? 'NODATA-IPv6' : 'NODATA'
    known.log.push(`config ${shown} is ${exists ? kind : 'NXDOMAIN'}`)
    return known
  }

  private exists(name: string): boolean {
    for (const host of this.all()) if (host.name === name) return true
    return (
      this.config.records.some(record => record.name === `${name}.`) || (this.fixedFor(name)?.addresses.length ?? 0) > 0
    )
  }
}

const within = (name: string, domain: string): boolean =>
  domain === '' || name === domain || name.endsWith(`.${domain}`)

/** What is said of the longest domain that a name is in. */
export const longest = <T extends { domain: string }>(all: readonly T[], name: string): T | undefined => {
  let best: T | undefined
  for (const each of all)
    if (within(name, each.domain) && (best === undefined || each.domain.length > best.domain.length)) best = each
  return best
}

const isPrivate = (ip: Ip): boolean => {
  if (isIp6(ip)) return ip >> 121n === 0x7en || ip >> 118n === 0x3fan
  return ip >>> 24 === 10 || ip >>> 20 === 0xac1 || ip >>> 16 === 0xc0a8 || ip >>> 16 === 0xa9fe || ip >>> 24 === 127
}
