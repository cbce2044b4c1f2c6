import { done, failed, type Result } from './errno.ts'
import { NeighbourConfig } from './neighbour-settings.ts'

/** What a link may set for itself; `all` and `default` have the same fields. */
export type LinkSettings = {
  forwarding: number
  rp_filter: number
  accept_local: number
  arp_ignore: number
  arp_accept: number
  disable_ipv6: number
  accept_ra: number
  autoconf: number
  dad_transmits: number
  forwarding6: number
  hop_limit: number
  keep_addr_on_down: number
  send_redirects: number
  accept_redirects: number
  secure_redirects: number
  shared_media: number
  accept_redirects6: number
  accept_ra_mtu: number
  /** The version of IGMP to speak whatever routers speak; 0 for theirs. */
  force_igmp_version: number
  force_mld_version: number
  /** The MTU that a router advertised; 0 for the link's own. It has no name in sysctl here. */
  mtu6: number
}

const linkDefaults = (): LinkSettings => ({
  forwarding: 0,
  rp_filter: 0,
  accept_local: 0,
  arp_ignore: 0,
  arp_accept: 0,
  disable_ipv6: 0,
  accept_ra: 1,
  autoconf: 1,
  dad_transmits: 1,
  forwarding6: 0,
  hop_limit: 64,
  keep_addr_on_down: 0,
  send_redirects: 1,
  accept_redirects: 1,
  secure_redirects: 1,
  shared_media: 1,
  accept_redirects6: 1,
  accept_ra_mtu: 1,
  force_igmp_version: 0,
  force_mld_version: 0,
  mtu6: 0,
})

/** Where `net.ipv4.conf.LINK.X` and `net.ipv6.conf.LINK.X` are kept. */
const linkNames: Record<string, keyof LinkSettings> = {
  'ipv4.forwarding': 'forwarding',
  'ipv4.rp_filter': 'rp_filter',
  'ipv4.accept_local': 'accept_local',
  'ipv4.arp_ignore': 'arp_ignore',
  'ipv4.arp_accept': 'arp_accept',
  'ipv6.disable_ipv6': 'disable_ipv6',
  'ipv6.accept_ra': 'accept_ra',
  'ipv6.autoconf': 'autoconf',
  'ipv6.dad_transmits': 'dad_transmits',
  'ipv6.forwarding': 'forwarding6',
  'ipv6.hop_limit': 'hop_limit',
  'ipv6.keep_addr_on_down': 'keep_addr_on_down',
  'ipv4.send_redirects': 'send_redirects',
  'ipv4.accept_redirects': 'accept_redirects',
  'ipv4.secure_redirects': 'secure_redirects',
  'ipv4.shared_media': 'shared_media',
  'ipv6.accept_redirects': 'accept_redirects6',
  'ipv6.accept_ra_mtu': 'accept_ra_mtu',
  'ipv4.force_igmp_version': 'force_igmp_version',
  'ipv6.force_mld_version': 'force_mld_version',
}

/** Defaults of the settings that are one for the whole namespace (Documentation/networking/ip-sysctl). */
const globals = {
  'net.ipv4.ip_default_ttl': 64,
  'net.ipv4.icmp_echo_ignore_all': 0,
  'net.ipv4.icmp_echo_ignore_broadcasts': 1,
  'net.ipv4.icmp_ratelimit': 1000,
  'net.ipv4.icmp_ratemask': 0x1818,
  'net.ipv4.ip_no_pmtu_disc': 0,
  'net.ipv4.ipfrag_time': 30,
  'net.ipv4.ipfrag_high_thresh': 4194304,
  'net.ipv4.route.mtu_expires': 600,
  'net.ipv4.route.min_pmtu': 552,
  'net.ipv4.igmp_link_local_mcast_reports': 1,
  'net.ipv4.igmp_max_memberships': 20,
  'net.ipv4.igmp_max_msf': 10,
  'net.ipv4.igmp_qrv': 2,
  'net.ipv6.icmp.ratelimit': 1000,
  'net.ipv6.mld_max_msf': 64,
  'net.ipv6.mld_qrv': 2,
  'net.ipv6.ip6frag_time': 60,
  'net.ipv6.ip6frag_high_thresh': 4194304,
  'net.ipv6.bindv6only': 0,
  'net.core.rmem_default': 212992,
  'net.core.rmem_max': 212992,
  'net.core.wmem_max': 212992,
  'net.core.somaxconn': 4096,
  'net.ipv4.tcp_sack': 1,
  'net.ipv4.tcp_timestamps': 1,
  'net.ipv4.tcp_window_scaling': 1,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_retries2': 15,
  'net.ipv4.tcp_orphan_retries': 0,
  'net.ipv4.tcp_fin_timeout': 60,
  'net.ipv4.tcp_keepalive_time': 7200,
  'net.ipv4.tcp_keepalive_intvl': 75,
  'net.ipv4.tcp_keepalive_probes': 9,
} as const

const portRange = 'net.ipv4.ip_local_port_range'

/** Least, first and largest size of a TCP socket's buffers, in bytes. */
const memoryNames = { 'net.ipv4.tcp_rmem': 'tcpReceive', 'net.ipv4.tcp_wmem': 'tcpSend' } as const
const congestionControl = 'net.ipv4.tcp_congestion_control'
const availableControls = 'net.ipv4.tcp_available_congestion_control'

/** What a TCP connection may be told to use. */
export const congestionControls = ['reno', 'cubic'] as const

type Sizes = readonly [number, number, number]

export type GlobalSetting = keyof typeof globals

/**
 * sysctl of one namespace: names with dots, values as the text of `/proc/sys`. The ones the packet path asks are plain
 * fields. Setting `all` or `ip_forward` sets every link, as Linux does for forwarding.
 */
export class Settings {
  readonly all = linkDefaults()
  readonly default = linkDefaults()
  readonly neigh4 = new NeighbourConfig()
  readonly neigh6 = new NeighbourConfig()
  /** The first and the last port of `net.ipv4.ip_local_port_range`. */
  portRange: readonly [number, number] = [32768, 60999]
  tcpReceive: Sizes = [4096, 131072, 6291456]
  tcpSend: Sizes = [4096, 16384, 4194304]
  congestion: (typeof congestionControls)[number] = 'cubic'
  private readonly links = new Map<string, LinkSettings>()
  private readonly values = new Map<string, number>(Object.entries(globals))
  private readonly onChange: (name: string) => void

  constructor(onChange: (name: string) => void = () => {}) {
    this.onChange = onChange
  }

  /** The settings of a link, made from `default` when first asked for. */
  of(link: string): LinkSettings {
    let settings = this.links.get(link)
    if (settings === undefined) {
      settings = { ...this.default }
      this.links.set(link, settings)
      this.neigh4.of(link)
      this.neigh6.of(link)
    }
    return settings
  }

  forget(link: string): void {
    this.links.delete(link)
    this.neigh4.forget(link)
    this.neigh6.forget(link)
  }

  rename(from: string, to: string): void {
    const settings = this.links.get(from)
    this.links.delete(from)
    if (settings !== undefined) this.links.set(to, settings)
    this.neigh4.rename(from, to)
    this.neigh6.rename(from, to)
  }

  value(name: GlobalSetting): number {
    return this.values.get(name) as number
  }

  /** All names that exist now, sorted: the files under /proc/sys/net. */
  names(): string[] {
    const tcp = [...Object.keys(memoryNames), congestionControl, availableControls]
    const names = ['net.ipv4.ip_forward', portRange, ...tcp, ...this.values.keys()]
    for (const link of ['all', 'default', ...this.links.keys()]) names.push(...this.namesOf(link))
    return names.sort()
  }

  /** Those of one link, or of `all` and `default`. */
  namesOf(link: string): string[] {
    return [
      ...Object.keys(linkNames).map(name => join(name, link)),
      ...this.neigh4.namesOf(link).map(name => `net.ipv4.neigh.${link}.${name}`),
      ...this.neigh6.namesOf(link).map(name => `net.ipv6.neigh.${link}.${name}`),
    ]
  }

  /** The text without its newline; undefined if there is no such setting. */
  get(name: string): string | undefined {
    if (name === 'net.ipv4.ip_forward') return String(this.all.forwarding)
    if (name === portRange) return this.portRange.join('\t')
    if (isMemoryName(name)) return this[memoryNames[name]].join('\t')
    if (name === congestionControl) return this.congestion
    if (name === availableControls) return congestionControls.join(' ')
    const value = this.values.get(name)
    if (value !== undefined) return String(value)
    const neigh = this.findNeigh(name)
    if (neigh !== undefined) return neigh.config.get(neigh.link, neigh.field)?.toString()
    const found = this.find(name)
    return found === undefined ? undefined : String(found.settings[found.field])
  }

  /** ENOENT for a name that is not there, EINVAL for what is not a number. */
  set(name: string, text: string): Result {
    const words = text.trim().split(/\s+/)
    if (name === congestionControl) return this.setCongestion(words[0])
    if (name === availableControls) return failed('EACCES')
    const value = Number(words[0])
    if (!words.every(word => /^-?[0-9]+$/.test(word))) return failed('EINVAL')
    if (name === portRange) return this.setPortRange(value, Number(words[1] ?? this.portRange[1]))
    if (isMemoryName(name)) return this.setMemory(name, words.map(Number))
    const neigh = this.findNeigh(name)
    if (neigh !== undefined) {
      if (neigh.config.get(neigh.link, neigh.field) === undefined) return failed('ENOENT')
      if (value < 0) return failed('EINVAL')
      neigh.config.set(neigh.link, neigh.field, value)
      this.onChange(name)
      return done
    }
    if (this.values.has(name)) this.values.set(name, value)
    else if (name === 'net.ipv4.ip_forward') this.setEverywhere('forwarding', value)
    else {
      const found = this.find(name)
      if (found === undefined) return failed('ENOENT')
      const everywhere = found.field === 'forwarding' || found.field === 'forwarding6' || found.field === 'disable_ipv6'
      if (found.settings === this.all && everywhere) this.setEverywhere(found.field, value)
      else found.settings[found.field] = value
    }
    this.onChange(name)
    return done
  }

  private setPortRange(first: number, last: number): Result {
    if (first < 1 || last > 65535 || first > last) return failed('EINVAL')
    this.portRange = [first, last]
    this.onChange(portRange)
    return done
  }

  /** As Linux: fewer than three numbers set the first ones; none may be under 1. */
  private setMemory(name: keyof typeof memoryNames, sizes: number[]): Result {
    const field = memoryNames[name]
    const [least, first, most] = this[field]
    if (sizes.some(size => size < 1 || size > 0x7fffffff)) return failed('EINVAL')
    this[field] = [sizes[0] ?? least, sizes[1] ?? first, sizes[2] ?? most]
    this.onChange(name)
    return done
  }

  /** ENOENT for one that there is no module for. */
  private setCongestion(name: string | undefined): Result {
    const known = congestionControls.find(control => control === name)
    if (known === undefined) return failed('ENOENT')
    this.congestion = known
    this.onChange(congestionControl)
    return done
  }

  private findNeigh(name: string): { config: NeighbourConfig; link: string; field: string } | undefined {
    const parts = /^net\.ipv([46])\.neigh\.(.+)\.([a-z0-9_]+)$/.exec(name)
    if (parts === null) return undefined
    const config = parts[1] === '4' ? this.neigh4 : this.neigh6
    return { config, link: parts[2] as string, field: parts[3] as string }
  }

  private setEverywhere(field: keyof LinkSettings, value: number): void {
    for (const settings of [this.all, this.default, ...this.links.values()]) settings[field] = value
  }

  private find(name: string): { settings: LinkSettings; field: keyof LinkSettings } | undefined {
    const parts = /^net\.(ipv[46])\.conf\.(.+)\.([a-z0-9_]+)$/.exec(name)
    if (parts === null) return undefined
    const field = linkNames[`${parts[1]}.${parts[3]}`]
    const link = parts[2] as string
    const settings = link === 'all' ? this.all : link === 'default' ? this.default : this.links.get(link)
    return field === undefined || settings === undefined ? undefined : { settings, field }
  }
}

const isMemoryName = (name: string): name is keyof typeof memoryNames => name in memoryNames

const join = (name: string, link: string): string => {
  const [family, field] = name.split('.') as [string, string]
  return `net.${family}.conf.${link}.${field}`
}
