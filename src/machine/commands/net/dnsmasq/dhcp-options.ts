import type { DhcpHost, DhcpRange } from '../../../../host/dhcp/index.ts'
import { classlessValue } from '../../../../host/dhcp/index.ts'
import { utf8 } from '../../../../runtime/index.ts'
import { parseIp4, parseMac } from '../../../../wire/address.ts'
import { dhcpValue } from '../../../../wire/dhcp.ts'
import { parseName } from '../../../../wire/dns-name.ts'
import type { DnsmasqConfig } from './config.ts'

type Kind = 'addresses' | 'text' | 'number1' | 'number2' | 'number4' | 'names' | 'time' | 'routes' | 'bytes'

/** Options by the names of `dnsmasq --help dhcp`, with their codes. */
const named: Readonly<Record<string, readonly [code: number, kind: Kind]>> = {
  netmask: [1, 'addresses'],
  'time-offset': [2, 'number4'],
  router: [3, 'addresses'],
  'dns-server': [6, 'addresses'],
  'log-server': [7, 'addresses'],
  'lpr-server': [9, 'addresses'],
  hostname: [12, 'text'],
  'boot-file-size': [13, 'number2'],
  'domain-name': [15, 'text'],
  'swap-server': [16, 'addresses'],
  'root-path': [17, 'text'],
  'extension-path': [18, 'text'],
  'ip-forward-enable': [19, 'number1'],
  'default-ttl': [23, 'number1'],
  mtu: [26, 'number2'],
  broadcast: [28, 'addresses'],
  'static-route': [33, 'addresses'],
  'nis-domain': [40, 'text'],
  'nis-server': [41, 'addresses'],
  'ntp-server': [42, 'addresses'],
  'netbios-ns': [44, 'addresses'],
  'netbios-dd': [45, 'addresses'],
  'netbios-nodetype': [46, 'number1'],
  'netbios-scope': [47, 'text'],
  'lease-time': [51, 'time'],
  T1: [58, 'time'],
  T2: [59, 'time'],
  'vendor-class': [60, 'text'],
  'tftp-server': [66, 'text'],
  'bootfile-name': [67, 'text'],
  'user-class': [77, 'text'],
  FQDN: [81, 'text'],
  'domain-search': [119, 'names'],
  'sip-server': [120, 'names'],
  'classless-static-route': [121, 'routes'],
  'server-ip-address': [255, 'addresses'],
}

/** What the log calls an option; a number's name is empty where it has none. */
export const nameOfOption = (code: number): string => {
  const logged: Readonly<Record<number, string>> = { 53: 'message-type', 54: 'server-identifier', 56: 'message' }
  return logged[code] ?? Object.entries(named).find(([, [number]]) => number === code)?.[0] ?? ''
}

/** `45`, `10m`, `1h`, `2d`, `1w`, `infinite`; undefined if it is no time. At least two minutes, as leases have. */
export const parseLeaseTime = (text: string): number | undefined => {
  if (text === 'infinite') return Number.POSITIVE_INFINITY
  const [, digits, unit = ''] = /^(\d+)([smhdw]?)$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 }
  return Math.max(120, Number(digits) * (units[unit.toLowerCase()] as number))
}

/** A time as the log has it: `52m30s`. */
export const leaseTimeText = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds === 0xffffffff) return 'infinite'
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [Math.floor(seconds) % 60, 's'],
  ] as const
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('')
  return text === '' ? '0s' : text
}

/** Tags in front of the value are understood, and not used. */
const withoutTags = (text: string): string[] => text.split(',').filter(part => !/^(set|tag|interface):/.test(part))

/** `--dhcp-range=[tag:…,]FROM[,TO|static][,MASK[,BROADCAST]][,TIME]`. Gives dnsmasq's complaint, or none. */
export const takeRange = (config: DnsmasqConfig, text: string): string | undefined => {
  const parts = withoutTags(text)
  const from = parseIp4(parts.shift() ?? '')
  if (from === undefined || parts.length === 0) return 'bad dhcp-range'
  const range: DhcpRange = { from, to: from, mask: undefined, seconds: 3600, isStatic: false }
  const last = parts.at(-1) as string
  const seconds = parts.length > 1 || parseIp4(last) === undefined ? parseLeaseTime(last) : undefined
  if (seconds !== undefined && parseIp4(last) === undefined) {
    range.seconds = seconds
    parts.pop()
  }
  const [end = '', mask, broadcast, ...more] = parts
  if (end === 'static' || end === 'ignore' || end === 'proxy') range.isStatic = true
  else {
    const to = parseIp4(end)
    if (to === undefined) return 'bad dhcp-range'
    range.from = Math.min(from, to)
    range.to = Math.max(from, to)
  }
  if (mask !== undefined) {
    range.mask = parseIp4(mask)
    if (range.mask === undefined) return 'bad dhcp-range'
    if (((range.from ^ range.to) & range.mask) !== 0) return 'inconsistent DHCP range'
  }
  if (more.length > 0 || (broadcast !== undefined && parseIp4(broadcast) === undefined)) return 'bad dhcp-range'
  config.ranges.push(range)
  return undefined
}

/** `--dhcp-host=[MAC][,id:ID][,set:TAG][,IP][,NAME][,TIME][,ignore]`. */
export const takeHost = (config: DnsmasqConfig, text: string): string | undefined => {
  const macs: number[] = []
  const host: DhcpHost = { macs, ignored: false }
  for (const part of withoutTags(text)) {
    const mac = parseMac(part.replace(/^01-/, ''))
    const address = parseIp4(part)
    const seconds = parseLeaseTime(part)
    if (mac !== undefined) macs.push(mac)
    else if (address !== undefined) host.address = address
    else if (part === 'ignore') host.ignored = true
    else if (part.startsWith('id:')) {
      const id = part.slice(3)
      const bytes = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(id) ? id.toLowerCase() : [...utf8(id)].map(hex).join(':')
      host.clientId = bytes
    } else if (seconds !== undefined && /^(\d+[smhdw]?|infinite)$/i.test(part)) host.seconds = seconds
    else if (/^[\w-]+(\.[\w-]+)*$/.test(part)) host.name = part.split('.')[0] as string
    else return 'bad dhcp-host'
  }
  config.hosts.push(host)
  return undefined
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

/** `--dhcp-option=[tag:…,]CODE|option:NAME[,VALUE…]`. */
export const takeOption = (config: DnsmasqConfig, text: string, forced: boolean): string | undefined => {
  const [what = '', ...words] = withoutTags(text)
  const name = what.startsWith('option:') ? what.slice(7) : undefined
  if (name !== undefined && !Object.hasOwn(named, name)) return 'bad dhcp-option'
  const code = name === undefined ? Number(what) : (named[name] as readonly [number, Kind])[0]
  if (!/^\d+$/.test(name === undefined ? what : '0') || code < 1 || code > 255) return 'bad dhcp-option'
  const kind = Object.values(named).find(([number]) => number === code)?.[1]
  const value = words.length === 0 ? new Uint8Array(0) : optionBytes(kind, words)
  if (typeof value === 'string') return value
  config.dhcpOptions.set(code, { value, forced })
  return undefined
}

const optionBytes = (kind: Kind | undefined, words: readonly string[]): Uint8Array | string => {
  const text = words.join(',')
  switch (kind) {
    case 'addresses': {
      const ips = words.map(parseIp4)
      return ips.every(ip => ip !== undefined) ? dhcpValue.u32(...ips) : 'bad IP address'
    }
    case 'text':
      return utf8(text.replace(/^"(.*)"$/, '$1'))
    case 'number1':
    case 'number2':
    case 'number4':
      return /^-?\d+$/.test(text) ? numberBytes(Number(text), Number(kind.slice(-1))) : 'bad dhcp-option'
    case 'time': {
      const seconds = parseLeaseTime(text)
      return seconds === undefined ? 'bad dhcp-option' : dhcpValue.u32(Number.isFinite(seconds) ? seconds : 0xffffffff)
    }
    case 'names': {
      const labels = words.map(parseName)
      if (!labels.every(each => each !== undefined)) return 'bad domain in dhcp-option'
      return Uint8Array.from(labels.flatMap(each => [...each.flatMap(label => [label.length, ...label]), 0]))
    }
    case 'routes':
      return routesOf(words)
    default: {
      // A code without a form: what the words look like says what they are.
      const ips = words.map(parseIp4)
      if (ips.every(ip => ip !== undefined)) return dhcpValue.u32(...ips)
      if (/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i.test(text))
        return Uint8Array.from(text.split(':').map(part => Number.parseInt(part, 16)))
      if (/^\d+$/.test(text)) return numberBytes(Number(text), Number(text) < 256 ? 1 : Number(text) < 65536 ? 2 : 4)
      return utf8(text.replace(/^"(.*)"$/, '$1'))
    }
  }
}

const numberBytes = (number: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (number >>> (8 * (size - 1 - i))) & 255)

const routesOf = (words: readonly string[]): Uint8Array | string => {
  const routes = []
  for (let i = 0; i < words.length; i += 2) {
    const [net = '', bits = '32'] = (words[i] as string).split('/')
    const [dst, via] = [parseIp4(net), parseIp4(words[i + 1] ?? '')]
    if (dst === undefined || via === undefined || !(Number(bits) <= 32)) return 'bad IP address'
    routes.push({ dst, length: Number(bits), via })
  }
  return classlessValue(routes)
}
