import type { LinkKind } from './link-kind.ts'

/**
 * What a network device may do in place of the kernel, in the kernel's order and words (`netdev_features_strings`). Most of them
 * are kept and shown only; those that cut runs of TCP segments change what leaves the link.
 */
export const offloadNames = [
  'tx-scatter-gather',
  'tx-checksum-ipv4',
  'tx-checksum-ip-generic',
  'tx-checksum-ipv6',
  'highdma',
  'tx-scatter-gather-fraglist',
  'tx-vlan-hw-insert',
  'rx-vlan-hw-parse',
  'rx-vlan-filter',
  'vlan-challenged',
  'tx-generic-segmentation',
  'rx-gro',
  'rx-lro',
  'tx-tcp-segmentation',
  'tx-gso-robust',
  'tx-tcp-ecn-segmentation',
  'tx-tcp-mangleid-segmentation',
  'tx-tcp6-segmentation',
  'tx-fcoe-segmentation',
  'tx-gre-segmentation',
  'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
  'tx-gso-partial',
  'tx-tunnel-remcsum-segmentation',
  'tx-sctp-segmentation',
  'tx-esp-segmentation',
  'tx-udp-segmentation',
  'tx-gso-list',
  'tx-tcp-accecn-segmentation',
  'tx-checksum-fcoe-crc',
  'tx-checksum-sctp',
  'rx-ntuple-filter',
  'rx-hashing',
  'rx-checksum',
  'tx-nocache-copy',
  'loopback',
  'rx-fcs',
  'rx-all',
  'tx-vlan-stag-hw-insert',
  'rx-vlan-stag-hw-parse',
  'rx-vlan-stag-filter',
  'l2-fwd-offload',
  'hw-tc-offload',
  'esp-hw-offload',
  'esp-tx-csum-hw-offload',
  'rx-udp_tunnel-port-offload',
  'tls-hw-tx-offload',
  'tls-hw-rx-offload',
  'rx-gro-hw',
  'tls-hw-record',
  'rx-gro-list',
  'macsec-hw-offload',
  'rx-udp-gro-forwarding',
  'hsr-tag-ins-offload',
  'hsr-tag-rm-offload',
  'hsr-fwd-offload',
  'hsr-dup-offload',
] as const

export type OffloadName = (typeof offloadNames)[number]

/** What a kind of device has: `on` and `off` are changed at will and begin so, `always` stays on, all else off. */
type Abilities = {
  on: readonly OffloadName[]
  off: readonly OffloadName[]
  always: readonly OffloadName[]
}

const gather = ['tx-scatter-gather', 'tx-scatter-gather-fraglist'] as const
const tcp = [
  'tx-tcp-segmentation',
  'tx-tcp-ecn-segmentation',
  'tx-tcp-mangleid-segmentation',
  'tx-tcp6-segmentation',
] as const
const software = ['tx-sctp-segmentation', 'tx-udp-segmentation', 'tx-gso-list', 'tx-tcp-accecn-segmentation'] as const
const tunnels = [
  'tx-gre-segmentation',
  'tx-gre-csum-segmentation',
  'tx-ipxip4-segmentation',
  'tx-ipxip6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
] as const
const stack = ['rx-gro-list', 'rx-udp-gro-forwarding'] as const

/** Read from Linux 6.18, of a NIC of virtio; Open vSwitch's module was not there, so its internal ports are not as it was seen to set them. */
const abilities: Readonly<Record<LinkKind, Abilities>> = {
  loopback: {
    on: ['tx-generic-segmentation', 'rx-gro', ...tcp, ...software],
    off: stack,
    always: [
      ...gather,
      'tx-checksum-ip-generic',
      'highdma',
      'vlan-challenged',
      'tx-checksum-sctp',
      'rx-checksum',
      'loopback',
    ],
  },
  veth: {
    on: [
      ...gather,
      'tx-checksum-ip-generic',
      'highdma',
      'tx-vlan-hw-insert',
      'rx-vlan-hw-parse',
      'tx-generic-segmentation',
      ...tcp,
      ...tunnels,
      ...software,
      'tx-checksum-sctp',
      'rx-checksum',
      'tx-vlan-stag-hw-insert',
      'rx-vlan-stag-hw-parse',
    ],
    off: ['rx-gro', 'tx-nocache-copy', ...stack],
    always: [],
  },
  vlan: {
    on: [...gather, 'tx-checksum-ip-generic', 'highdma', 'tx-generic-segmentation', 'rx-gro', ...tcp, ...software],
    off: ['tx-nocache-copy', ...stack],
    always: [],
  },
  bridge: {
    on: [
      ...gather,
      'tx-checksum-ip-generic',
      'highdma',
      'tx-vlan-hw-insert',
      'tx-generic-segmentation',
      'rx-gro',
      'tx-gso-robust',
      'tx-fcoe-segmentation',
      ...tcp,
      ...tunnels,
      'tx-gso-partial',
      'tx-tunnel-remcsum-segmentation',
      ...software,
      'tx-esp-segmentation',
      'tx-vlan-stag-hw-insert',
    ],
    off: ['tx-nocache-copy', ...stack],
    always: [],
  },
  dummy: {
    on: [
      ...gather,
      'tx-checksum-ip-generic',
      'highdma',
      'tx-generic-segmentation',
      'rx-gro',
      ...tcp,
      ...tunnels,
      ...software,
    ],
    off: ['tx-nocache-copy', ...stack],
    always: [],
  },
  tap: {
    on: [
      ...gather,
      'tx-checksum-ip-generic',
      'tx-vlan-hw-insert',
      'tx-generic-segmentation',
      'rx-gro',
      'tx-tcp-segmentation',
      'tx-tcp-ecn-segmentation',
      'tx-tcp6-segmentation',
      'tx-udp_tnl-segmentation',
      'tx-udp_tnl-csum-segmentation',
      'tx-udp-segmentation',
      'tx-vlan-stag-hw-insert',
    ],
    off: ['tx-tcp-mangleid-segmentation', 'tx-nocache-copy', ...stack],
    always: [],
  },
  eth: {
    on: [
      'tx-scatter-gather',
      'tx-checksum-ip-generic',
      'tx-generic-segmentation',
      'rx-gro',
      'tx-tcp-segmentation',
      'tx-tcp6-segmentation',
    ],
    off: ['tx-tcp-mangleid-segmentation', 'tx-nocache-copy', ...stack],
    always: ['highdma', 'tx-gso-robust', 'rx-checksum', 'rx-gro-hw'],
  },
  internal: {
    on: [
      ...gather,
      'tx-checksum-ip-generic',
      'highdma',
      'tx-vlan-hw-insert',
      'tx-generic-segmentation',
      'rx-gro',
      ...tcp,
      ...tunnels,
      ...software,
      'tx-vlan-stag-hw-insert',
    ],
    off: ['tx-nocache-copy', ...stack],
    always: [],
  },
}

/** What the reader of a tap says that it can take; before there is a reader, nothing of it is on. */
const readers: ReadonlySet<OffloadName> = new Set([
  'tx-checksum-ip-generic',
  'tx-tcp-segmentation',
  'tx-tcp-ecn-segmentation',
  'tx-tcp6-segmentation',
  'tx-udp_tnl-segmentation',
  'tx-udp_tnl-csum-segmentation',
  'tx-udp-segmentation',
])

/** What may not be on without a checksum by the device, nor without gathering (`netdev_fix_features`). */
const needChecksum: readonly OffloadName[] = [...tcp, 'tx-udp-segmentation']
const needGather: readonly OffloadName[] = [...tcp, 'tx-generic-segmentation']

/** The switches of one device, as `ethtool -k` shows and `ethtool -K` sets them. */
export class Offloads {
  private readonly able: ReadonlySet<OffloadName>
  private readonly always: ReadonlySet<OffloadName>
  private readonly wanted: Set<OffloadName>
  private readonly isTap: boolean

  constructor(kind: LinkKind) {
    const { on, off, always } = abilities[kind]
    this.able = new Set([...on, ...off])
    this.always = new Set(always)
    this.wanted = new Set(on)
    this.isTap = kind === 'tap'
  }

  /** Whether the switch stays as it is whatever is asked. */
  isFixed(name: OffloadName): boolean {
    return !this.able.has(name)
  }

  isWanted(name: OffloadName): boolean {
    return this.wanted.has(name)
  }

  /** What is on now. `plugged`: whether somebody is at the far end of a tap. */
  active(plugged: boolean): ReadonlySet<OffloadName> {
    const active = new Set([...this.wanted, ...this.always])
    const without = (names: Iterable<OffloadName>): void => {
      for (const name of names) active.delete(name)
    }
    if (!active.has('tx-checksum-ip-generic')) without(needChecksum)
    if (!active.has('tx-scatter-gather')) without(needGather)
    if (this.isTap && !plugged) without(readers)
    return active
  }

  /** Asks for switches. What is fixed does not move. */
  ask(wishes: ReadonlyMap<OffloadName, boolean>): void {
    for (const [name, on] of wishes) {
      if (!this.able.has(name)) continue
      if (on) this.wanted.add(name)
      else this.wanted.delete(name)
    }
  }
}
