/** The `tnl_push` action in a datapath's notation, of VXLAN. */
import type { OdpRow } from '../flow/odp-parts.ts'
import type { OdpScanner } from '../flow/odp-scan.ts'
import type { Action } from './action.ts'
import { type TunnelHeader, tunnelHeaderSize } from './tunnel-header.ts'

const plainRow = (kind: OdpRow['kind'], width: number): OdpRow => ({
  ...{ label: '', at: 0, count: 1, low: 0 },
  width,
  kind,
  room: width,
})
const macRow = plainRow('mac', 48)
const ip4Row = plainRow('ip4', 32)
const ip6Row = plainRow('ip6', 128)
const numberRow = plainRow('number', 32)

/** UDP source ports that the frame's hash chooses from, as the headers tell none. */
const usualPorts = { least: 32768, most: 61000 }

/** What follows `tnl_push(`; undefined if it cannot be read, or is of another tunnel. */
export const scanTunnelPush = (scanner: OdpScanner): Action | undefined => {
  const value = (before: string, row: OdpRow): bigint | undefined =>
    scanner.take(before) ? scanner.scan(row, false)?.value : undefined
  const number = (before: string): number | undefined => {
    const found = value(before, numberRow)
    return found === undefined ? undefined : Number(found)
  }
  const tunnelPort = number('tnl_port(')
  const size = number('),header(size=')
  if (number(',type=') !== vxlanType) return undefined
  const dst = value(',eth(dst=', macRow)
  const src = value(',src=', macRow)
  const type = number(',dl_type=')
  const ip = type === 0x0800 ? scanIp4(value, number) : type === 0x86dd ? scanIp6(value, number) : undefined
  const udpSrc = number('),udp(src=')
  const udpDst = number(',dst=')
  const csum = number(',csum=')
  const vxlanFlags = number('),vxlan(flags=')
  const vni = number(',vni=')
  const outPort = number(')),out_port(')
  const numbers = [tunnelPort, size, udpDst, csum, vxlanFlags, vni, outPort]
  if (ip === undefined || dst === undefined || src === undefined || numbers.includes(undefined)) return undefined
  if (udpSrc !== 0 || !scanner.take('))')) return undefined
  const header: TunnelHeader = {
    dst: Number(dst),
    src: Number(src),
    ...ip,
    udpDst: (udpDst as number) & 0xffff,
    csum: csum !== 0,
    vxlanFlags: vxlanFlags as number,
    vni: (vni as number) & 0xffffff,
    sourcePorts: usualPorts,
  }
  if (tunnelHeaderSize(header) !== size) return undefined
  return { type: 'tnl_push', tunnelPort: tunnelPort as number, header, outPort: outPort as number }
}

/** The number that Open vSwitch's datapaths have for VXLAN. */
const vxlanType = 4

type Ip = Pick<TunnelHeader, 'ipSrc' | 'ipDst' | 'tos' | 'ttl' | 'dontFragment'>
type Value = (before: string, row: OdpRow) => bigint | undefined
type Number32 = (before: string) => number | undefined
const udpProtocol = 17

const scanIp4 = (value: Value, number: Number32): Ip | undefined => {
  const src = value('),ipv4(src=', ip4Row)
  const dst = value(',dst=', ip4Row)
  const protocol = number(',proto=')
  const [tos, ttl, frag] = [number(',tos='), number(',ttl='), number(',frag=')]
  if (src === undefined || dst === undefined || protocol !== udpProtocol) return undefined
  if (tos === undefined || ttl === undefined || frag === undefined) return undefined
  return { ipSrc: Number(src), ipDst: Number(dst), tos: tos & 255, ttl: ttl & 255, dontFragment: frag === 0x4000 }
}

const scanIp6 = (value: Value, number: Number32): Ip | undefined => {
  const src = value('),ipv6(src=', ip6Row)
  const dst = value(',dst=', ip6Row)
  const label = number(',label=')
  const protocol = number(',proto=')
  const [tos, ttl] = [number(',tclass='), number(',hlimit=')]
  if (src === undefined || dst === undefined || label !== 0 || protocol !== udpProtocol) return undefined
  if (tos === undefined || ttl === undefined) return undefined
  return { ipSrc: src, ipDst: dst, tos: tos & 255, ttl: ttl & 255, dontFragment: false }
}
