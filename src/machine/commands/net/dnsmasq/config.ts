import type { DhcpHost, DhcpRange } from '../../../../host/dhcp/index.ts'
import type { Ip } from '../../../../wire/address.ts'
import type { DnsRecord } from '../../../../wire/dns.ts'

/** An upstream server, for all names or for those of a domain; no address for a domain that only we know. */
export type Upstream = { address: Ip | undefined; port: number; domain: string }

/** `--address=/DOMAIN/IP`: a domain with all below it. Without addresses there are no such names. */
export type Fixed = { domain: string; addresses: Ip[] }

/** What the options of dnsmasq(8) and its files say. Names are in small letters, without their last dot; `''` is every name. */
export type DnsmasqConfig = {
  interfaces: string[]
  exceptInterfaces: string[]
  noDhcpInterfaces: string[]
  listen: Ip[]
  bindInterfaces: boolean
  foreground: boolean
  /** `-d`: logs to stderr; so does `--log-facility=-`. */
  logToStderr: boolean
  logFile: string | undefined
  logQueries: boolean
  logDhcp: boolean
  port: number
  noResolv: boolean
  noHosts: boolean
  resolvFile: string
  hostsFiles: string[]
  servers: Upstream[]
  fixed: Fixed[]
  /** What `--host-record`, `--cname`, `--mx-host`, `--txt-record` and `--ptr-record` say. */
  records: DnsRecord[]
  expandHosts: boolean
  domainNeeded: boolean
  bogusPrivate: boolean
  domain: string
  cacheSize: number
  pidFile: string | undefined
  test: boolean
  ranges: DhcpRange[]
  hosts: DhcpHost[]
  dhcpOptions: Map<number, { value: Uint8Array; forced: boolean }>
  authoritative: boolean
  sequential: boolean
  noPing: boolean
  leaseFile: string
  leaseMax: number
}

export const usualConfig = (): DnsmasqConfig => ({
  interfaces: [],
  exceptInterfaces: [],
  noDhcpInterfaces: [],
  listen: [],
  bindInterfaces: false,
  foreground: false,
  logToStderr: false,
  logFile: undefined,
  logQueries: false,
  logDhcp: false,
  port: 53,
  noResolv: false,
  noHosts: false,
  resolvFile: '/etc/resolv.conf',
  hostsFiles: [],
  servers: [],
  fixed: [],
  records: [],
  expandHosts: false,
  domainNeeded: false,
  bogusPrivate: false,
  domain: '',
  cacheSize: 150,
  pidFile: '/run/dnsmasq.pid',
  test: false,
  ranges: [],
  hosts: [],
  dhcpOptions: new Map(),
  authoritative: false,
  sequential: false,
  noPing: false,
  leaseFile: '/var/lib/misc/dnsmasq.leases',
  leaseMax: 1000,
})
