/** Values of `packet_type`: namespace 16, type 16; the second namespace is that of EtherTypes. */
export const PacketType = {
  ethernet: 0,
  ipv4: 0x0001_0800,
  ipv6: 0x0001_86dd,
  mpls: 0x0001_8847,
  mplsMulticast: 0x0001_8848,
  nsh: 0x0001_894f,
} as const

/** NSH's number of what follows (RFC 8300 §2.2), by packet type. */
export const nshProtocols: ReadonlyMap<number, number> = new Map([
  [PacketType.ipv4, 1],
  [PacketType.ipv6, 2],
  [PacketType.ethernet, 3],
  [PacketType.nsh, 4],
])
