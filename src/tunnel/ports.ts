/**
 * Which tunnel port a decapsulated frame came in by, and what outer headers a frame gets on its way out of one. All ports
 * of a UDP port share one datapath port, so the frame's tunnel words decide.
 *
 * A port says of VNI and remote address "this one" or `flow` (any), and of the local address "this one", nothing (any),
 * or `flow` (any, and the flow table chooses it for output). The most exact port wins, and an exact VNI counts more
 * than an exact remote, that more than an exact local address. The order is Open vSwitch's, seen from outside.
 */
import { type FlowKey, tunnelFlag, word } from '../flow/layout.ts'
import { typeOf } from '../flow/match.ts'
import type { Ip } from '../wire/address.ts'
import type { TunnelConfig } from './options.ts'
import { keyAddress, setAddress } from './row.ts'

type Rank = { exactKey: boolean; exactRemote: boolean; local: 'exact' | 'any' | 'flow' }

const ranks: Rank[] = [true, false].flatMap(exactKey =>
  [true, false].flatMap(exactRemote =>
    (['exact', 'any', 'flow'] as const).map(local => ({ exactKey, exactRemote, local })),
  ),
)

const ones = 0xffffffff

/** Tunnel ports by what they match, each standing for a `T`. */
export class TunnelPorts<T> {
  /** A map for each rank, and by the text of what is exact in it. */
  private readonly maps: Map<string, T>[] = ranks.map(() => new Map())

  /** Adds a port. Gives the port that has the same configuration already, which stays, or undefined. */
  add(port: T, config: TunnelConfig): T | undefined {
    const { map, name } = this.place(config)
    const present = map.get(name)
    if (present === undefined) map.set(name, port)
    return present
  }

  remove(config: TunnelConfig): void {
    const { map, name } = this.place(config)
    map.delete(name)
  }

  /**
   * The port of a frame with these tunnel words that came to a UDP port. Every bit that decides it, or that is part of
   * how the switch treats the frame, is set in `mask`.
   */
  find(key: FlowKey, dstPort: number, mask?: FlowKey): T | undefined {
    if (mask !== undefined) markTunnel(key, mask)
    const vni = key[word.tunIdLow]!
    const remote = keyAddress(key, word.tunSrc, word.tunIpv6Src)
    const local = keyAddress(key, word.tunDst, word.tunIpv6Dst)
    for (const [i, map] of this.maps.entries()) {
      if (map.size === 0) continue
      const rank = ranks[i] as Rank
      const port = map.get(
        nameOf(
          dstPort,
          rank.exactKey ? vni : undefined,
          rank.exactRemote ? remote : undefined,
          rank.local === 'exact' ? local : undefined,
        ),
      )
      if (port !== undefined) return port
    }
    return undefined
  }

  private place({ dstPort, inKey, remote, local }: TunnelConfig): { map: Map<string, T>; name: string } {
    const kind = local === undefined ? 'any' : local === 'flow' ? 'flow' : 'exact'
    const exactKey = inKey !== 'flow'
    const exactRemote = remote !== 'flow'
    const i = ranks.findIndex(r => r.exactKey === exactKey && r.exactRemote === exactRemote && r.local === kind)
    return {
      map: this.maps[i] as Map<string, T>,
      name: nameOf(
        dstPort,
        inKey === 'flow' ? undefined : inKey,
        remote === 'flow' ? undefined : remote,
        local === 'flow' ? undefined : local,
      ),
    }
  }
}

const nameOf = (dstPort: number, vni: number | undefined, remote: Ip | undefined, local: Ip | undefined): string =>
  `${dstPort} ${vni ?? '*'} ${remote ?? '*'} ${local ?? '*'}`

/** Sets the bits that decide of which tunnel port a frame with these tunnel words is, and how it is treated, in `mask`. */
export const markTunnel = (key: FlowKey, mask: FlowKey): void => {
  mask[word.tunIdHigh] = mask[word.tunIdLow] = ones
  if (key[word.tunSrc] !== 0 || key[word.tunDst] !== 0) mask[word.tunSrc] = mask[word.tunDst] = ones
  else for (let i = 0; i < 4; i++) mask[word.tunIpv6Src + i] = mask[word.tunIpv6Dst + i] = ones
  const flags = tunnelFlag.dontFragment | tunnelFlag.csum | tunnelFlag.key
  mask[word.tunFlags] = (mask[word.tunFlags]! | (flags << 16) | 0xff00) >>> 0
}

const isIp = (key: FlowKey): boolean => {
  const type = typeOf(key)
  return type === 0x0800 || type === 0x86dd
}

const ecnCe = 3
const ecnEct0 = 2

/**
 * Writes the outer headers that a frame with this key gets on its way out of a port into the key's tunnel words; what
 * was read of the frame is set in `mask`. Where the flow table chooses the remote address and has not, there is none.
 */
export const egress = (config: TunnelConfig, key: FlowKey, mask: FlowKey): void => {
  const { remote, local, outKey, dstPort } = config
  if (remote !== 'flow') setAddress(key, word.tunDst, word.tunIpv6Dst, remote)
  if (local !== 'flow') setAddress(key, word.tunSrc, word.tunIpv6Src, local ?? 0)
  if (outKey !== 'flow') {
    key[word.tunIdHigh] = 0
    key[word.tunIdLow] = outKey ?? 0
  }
  const flags =
    ((key[word.tunFlags]! >>> 16) & tunnelFlag.oam) |
    (config.dontFragment ? tunnelFlag.dontFragment : 0) |
    (config.csum ? tunnelFlag.csum : 0) |
    (outKey === undefined ? 0 : tunnelFlag.key)
  key[word.tunFlags] = ((flags << 16) | (outerTos(config, key, mask) << 8) | outerTtl(config, key, mask)) >>> 0
  key[word.tunTransport] = dstPort
  // Of ERSPAN a port says all by itself.
  key[word.tunErspan] = key[word.tunErspan]! & 0xff
  key[word.tunErspanIndex] = 0
  if (config.egressPktMark !== undefined) {
    key[word.pktMark] = config.egressPktMark
    mask[word.pktMark] = ones
  }
}

/** RFC 3168 §9.1.1: the outer ECN field is the inner one's, but what has seen congestion already goes out capable. */
const outerTos = ({ tos }: TunnelConfig, key: FlowKey, mask: FlowKey): number => {
  const dscp = tos === 'inherit' ? (isIp(key) ? (key[word.ip]! >>> 16) & 0xfc : 0) : tos & 0xfc
  if (!isIp(key)) return dscp
  mask[word.ip] = (mask[word.ip]! | (tos === 'inherit' ? 0xff0000 : 0x030000)) >>> 0
  const ecn = (key[word.ip]! >>> 16) & 3
  return dscp | (ecn === ecnCe ? ecnEct0 : ecn)
}

/** 0 of a packet without hops left leaves the hops to the network's own default. */
const outerTtl = ({ ttl }: TunnelConfig, key: FlowKey, mask: FlowKey): number => {
  if (ttl !== 'inherit') return ttl
  if (!isIp(key)) return 64
  mask[word.ip] = (mask[word.ip]! | 0xff00) >>> 0
  return (key[word.ip]! >>> 8) & 255
}

/**
 * What congestion marked on the outer header means for the inner packet (RFC 3168 §9.1.1): nothing, a mark, or, where the
 * inner packet's sender knows no marks, its loss. The bits that decide are set in `mask`.
 */
export const congestion = (key: FlowKey, mask: FlowKey): 'none' | 'mark' | 'drop' => {
  mask[word.tunFlags] = (mask[word.tunFlags]! | 0x0300) >>> 0
  if (((key[word.tunFlags]! >>> 8) & 3) !== ecnCe || !isIp(key)) return 'none'
  mask[word.ip] = (mask[word.ip]! | 0x030000) >>> 0
  const inner = (key[word.ip]! >>> 16) & 3
  return inner === 0 ? 'drop' : inner === ecnCe ? 'none' : 'mark'
}
