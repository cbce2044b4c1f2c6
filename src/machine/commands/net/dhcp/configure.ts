import { classlessRoutes, type Lease, lengthOf } from '../../../../host/dhcp/index.ts'
import type { Link } from '../../../../host/index.ts'
import { second } from '../../../../runtime/index.ts'
import { formatIp4, type Ip4, mask4 } from '../../../../wire/address.ts'
import { DhcpOption } from '../../../../wire/dhcp.ts'
import type { Process } from '../../../command.ts'
import { searchNames } from './option-names.ts'

/** What dhclient-script(8) does with a lease. The complaints are those of `ip`, which the script calls. */
export const applyLease = (process: Process, link: Link, lease: Lease, before: Lease | undefined): string[] => {
  const { namespace, clock } = process
  const { options } = lease
  const complaints: string[] = []
  const mtu = options.get(DhcpOption.mtu)
  // Smaller ones would break IPv4.
  if (mtu?.length === 2 && mtu[0]! * 256 + mtu[1]! >= 576) link.setMtu(mtu[0]! * 256 + mtu[1]!)
  if (before !== undefined && before.address !== lease.address) dropLease(process, link)
  const length = lengthOf(lease)
  const own = namespace.addresses.of(link, 4).find(each => each.ip === lease.address && each.length === length)
  const left = Math.ceil((lease.expire - clock.now()) / second)
  if (own !== undefined && before !== undefined) {
    own.validUntil = lease.expire
    own.preferredUntil = lease.expire
  } else {
    const [said = (lease.address | ~mask4(length)) >>> 0] = addresses(options, DhcpOption.broadcastAddress)
    const lifetimes = left === Number.POSITIVE_INFINITY ? {} : { validLifetime: left, preferredLifetime: left }
    const added = namespace.addAddress(link, { ip: lease.address, length, broadcast: said, ...lifetimes })
    if (!added.ok && added.message !== undefined) complaints.push(`Error: ${added.message}`)
  }
  addRoutes(process, link, lease, length)
  const text = resolverText(process, options)
  if (text !== undefined) process.machine.files.write(process, '/etc/resolv.conf', text)
  return complaints
}

const addRoutes = (process: Process, link: Link, lease: Lease, length: number): void => {
  const { namespace } = process
  const add = (dst: Ip4, bits: number, via: Ip4): void => {
    namespace.addRoute({ dst, length: bits, link, ...(via === 0 ? {} : { via }) })
  }
  const value = lease.options.get(DhcpOption.classlessRoutes)
  const routes = value === undefined ? undefined : classlessRoutes(value)
  if (routes !== undefined) {
    for (const { dst, length: bits, via } of routes) add(dst, bits, via)
    return
  }
  for (const router of addresses(lease.options, DhcpOption.router)) {
    if (length === 32) add(router, 32, 0)
    add(0, 0, router)
  }
}

const addresses = (options: Lease['options'], code: number): Ip4[] => {
  const value = options.get(code) ?? new Uint8Array(0)
  const at = (i: number): number => value[i] as number
  return Array.from(
    { length: value.length >> 2 },
    (_, i) => ((at(i * 4) << 24) | (at(i * 4 + 1) << 16) | (at(i * 4 + 2) << 8) | at(i * 4 + 3)) >>> 0,
  )
}

/** /etc/resolv.conf as the script writes it: what the lease does not say of servers stays as it is. */
const resolverText = (process: Process, options: Lease['options']): string | undefined => {
  const servers = addresses(options, DhcpOption.dnsServer)
  const domain = options.get(DhcpOption.domainName)
  const search = options.get(DhcpOption.domainSearch)
  if (servers.length === 0 && domain === undefined && search === undefined) return undefined
  const name = domain === undefined ? '' : String.fromCharCode(...domain).replace(/\0+$/, '')
  const names = search === undefined ? name : searchNames(search).join(' ')
  const lines = [name === '' ? '' : `domain ${name}`, names === '' ? '' : `search ${names}`]
  for (const server of servers) lines.push(`nameserver ${formatIp4(server)}`)
  if (servers.length === 0) {
    const before = process.machine.files.readText(process, '/etc/resolv.conf')
    lines.push(...(before.ok ? before.value.split('\n').filter(line => line.startsWith('nameserver')) : []))
  }
  return lines
    .filter(line => line !== '')
    .map(line => `${line}\n`)
    .join('')
}

/** Takes all IPv4 addresses off a link, as the script does when a lease is over or given back. */
export const dropLease = ({ namespace }: Process, link: Link): void => {
  for (const { ip, length, label } of namespace.addresses.of(link, 4))
    if (label === link.name) namespace.removeAddress(link, ip, length)
}
