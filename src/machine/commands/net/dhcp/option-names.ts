import { utf8 } from '../../../../runtime/index.ts'
import { formatIp4, parseIp4 } from '../../../../wire/address.ts'
import { DhcpOption, dhcpValue } from '../../../../wire/dhcp.ts'
import { parseName, readName } from '../../../../wire/dns-name.ts'

type Kind = 'addresses' | 'text' | 'u8' | 'u16' | 'u32' | 'i32' | 'octets' | 'names' | 'hex'

/** Options by the names of dhcp-options(5), in the order in which dhclient writes them into its lease file. */
export const dhcpOptionNames: Readonly<Record<string, { code: number; kind: Kind }>> = {
  'subnet-mask': { code: DhcpOption.subnetMask, kind: 'addresses' },
  'time-offset': { code: DhcpOption.timeOffset, kind: 'i32' },
  routers: { code: DhcpOption.router, kind: 'addresses' },
  'dhcp-lease-time': { code: DhcpOption.leaseTime, kind: 'u32' },
  'dhcp-message-type': { code: DhcpOption.messageType, kind: 'u8' },
  'domain-name-servers': { code: DhcpOption.dnsServer, kind: 'addresses' },
  'dhcp-server-identifier': { code: DhcpOption.serverId, kind: 'addresses' },
  'domain-search': { code: DhcpOption.domainSearch, kind: 'names' },
  'dhcp-renewal-time': { code: DhcpOption.renewalTime, kind: 'u32' },
  'rfc3442-classless-static-routes': { code: DhcpOption.classlessRoutes, kind: 'octets' },
  'broadcast-address': { code: DhcpOption.broadcastAddress, kind: 'addresses' },
  'interface-mtu': { code: DhcpOption.mtu, kind: 'u16' },
  'ntp-servers': { code: DhcpOption.ntpServer, kind: 'addresses' },
  'netbios-name-servers': { code: 44, kind: 'addresses' },
  'netbios-scope': { code: 47, kind: 'text' },
  'dhcp-message': { code: DhcpOption.message, kind: 'text' },
  'dhcp-client-identifier': { code: DhcpOption.clientId, kind: 'hex' },
  'dhcp-rebinding-time': { code: DhcpOption.rebindingTime, kind: 'u32' },
  'host-name': { code: DhcpOption.hostName, kind: 'text' },
  'domain-name': { code: DhcpOption.domainName, kind: 'text' },
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

const numberOf = (value: Uint8Array): number => value.reduce((sum, byte) => sum * 256 + byte, 0)

const addressesOf = (value: Uint8Array): string[] =>
  Array.from({ length: value.length >> 2 }, (_, i) => formatIp4(numberOf(value.subarray(i * 4, i * 4 + 4))))

/** The names of option 119, without their last dots; RFC 3397 compresses them against each other. */
export const searchNames = (value: Uint8Array): string[] => {
  const names: string[] = []
  for (let at = 0; at < value.length; ) {
    const name = readName(value, 0, at, value.length)
    if (!name.ok) break
    names.push(name.value.name.replace(/\.$/, ''))
    at = name.value.next
  }
  return names
}

const textOf = (value: Uint8Array): string => String.fromCharCode(...value).replace(/\0+$/, '')

const hexOf = (value: Uint8Array): string => [...value].map(byte => byte.toString(16)).join(':')

const shown: Readonly<Record<Kind, (value: Uint8Array) => string>> = {
  addresses: value => addressesOf(value).join(','),
  text: value => quoted(textOf(value)),
  u8: value => `${numberOf(value)}`,
  u16: value => `${numberOf(value)}`,
  u32: value => (numberOf(value) === 0xffffffff ? 'infinite' : `${numberOf(value)}`),
  i32: value => `${numberOf(value) | 0}`,
  octets: value => [...value].join(','),
  names: value =>
    searchNames(value)
      .map(name => quoted(`${name}.`))
      .join(', '),
  hex: hexOf,
}

/** Name and value of an option as a lease file has them; undefined for codes without a name here. */
export const optionText = (code: number, value: Uint8Array): string | undefined => {
  for (const [name, option] of Object.entries(dhcpOptionNames))
    if (option.code === code) return `${name} ${shown[option.kind](value)}`
  return undefined
}

/** Bytes of a number, most significant first. */
const bytesOf = (number: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (number >>> (8 * (size - 1 - i))) & 255)

const sizes = { u8: 1, u16: 2, u32: 4, i32: 4 } as const

/** The value of an option as dhclient.conf and lease files have it; undefined if it is none. */
export const optionValue = (name: string, text: string): Uint8Array | undefined => {
  const kind = dhcpOptionNames[name]?.kind
  const parts = text.split(',').map(part => part.trim())
  const plain = (part: string): string => part.replace(/^"(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1')
  switch (kind) {
    case undefined:
      return undefined
    case 'addresses': {
      const ips = parts.map(parseIp4)
      return ips.every(ip => ip !== undefined) ? dhcpValue.u32(...ips) : undefined
    }
    case 'text':
      return utf8(plain(text))
    case 'names': {
      const labels = parts.map(part => parseName(plain(part)))
      if (!labels.every(each => each !== undefined)) return undefined
      return Uint8Array.from(labels.flatMap(name => [...name.flatMap(label => [label.length, ...label]), 0]))
    }
    case 'octets': {
      const bytes = parts.map(Number)
      return bytes.every(byte => byte >= 0 && byte < 256) ? Uint8Array.from(bytes) : undefined
    }
    case 'hex':
      if (text.startsWith('"')) return utf8(plain(text))
      return /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i.test(text)
        ? Uint8Array.from(text.split(':').map(part => Number.parseInt(part, 16)))
        : undefined
    default:
      if (text === 'infinite') return bytesOf(0xffffffff, sizes[kind])
      return /^-?\d+$/.test(text) ? bytesOf(Number(text), sizes[kind]) : undefined
  }
}
