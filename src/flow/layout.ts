/**
 * The flow key: what a frame and its way here mean, as one fixed row of 32-bit words. A field is some bits of a word, or
 * several whole words; `fields.ts` says which. A mask is a row of the same shape.
 *
 * The order is by how often a datapath looks: a forwarding decision on L2 reads the first words only. What does not
 * apply to a frame (the UDP port of an ARP packet) is zero. Fields that never occur together share words, as they share
 * names in OpenFlow: `arp_spa` is `nw_src`, `arp_op` is `nw_proto`, `nd_sll` is `arp_sha`, `icmp_type` is `tp_src`.
 */
export type FlowKey = Uint32Array

/** A tunnel's part of the row by itself: from `word.tunIdHigh` on, `tunnelWords` long. */
export type TunnelRow = Uint32Array

/** The first word of each part; comments give the bits, most significant first. */
export const word = {
  /** Port number: the datapath's own numbers below the switch, OpenFlow's inside it. */
  inPort: 0,
  /** dl_dst[47..16] */
  ethernet: 1,
  /** dl_dst[15..0] dl_src[47..32] */
  ethernet1: 2,
  /** dl_src[31..0] */
  ethernet2: 3,
  /** outer VLAN: TPID 16, TCI 16 with the CFI bit set when a tag is there */
  vlan: 4,
  /** inner VLAN, the same */
  vlan1: 5,
  /** dl_type 16 (0x05ff for 802.3 without SNAP), packet_type's flag and unused 16 */
  ethType: 6,
  /** nw_frag 8, nw_tos 8, nw_ttl 8, nw_proto (low byte of arp_op) 8 */
  ip: 7,
  /** nw_src, arp_spa */
  ipv4Src: 8,
  /** nw_dst, arp_tpa */
  ipv4Dst: 9,
  /** tp_src 16 (ICMP type), tp_dst 16 (ICMP code) */
  transport: 10,
  /** unused 4 and tcp_flags 12 in the high half, unused 16 */
  tcpFlags: 11,
  ipv6Src: 12,
  ipv6Dst: 16,
  ipv6Label: 20,
  /** arp_sha or nd_sll 48, arp_tha or nd_tll 48, packed as `ethernet` */
  arpSha: 21,
  ndTarget: 24,
  ndReserved: 28,
  /** nd_options_type 8, igmp group is in ipv4Dst of its own word */
  ndOptionsType: 29,
  igmpGroup: 30,
  /** three label stack entries, the outermost first */
  mpls: 31,
  /** nsh_flags 8, nsh_ttl 8, nsh_mdtype 8, nsh_np 8 */
  nsh: 34,
  /** nsh_spi 24, nsh_si 8 */
  nshPath: 35,
  nshContext: 36,
  /** namespace 16, type 16 of packet_type; 0 is Ethernet */
  packetType: 40,
  skbPriority: 41,
  pktMark: 42,
  recircId: 43,
  dpHash: 44,
  ctState: 45,
  ctZone: 46,
  ctMark: 47,
  ctLabel: 48,
  ctIpv4Src: 52,
  ctIpv4Dst: 53,
  ctIpv6Src: 54,
  ctIpv6Dst: 58,
  /** ct_tp_src 16, ct_tp_dst 16 */
  ctTransport: 62,
  ctProto: 63,
  tunIdHigh: 64,
  tunIdLow: 65,
  tunSrc: 66,
  tunDst: 67,
  tunIpv6Src: 68,
  tunIpv6Dst: 72,
  /** tun_flags 16 (`tunnelFlag`), tun_tos 8, tun_ttl 8 */
  tunFlags: 76,
  /** outer UDP ports: source 16, destination 16 */
  tunTransport: 77,
  /** tun_gbp_flags 8 in the high half's low byte, tun_gbp_id 16 */
  tunGbp: 78,
  /** tun_erspan_ver 8, tun_erspan_dir 8, tun_erspan_hwid 8, unused 8 */
  tunErspan: 79,
  tunErspanIndex: 80,
  /** tun_gtpu_flags 8, tun_gtpu_msgtype 8, unused 16 */
  tunGtpu: 81,
  metadataHigh: 82,
  metadataLow: 83,
  regs: 84,
  actsetOutput: 100,
  conjId: 101,
  /** which of tun_metadata0 to 63 are there: 63..32, 31..0 */
  tunMetadataPresent: 102,
  /** 256 bytes that the TLV table hands out */
  tunMetadata: 104,
} as const

/** Words in a flow key. */
export const keyWords = 168
/** Words that a datapath extracts from a frame alone. */
export const frameWords = 40
export const tunnelWords = word.metadataHigh - word.tunIdHigh

/** Bits of `word.tunFlags`' high half. `key`: the tunnel ID is there; `csum`, `dontFragment`: of the outer headers. */
export const tunnelFlag = { oam: 1, dontFragment: 2, csum: 4, key: 8 } as const

/** Bits of `nw_frag`: any fragment, and not the first one. */
export const fragment = { any: 1, later: 2 } as const

export const newKey = (): FlowKey => new Uint32Array(keyWords)

/** So many passing keys share a buffer. */
const passing = 32
let slab = new ArrayBuffer(0)
let slabAt = 0

/**
 * A key for no longer than a frame is dealt with. A buffer for each takes four times the time; one that is kept would keep
 * those of 31 others.
 */
export const passingKey = (): FlowKey => {
  if (slabAt === slab.byteLength) {
    slab = new ArrayBuffer(passing * 4 * keyWords)
    slabAt = 0
  }
  const key = new Uint32Array(slab, slabAt, keyWords)
  slabAt += 4 * keyWords
  return key
}

export const passingCopy = (key: FlowKey): FlowKey => {
  const copy = passingKey()
  copy.set(key)
  return copy
}

/** Whether the frame came out of a tunnel: its outer headers say where it went. */
export const hasTunnel = (key: FlowKey): boolean => {
  if (key[word.tunDst] !== 0) return true
  for (let at: number = word.tunIpv6Dst; at < word.tunIpv6Dst + 4; at++) if (key[at] !== 0) return true
  return false
}
