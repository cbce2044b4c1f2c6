import { type Ip, isMulticastIp, parseIp } from '../wire/address.ts'
import { type VxlanDialect, VxlanPort } from '../wire/vxlan.ts'

/** A tunnel port as its `options` column describes it (ovs-vswitchd.conf.db(5), "Tunnel Options"). */
export type TunnelConfig = {
  remote: Ip | 'flow'
  /** undefined: any on the way in, the underlay's choice on the way out. */
  local: Ip | 'flow' | undefined
  /** The VNI that frames come in with; without the option it is 0. */
  inKey: number | 'flow'
  /** The VNI that frames leave with; undefined sends 0 and says that there is none. */
  outKey: number | 'flow' | undefined
  dstPort: number
  /** Outer TOS; the ECN bits are always the inner packet's. */
  tos: number | 'inherit'
  ttl: number | 'inherit'
  dontFragment: boolean
  csum: boolean
  dialect: VxlanDialect
  egressPktMark: number | undefined
}

/** `warnings` are for the log, in the order of the options; `error` says why there is no `config`. Both as Open vSwitch words them. */
export type TunnelOptions = { config?: TunnelConfig; warnings: string[]; error?: string }

const known = new Set([
  'remote_ip',
  'local_ip',
  'key',
  'in_key',
  'out_key',
  'dst_port',
  'tos',
  'ttl',
  'df_default',
  'csum',
  'exts',
  'egress_pkt_mark',
  'packet_type',
])

const defaultTtl = 64

/** Reads the `options` of a `vxlan` interface of this name. */
export const parseTunnelOptions = (name: string, options: Readonly<Record<string, string>>): TunnelOptions => {
  const warnings: string[] = []
  const warn = (text: string): void => void warnings.push(`${name}: ${text}`)
  const fail = (text: string): TunnelOptions => ({ warnings, error: `${name}: ${text}` })

  const remote = endpoint(options.remote_ip)
  const local = endpoint(options.local_ip)
  const tos = tosOf(options.tos)
  const bad: Readonly<Record<string, string | undefined>> = {
    remote_ip: remote === undefined ? "bad vxlan 'remote_ip'" : undefined,
    local_ip: local === undefined ? "bad vxlan 'local_ip'" : undefined,
    tos: tos === undefined ? `invalid TOS ${options.tos}` : undefined,
  }
  for (const option of Object.keys(options)) {
    const wrong = known.has(option) ? bad[option] : `unknown vxlan argument '${option}'`
    if (wrong !== undefined) warn(wrong)
  }
  if (typeof remote !== 'string' && remote !== undefined && isMulticastIp(remote))
    return fail(`multicast remote_ip=${options.remote_ip} not allowed`)
  if (remote === undefined) return fail("vxlan type requires valid 'remote_ip' argument")
  if (local === 'flow' && remote !== 'flow') return fail("vxlan type requires 'remote_ip=flow' with 'local_ip=flow'")

  const mark = options.egress_pkt_mark
  return {
    warnings,
    config: {
      remote,
      local,
      inKey: keyOf(options.in_key ?? options.key) ?? 0,
      outKey: keyOf(options.out_key ?? options.key),
      dstPort: leadingNumber(options.dst_port) || VxlanPort.iana,
      tos: tos ?? 0,
      ttl: options.ttl === 'inherit' ? 'inherit' : leadingNumber(options.ttl) & 255 || defaultTtl,
      dontFragment: options.df_default !== 'false',
      csum: options.csum === 'true',
      dialect: dialectOf(options.exts),
      egressPktMark: mark === undefined ? undefined : leadingNumber(mark) >>> 0,
    },
  }
}

const endpoint = (text: string | undefined): Ip | 'flow' | undefined =>
  text === undefined ? undefined : text === 'flow' ? 'flow' : parseIp(text)

/** Its two lowest bits are not for a tunnel to say (RFC 3168). */
const tosOf = (text = '0'): number | 'inherit' | undefined => {
  if (text === 'inherit') return text
  const isNumber = /^\s*(0[xX][0-9a-fA-F]+|[0-9]+)$|^$/.test(text)
  const tos = leadingNumber(text)
  return isNumber && (tos & ~0xfc) === 0 ? tos : undefined
}

const keyOf = (text: string | undefined): number | 'flow' | undefined =>
  text === undefined ? undefined : text === 'flow' ? 'flow' : leadingNumber(text) & 0xffffff

/** A number as C reads it: decimal, hexadecimal after 0x, as far as it goes; 0 if there is none. */
const leadingNumber = (text: string | undefined): number => {
  const match = /^\s*(0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text ?? '')
  return match === null ? 0 : Number(match[1])
}

const dialectOf = (extensions: string | undefined): VxlanDialect => {
  const words = (extensions ?? '').split(',')
  return words.includes('gbp') ? 'gbp' : words.includes('gpe') ? 'gpe' : 'plain'
}
