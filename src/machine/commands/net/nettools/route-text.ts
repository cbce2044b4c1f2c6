import { type Namespace, type Route, RouteTable } from '../../../../host/index.ts'
import { formatIp, formatIp4, formatIp6, type Ip4, type Ip6, mask4 } from '../../../../wire/address.ts'

/** Which columns: those of `route`, of `route -e` and `netstat -r`, of `route -ee`. */
export type RouteColumns = 'plain' | 'extended' | 'all'

const headings: Record<RouteColumns, string> = {
  plain: 'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface',
  extended: 'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface',
  all: 'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt',
}

const refuses = (route: Route): boolean => route.type === 'unreachable' || route.type === 'prohibit'

const flagsOf = (route: Route): string => {
  if (refuses(route)) return '!'
  return `U${route.via === undefined ? '' : 'G'}${route.length === (typeof route.dst === 'bigint' ? 128 : 32) ? 'H' : ''}`
}

/** The main table as `route` lists it. `name` gives the name of an address, or itself. */
export const routeTable = (
  namespace: Namespace,
  columns: RouteColumns,
  name: (ip: Ip4) => string,
  numeric: boolean,
): string => {
  const rows = namespace.routes4.list(RouteTable.main).map(route => row(route, columns, name, numeric))
  return `Kernel IP routing table\n${headings[columns]}\n${rows.join('')}`
}

const row = (route: Route, columns: RouteColumns, name: (ip: Ip4) => string, numeric: boolean): string => {
  const { dst, length, via, link, metric, mtu = 0 } = route
  const nothing = refuses(route)
  const target = length === 0 ? (numeric ? '0.0.0.0' : 'default') : numeric ? formatIp(dst) : name(dst as Ip4)
  const gateway = nothing ? '-' : via === undefined ? '0.0.0.0' : numeric ? formatIp(via) : name(via as Ip4)
  const device = nothing ? '-' : (link?.name ?? '*')
  const start = `${target.slice(0, 15).padEnd(15)} ${gateway.slice(0, 15).padEnd(15)} ${formatIp4(mask4(length)).padEnd(15)} `
  const flags = flagsOf(route).padEnd(5)
  if (columns === 'extended') {
    const [mss, window, irtt] = nothing ? ['-', '-', '-'] : [String(mtu === 0 ? 0 : mtu - 40), '0', '0']
    return `${start}${flags} ${mss.padStart(5)} ${window.padEnd(6)} ${irtt.padStart(5)} ${device}\n`
  }
  const plain = `${start}${flags} ${String(metric).padEnd(6)} ${(nothing ? '-' : '0').padEnd(6)} ${'0'.padStart(3)} `
  if (columns === 'plain') return `${plain}${device}\n`
  const [mss, window, irtt] = nothing ? ['-', '-', '-'] : ['0', '0', '0']
  return `${plain}${device.padEnd(8)} ${mss.padEnd(5)} ${window.padEnd(6)} ${irtt}\n`
}

/** Both tables of IPv6 as `route -6` lists them, longest heading first. */
export const routeTable6 = (namespace: Namespace): string => {
  const heading =
    'Kernel IPv6 routing table\nDestination                    Next Hop                   Flag Met Ref  Use If\n'
  const routes = [...namespace.routes6.list(RouteTable.main), ...namespace.routes6.list(RouteTable.local)]
  return heading + routes.map(row6).join('')
}

const row6 = (route: Route): string => {
  const { dst, length, via, link, metric, type } = route
  const local = type === 'local'
  const device = local ? (link?.name ?? 'lo') : (link?.name ?? '-')
  const host = length === 128 && !local ? 'H' : ''
  const flags = refuses(route) ? '!' : `U${via === undefined ? '' : 'G'}${host}${local ? 'n' : ''}`
  const target = `${formatIp6(dst as Ip6)}/${length}`
  const hop = via === undefined ? '::' : formatIp(via)
  return `${target.padEnd(30)} ${hop.padEnd(26)} ${flags.padEnd(4)} ${String(metric).padEnd(3)} ${'1'.padEnd(4)} ${'0'.padStart(4)} ${device}\n`
}
