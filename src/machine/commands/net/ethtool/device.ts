/** What `ethtool` tells of a link besides its switches. */
import type { Link, LinkKind } from '../../../../host/index.ts'
import { formatMac } from '../../../../wire/address.ts'
import { Refusal } from '../refusal.ts'

const unsupported = 'Operation not supported'

/** The lines of a driver that reports a medium. */
const mediumText = (speed: string, port: string): string =>
  `\tSupported ports: [  ]
\tSupported link modes:   Not reported
\tSupported pause frame use: No
\tSupports auto-negotiation: No
\tSupported FEC modes: Not reported
\tAdvertised link modes:  Not reported
\tAdvertised pause frame use: No
\tAdvertised auto-negotiation: No
\tAdvertised FEC modes: Not reported
${speed}\tAuto-negotiation: off
\tPort: ${port}
\tPHYAD: 0
\tTransceiver: internal
`

/** What drivers say that have no medium at all. */
const pair = '\tSpeed: 10000Mb/s\n\tDuplex: Full\n'

const media: Readonly<Partial<Record<LinkKind, string>>> = {
  veth: `${mediumText(pair, 'Twisted Pair')}\tMDI-X: Unknown\n`,
  // The level of messages is a number in a line that the tool pads for its names.
  tap:
    `${mediumText(pair, 'Twisted Pair')}\tMDI-X: Unknown\n` +
    `        Current message level: 0x00000000 (0)\n${' '.repeat(30)}\n`,
  bridge: mediumText('\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n', 'Other'),
  eth: mediumText('\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n', 'Other'),
}

/** `ethtool DEVICE`. */
export const settingsText = (link: Link): string =>
  `Settings for ${link.name}:\n${media[link.kind] ?? ''}\tLink detected: ${link.running ? 'yes' : 'no'}\n`

type Driver = { driver: string; version: string; bus: string; statistics: boolean; firmware?: string }

const drivers: Readonly<Partial<Record<LinkKind, Driver>>> = {
  veth: { driver: 'veth', version: '1.0', bus: '', statistics: true },
  tap: { driver: 'tun', version: '1.6', bus: 'tap', statistics: false },
  dummy: { driver: 'dummy', version: '1.0', bus: '', statistics: false },
  bridge: { driver: 'bridge', version: '2.3', bus: 'N/A', statistics: false, firmware: 'N/A' },
  vlan: { driver: '802.1Q VLAN Support', version: '1.8', bus: '', statistics: false, firmware: 'N/A' },
  internal: { driver: 'openvswitch', version: '', bus: '', statistics: false },
  eth: { driver: 'virtio_net', version: '1.0.0', bus: '0000:00:03.0', statistics: true },
}

/** `ethtool -i DEVICE`; a driver without a version has the kernel's `release`. */
export const driverText = ({ kind }: Link, release: string): string => {
  const found = drivers[kind]
  if (found === undefined) throw new Refusal(`Cannot get driver information: ${unsupported}`, 71)
  const yesNo = (yes: boolean): string => (yes ? 'yes' : 'no')
  return (
    `driver: ${found.driver}\nversion: ${found.version === '' ? release : found.version}\n` +
    `firmware-version: ${found.firmware ?? ''}\nexpansion-rom-version: \nbus-info: ${found.bus}\n` +
    `supports-statistics: ${yesNo(found.statistics)}\n` +
    ['test', 'eeprom-access', 'register-dump', 'priv-flags'].map(each => `supports-${each}: no\n`).join('')
  )
}

/** What a pair counts besides packets: its queue, and XDP, of which there is none. */
const pairCounters = [
  ...['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors'].map(
    name => `rx_queue_0_${name}`,
  ),
  'tx_queue_0_xdp_xmit',
  'tx_queue_0_xdp_xmit_errors',
]

/** A virtio NIC's, of all queues (`rx`) and of the only one (`rx0`). */
const nicCounters = {
  rx: ['drops', 'xdp_packets', 'xdp_tx', 'xdp_redirects', 'xdp_drops', 'kicks'],
  tx: ['xdp_tx', 'xdp_tx_drops', 'kicks', 'tx_timeouts'],
}

/** `ethtool -S DEVICE`. */
export const statisticsText = (link: Link): string => {
  const counters: [string, number][] = []
  if (link.kind === 'veth') {
    counters.push(['peer_ifindex', link.peer?.index ?? 0])
    for (const name of pairCounters) counters.push([name, name === 'rx_queue_0_drops' ? link.rx.dropped : 0])
  } else if (link.kind === 'eth') {
    for (const queue of ['', '0'])
      for (const direction of ['rx', 'tx'] as const)
        for (const name of nicCounters[direction]) {
          const value = name === 'kicks' ? link[direction].packets : name === 'drops' ? link.rx.dropped : 0
          counters.push([`${direction}${queue}_${name}`, value])
        }
  } else throw new Refusal('no stats available', 94)
  return `NIC statistics:\n${counters.map(([name, value]) => `     ${name}: ${value}\n`).join('')}`
}

/** `ethtool -P DEVICE`: only a NIC was made with an address. */
export const permanentText = ({ kind, mac }: Link): string =>
  `Permanent address: ${kind === 'eth' ? formatMac(mac) : 'not set'}\n`

/** `ethtool -T DEVICE`. */
export const timeStampText = ({ name, kind }: Link): string => {
  const can = kind === 'internal' ? ['receive', 'system-clock'] : ['transmit', 'receive', 'system-clock']
  return (
    `Time stamping parameters for ${name}:\nCapabilities:\n${can.map(each => `\tsoftware-${each}\n`).join('')}` +
    'PTP Hardware Clock: none\nHardware Transmit Timestamp Modes: none\nHardware Receive Filter Modes: none\n'
  )
}
