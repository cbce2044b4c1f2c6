import { utf8 } from '../../../../runtime/index.ts'
import { type Ip, isIp6, parseIp } from '../../../../wire/address.ts'
import { DnsClass, type DnsRecord, DnsType } from '../../../../wire/dns.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import type { Process } from '../../../command.ts'
import { strerror } from '../../../files/errno.ts'
import { parseOptions } from '../../../options.ts'
import { Refusal } from '../refusal.ts'
import { type DnsmasqConfig, usualConfig } from './config.ts'
import { takeHost, takeOption, takeRange } from './dhcp-options.ts'

/** Options without a value, by long name, with what they do. */
const flags: Readonly<Record<string, (config: DnsmasqConfig) => void>> = {
  'no-daemon': config => {
    config.foreground = true
    config.logToStderr = true
  },
  'keep-in-foreground': config => {
    config.foreground = true
  },
  'log-dhcp': config => {
    config.logDhcp = true
  },
  'no-resolv': config => {
    config.noResolv = true
  },
  'no-hosts': config => {
    config.noHosts = true
  },
  'bind-interfaces': config => {
    config.bindInterfaces = true
  },
  'bind-dynamic': config => {
    config.bindInterfaces = true
  },
  'expand-hosts': config => {
    config.expandHosts = true
  },
  'domain-needed': config => {
    config.domainNeeded = true
  },
  'bogus-priv': config => {
    config.bogusPrivate = true
  },
  'dhcp-authoritative': config => {
    config.authoritative = true
  },
  'dhcp-sequential-ip': config => {
    config.sequential = true
  },
  'no-ping': config => {
    config.noPing = true
  },
  test: config => {
    config.test = true
  },
}

/** What is understood and changes nothing here: there is one user, nothing is polled, servers are asked in their order. */
const ignored = new Set([
  'strict-order',
  'no-poll',
  'no-negcache',
  'stop-dns-rebind',
  'localise-queries',
  'read-ethers',
])

/** Options with a value. They give a complaint, or none. */
const settings: Readonly<Record<string, (config: DnsmasqConfig, value: string) => string | undefined>> = {
  interface: (config, value) => {
    config.interfaces.push(...value.split(','))
    return undefined
  },
  'except-interface': (config, value) => {
    config.exceptInterfaces.push(...value.split(','))
    return undefined
  },
  'no-dhcp-interface': (config, value) => {
    config.noDhcpInterfaces.push(...value.split(','))
    return undefined
  },
  'listen-address': (config, value) => {
    const ips = value.split(',').map(parseIp)
    config.listen.push(...ips.filter(ip => ip !== undefined))
    return ips.every(ip => ip !== undefined) ? undefined : 'try --help'
  },
  port: (config, value) => {
    config.port = Number(value)
    return /^\d+$/.test(value) && config.port <= 65535 ? undefined : 'try --help'
  },
  'cache-size': (config, value) => {
    config.cacheSize = Number(value)
    return /^\d+$/.test(value) ? undefined : 'try --help'
  },
  'dhcp-lease-max': (config, value) => {
    config.leaseMax = Number(value)
    return /^\d+$/.test(value) ? undefined : 'try --help'
  },
  domain: (config, value) => {
    config.domain = (value.split(',')[0] as string).toLowerCase()
    return parseName(config.domain) === undefined ? 'bad domain in --domain' : undefined
  },
  'resolv-file': (config, value) => {
    config.resolvFile = value
    return undefined
  },
  'addn-hosts': (config, value) => {
    config.hostsFiles.push(value)
    return undefined
  },
  'dhcp-leasefile': (config, value) => {
    config.leaseFile = value
    return undefined
  },
  'pid-file': (config, value) => {
    config.pidFile = value === '' ? undefined : value
    return undefined
  },
  'log-facility': (config, value) => {
    if (value === '-') config.logToStderr = true
    else if (value.startsWith('/')) config.logFile = value
    return undefined
  },
  'log-queries': config => {
    config.logQueries = true
    return undefined
  },
  user: () => undefined,
  group: () => undefined,
  'dhcp-range': takeRange,
  'dhcp-host': takeHost,
  'dhcp-option': (config, value) => takeOption(config, value, false),
  'dhcp-option-force': (config, value) => takeOption(config, value, true),
  server: (config, value) => takeServer(config, value),
  local: (config, value) => takeServer(config, value),
  address: (config, value) => takeAddress(config, value),
  'host-record': (config, value) => takeHostRecord(config, value),
  cname: (config, value) => {
    const parts = value.split(',').map(part => part.toLowerCase())
    const target = absolute(parts.pop() as string)
    if (parts.length === 0 || target === undefined) return 'bad CNAME'
    for (const name of parts) {
      const whole = absolute(name)
      if (whole === undefined) return 'bad CNAME'
      config.records.push(record(whole, DnsType.CNAME, { kind: 'name', name: target }))
    }
    return undefined
  },
  'mx-host': (config, value) => {
    const [name = '', target = '', preference = '1'] = value.split(',')
    const [whole, exchange] = [absolute(name), absolute(target)]
    if (whole === undefined || exchange === undefined || !/^\d+$/.test(preference)) return 'bad MX preference'
    config.records.push(record(whole, DnsType.MX, { kind: 'mx', preference: Number(preference), exchange }))
    return undefined
  },
  'txt-record': (config, value) => {
    const [name = '', ...texts] = value.split(',')
    const whole = absolute(name)
    if (whole === undefined) return 'bad TXT record'
    const bytes = texts.map(text => utf8(text.replace(/^"(.*)"$/, '$1')).subarray(0, 255))
    config.records.push(record(whole, DnsType.TXT, { kind: 'txt', texts: bytes }))
    return undefined
  },
  'ptr-record': (config, value) => {
    const [name = '', target = ''] = value.split(',')
    const [whole, to] = [absolute(name), absolute(target)]
    if (whole === undefined || to === undefined) return 'bad PTR record'
    config.records.push(record(whole, DnsType.PTR, { kind: 'name', name: to }))
    return undefined
  },
}

const letters: Readonly<Record<string, string>> = {
  ...{ d: 'no-daemon', k: 'keep-in-foreground', i: 'interface', I: 'except-interface', a: 'listen-address' },
  ...{
    z: 'bind-interfaces',
    F: 'dhcp-range',
    O: 'dhcp-option',
    G: 'dhcp-host',
    A: 'address',
    S: 'server',
    K: 'dhcp-authoritative',
  },
  ...{
    R: 'no-resolv',
    h: 'no-hosts',
    H: 'addn-hosts',
    p: 'port',
    q: 'log-queries',
    C: 'conf-file',
    s: 'domain',
    c: 'cache-size',
  },
  ...{
    E: 'expand-hosts',
    D: 'domain-needed',
    b: 'bogus-priv',
    l: 'dhcp-leasefile',
    x: 'pid-file',
    u: 'user',
    g: 'group',
  },
  ...{
    r: 'resolv-file',
    X: 'dhcp-lease-max',
    m: 'mx-host',
    Y: 'txt-record',
    '8': 'log-facility',
    '2': 'no-dhcp-interface',
  },
  ...{ '5': 'no-ping', o: 'strict-order', n: 'no-poll', N: 'no-negcache', v: 'version', w: 'help' },
}
const optional = new Set(['log-queries', 'pid-file', 'user', 'group', 'conf-file'])

/** `name` with its last dot, in small letters; undefined if it is none. */
const absolute = (name: string): string | undefined => {
  const whole = name.toLowerCase().replace(/\.$/, '')
  return parseName(whole) === undefined ? undefined : `${whole}.`
}

const record = (name: string, type: number, data: DnsRecord['data'], ttl = 0): DnsRecord => ({
  name,
  type,
  class: DnsClass.IN,
  ttl,
  data,
})

/** A record of an address under an absolute name. */
export const addressRecord = (name: string, ip: Ip, ttl = 0): DnsRecord =>
  isIp6(ip)
    ? record(name, DnsType.AAAA, { kind: 'aaaa', address: ip }, ttl)
    : record(name, DnsType.A, { kind: 'a', address: ip }, ttl)

/** `/a/b/rest` as its domains and the rest; no domain is every name. */
const domainsOf = (value: string): { domains: string[]; rest: string } => {
  if (!value.startsWith('/')) return { domains: [''], rest: value }
  const parts = value.split('/').slice(1)
  const rest = parts.pop() ?? ''
  return { domains: parts.map(part => (part === '#' ? '' : part.toLowerCase().replace(/^\.|\.$/g, ''))), rest }
}

const takeServer = (config: DnsmasqConfig, value: string): string | undefined => {
  const { domains, rest } = domainsOf(value)
  const [text = '', port = '53'] = rest.split(/[#@]/)
  const address = text === '' ? undefined : parseIp(text)
  if (rest !== '' && rest !== '#' && address === undefined) return 'Cannot resolve server name'
  if (rest === '' && !value.startsWith('/')) return 'bad address'
  for (const domain of domains) config.servers.push({ address, port: Number(port), domain })
  return undefined
}

const takeAddress = (config: DnsmasqConfig, value: string): string | undefined => {
  const { domains, rest } = domainsOf(value)
  const ip = parseIp(rest)
  if (!value.startsWith('/') || (rest !== '' && rest !== '#' && ip === undefined)) return 'Bad address in --address'
  for (const domain of domains) {
    const addresses = rest === '#' ? [0, 0n] : ip === undefined ? [] : [ip]
    const fixed = config.fixed.find(each => each.domain === domain)
    if (fixed === undefined) config.fixed.push({ domain, addresses })
    else fixed.addresses.push(...addresses)
  }
  return undefined
}

const takeHostRecord = (config: DnsmasqConfig, value: string): string | undefined => {
  const parts = value.split(',')
  const ips = parts.map(parseIp).filter(ip => ip !== undefined)
  const last = parts.at(-1) as string
  const ttl = /^\d+$/.test(last) && parts.length > 1 ? Number(last) : 0
  const names = parts.filter(part => parseIp(part) === undefined && !(ttl > 0 && part === last)).map(absolute)
  if (names.length === 0 || names.includes(undefined)) return 'Bad host-record'
  for (const name of names) for (const ip of ips) config.records.push(addressRecord(name as string, ip, ttl))
  return undefined
}

/** Reads the arguments and the file that they name, refusing in dnsmasq's words. */
export const readConfig = (process: Process): DnsmasqConfig | 'version' => {
  const config = usualConfig()
  const table: Record<string, 'none' | 'required' | 'optional'> = {}
  const all = [...Object.keys(flags), ...ignored, ...Object.keys(settings), 'conf-file', 'version', 'help']
  const takes = (name: string): 'none' | 'required' | 'optional' =>
    Object.hasOwn(settings, name) || name === 'conf-file' ? (optional.has(name) ? 'optional' : 'required') : 'none'
  for (const name of all) table[name] = takes(name)
  for (const [letter, name] of Object.entries(letters)) {
    const kind = takes(name)
    // Getopt knows a letter's value as optional only where it is attached, as `-q` has it; `-C FILE` needs one.
    table[letter] = name === 'log-queries' ? 'none' : kind === 'optional' ? 'required' : kind
  }
  const parsed = parseOptions(process.args.slice(1), table)
  if (!parsed.ok) throw new Refusal('\ndnsmasq: bad command line options: try --help', 1)
  if (parsed.operands.length > 0) throw new Refusal('\ndnsmasq: junk found in command line', 1)
  let file: string | undefined = '/etc/dnsmasq.conf'
  for (const option of parsed.options) {
    const name = letters[option.name] ?? option.name
    if (name === 'version') return 'version'
    if (name === 'conf-file') {
      file = option.value
      continue
    }
    const why = take(config, name, option.value)
    if (why !== undefined) throw new Refusal(`\ndnsmasq: bad command line options: ${why}`, 1)
  }
  if (file !== undefined && file !== '') readFile(process, config, file, 0)
  return config
}

const take = (config: DnsmasqConfig, name: string, value: string | undefined): string | undefined => {
  if (ignored.has(name)) return undefined
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  flag?.(config)
  if (flag !== undefined) return value === undefined ? undefined : 'extraneous parameter'
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined
  if (setting === undefined) return 'bad option'
  if (value === undefined && !optional.has(name)) return 'missing parameter'
  return setting(config, value ?? '')
}

const readFile = (process: Process, config: DnsmasqConfig, path: string, depth: number): void => {
  const text = process.machine.files.readText(process, path)
  if (!text.ok) {
    if (path === '/etc/dnsmasq.conf') return
    throw new Refusal(`\ndnsmasq: cannot read ${path}: ${strerror(text.errno)}`, 3)
  }
  for (const [i, line] of text.value.split('\n').entries()) {
    const words = line.replace(/(^|\s)#.*$/, '').trim()
    if (words === '') continue
    const [, name = '', value] = /^([^=\s]+)\s*(?:=\s*(.*))?$/.exec(words) ?? []
    const wrong = (why: string): Refusal => new Refusal(`\ndnsmasq: ${why} at line ${i + 1} of ${path}`, 1)
    if (name === 'conf-file' && value !== undefined && depth < 10) readFile(process, config, value, depth + 1)
    else {
      const why = name === '' ? 'bad option' : take(config, name, value)
      if (why !== undefined) throw wrong(why)
    }
  }
}
