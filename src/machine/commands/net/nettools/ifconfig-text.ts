import type { Address, Link, Namespace } from '../../../../host/index.ts'
import { formatIp, formatIp4, formatMac, type Ip4, isIp6, mask4 } from '../../../../wire/address.ts'

const flagBits = [
  ['UP', 0x1],
  ['BROADCAST', 0x2],
  ['LOOPBACK', 0x8],
  ['RUNNING', 0x40],
  ['NOARP', 0x80],
  ['PROMISC', 0x100],
  ['ALLMULTI', 0x200],
  ['MULTICAST', 0x1000],
] as const

const scopes = {
  global: '0x0<global>',
  site: '0x40<site>',
  link: '0x20<link>',
  host: '0x10<host>',
  nowhere: '0x0<global>',
}

/** Flags as the ioctl gives them, which knows RUNNING and no LOWER_UP. */
const flagsOf = (link: Link): { number: number; names: string } => {
  const set = new Set([...link.flags, ...(link.running ? ['RUNNING'] : [])])
  const chosen = flagBits.filter(([name]) => set.has(name))
  return {
    number: chosen.reduce((sum, [, bit]) => sum + bit, 0),
    names: chosen.map(([name]) => name).join(','),
  }
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `7156 (6.9 KiB)`: tenths are cut off, not rounded. */
export const humanBytes = (bytes: number): string => {
  let unit = 0
  while (unit < units.length - 1 && bytes >= 1024 ** (unit + 1)) unit++
  const tenths = Math.floor((bytes * 10) / 1024 ** unit)
  return `${bytes} (${Math.floor(tenths / 10)}.${tenths % 10} ${units[unit]})`
}

const inet = (link: Link, { ip, peer, broadcast, length }: Address): string => {
  const far = link.isLoopback || peer !== undefined ? '' : `  broadcast ${formatIp4(broadcast ?? 0)}`
  return `        inet ${formatIp(ip)}  netmask ${formatIp4(mask4(length))}${peer === undefined ? far : `  broadcast ${formatIp4(broadcast ?? 0)}`}\n`
}

const inet6 = ({ ip, length, scope }: Address): string =>
  `        inet6 ${formatIp(ip)}  prefixlen ${length}  scopeid ${scopes[scope]}\n`

const hardware = (link: Link): string => {
  const queue = `txqueuelen ${link.txQueueLength}`
  return link.isLoopback
    ? `        loop  ${queue}  (Local Loopback)\n`
    : `        ether ${formatMac(link.mac)}  ${queue}  (Ethernet)\n`
}

const counters = ({ rx, tx }: Link): string =>
  `        RX packets ${rx.packets}  bytes ${humanBytes(rx.bytes)}\n` +
  `        RX errors ${rx.errors}  dropped ${rx.dropped}  overruns 0  frame 0\n` +
  `        TX packets ${tx.packets}  bytes ${humanBytes(tx.bytes)}\n` +
  `        TX errors ${tx.errors}  dropped ${tx.dropped} overruns 0  carrier 0  collisions 0\n`

/** A link or one of its labels (`eth0:1`), as ifconfig shows each. */
export type Shown = { link: Link; label: string }

/** What there is to show: links by name with their labels behind them; without `all`, those that are up. */
export const shownLinks = (namespace: Namespace, all: boolean): Shown[] =>
  namespace.links
    .all()
    .filter(link => all || link.up)
    .flatMap(link => {
      const labels = namespace.addresses.of(link, 4).map(a => a.label)
      return [link.name, ...new Set(labels.filter(label => label !== link.name && label.includes(':')))].map(label => ({
        link,
        label,
      }))
    })
    .sort((a, b) => natural(a.label, b.label))

/** Names in the order of their letters, then of their number: eth2 before eth10. */
const natural = (a: string, b: string): number => {
  const split = (name: string): [string, number] => {
    const digits = /\d+$/.exec(name)?.[0] ?? ''
    return [name.slice(0, name.length - digits.length), digits === '' ? -1 : Number(digits)]
  }
  const [aWord, aNumber] = split(a)
  const [bWord, bNumber] = split(b)
  return aWord < bWord ? -1 : aWord > bWord ? 1 : aNumber - bNumber
}

/** A link's paragraph, with the empty line behind it. */
export const ifconfigText = (namespace: Namespace, { link, label }: Shown): string => {
  const { number, names } = flagsOf(link)
  const own = namespace.addresses.of(link, 4).find(a => a.label === label)
  const six = label === link.name ? namespace.addresses.of(link, 6).filter(a => isIp6(a.ip)) : []
  const heading = `${label}: flags=${number}<${names}>  mtu ${link.mtu}\n`
  const addresses = `${own === undefined ? '' : inet(link, own)}${six.map(inet6).join('')}`
  return `${heading}${addresses}${hardware(link)}${label === link.name ? counters(link) : ''}\n`
}

/** `netstat -i` and `ifconfig -s`, below the heading of the latter. */
export const interfaceTable = (namespace: Namespace, all: boolean): string =>
  shownLinks(namespace, all)
    .filter(({ link, label }) => link.name === label)
    .map(({ link }) => {
      const { rx, tx } = link
      const cell = (value: number): string => String(value).padStart(6)
      const letters = `${link.isLoopback ? 'L' : 'B'}${link.flags.includes('MULTICAST') ? 'M' : ''}${
        link.flags.includes('NOARP') ? 'O' : ''
      }${link.promiscuous ? 'P' : ''}${link.running ? 'R' : ''}${link.up ? 'U' : ''}`
      const received = `${String(rx.packets).padStart(8)} ${cell(rx.errors)} ${cell(rx.dropped)} 0     `
      const sent = `${String(tx.packets).padStart(9)} ${cell(tx.errors)} ${cell(tx.dropped)} ${cell(0)} ${letters}`
      return `${link.name.padEnd(15)} ${String(link.mtu).padStart(5)} ${received}${sent}\n`
    })
    .join('')

/** The mask that an address had before there were prefixes (RFC 791 §3.2). */
export const classLength = (ip: Ip4): number => (ip >>> 31 === 0 ? 8 : ip >>> 30 === 2 ? 16 : 24)
