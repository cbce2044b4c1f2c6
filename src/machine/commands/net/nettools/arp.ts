import { errnoText, type Link, type Neighbour } from '../../../../host/index.ts'
import { formatIp, formatIp4, formatMac, type Ip4, parseMac } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { parseOptions } from '../../../options.ts'
import { addressesOfName, nameOfAddress, parseLoose4 } from '../names.ts'
import { Refusal } from '../refusal.ts'

const usage = `Usage:
  arp [-vn]  [<HW>] [-i <if>] [-a] [<hostname>]             <-Display ARP cache
  arp [-v]          [-i <if>] -d  <host> [pub]               <-Delete ARP entry
  arp [-v]   [<HW>] [-i <if>] -s  <host> <hwaddr> [temp]            <-Add entry

        -a                       display (all) hosts in alternative (BSD) style
        -e                       display (all) hosts in default (Linux) style
        -s, --set                set a new ARP entry
        -d, --delete             delete a specified entry
        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -i, --device             specify network interface (e.g. eth0)

  <HW>=Use '-H <hw>' to specify hardware address type. Default: ether
  List of possible hardware types (which support ARP):
    ether (Ethernet) `

const letters = {
  a: 'none',
  e: 'none',
  s: 'none',
  set: 'none',
  d: 'none',
  delete: 'none',
  v: 'none',
  verbose: 'none',
  n: 'none',
  numeric: 'none',
  i: 'required',
  device: 'required',
  H: 'required',
  t: 'required',
  V: 'none',
  version: 'none',
  h: 'none',
  help: 'none',
} as const

/** arp(8) of net-tools 2.10. */
export const arp: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), letters)
  if (!parsed.ok) return yield* process.fail(`arp: ${parsed.error}\n${usage}`, 3)
  const has = (...names: string[]): boolean => parsed.options.some(option => names.includes(option.name))
  const device = parsed.options.find(option => option.name === 'i' || option.name === 'device')?.value
  try {
    if (has('V', 'version')) yield* process.print('net-tools 2.10\n')
    else if (has('h', 'help')) yield* process.print(`${usage}\n`)
    else if (has('s', 'set')) set(process, parsed.operands, device)
    else if (has('d', 'delete')) {
      const gone = remove(process, parsed.operands, device)
      if (gone !== '') {
        yield* process.print(gone)
        return 255
      }
    } else {
      const how = { bsd: has('a'), numeric: has('n', 'numeric'), verbose: has('v', 'verbose') }
      yield* process.print(show(process, parsed.operands[0], device, how))
    }
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const hostOf = (process: Process, text: string): Ip4 => {
  const ip = parseLoose4(text) ?? addressesOfName(process, text, 4)[0]
  if (typeof ip === 'number') return ip
  throw new Refusal(`${text}: ${/^[\d.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure'}`, 255)
}

/** The link that leads to an address, which must be a neighbour. */
const linkTo = ({ namespace }: Process, ip: Ip4, device: string | undefined, call: string): Link => {
  if (device !== undefined) {
    const link = namespace.links.get(device)
    if (link === undefined) throw new Refusal(`${call}: ${errnoText.ENODEV}`, 255)
    return link
  }
  const path = namespace.route(ip)
  if (typeof path === 'string') throw new Refusal(`${call}: ${errnoText[path]}`, 255)
  if (path.hop !== ip || path.cast !== 'unicast') throw new Refusal(`${call}: ${errnoText.EINVAL}`, 255)
  return path.link
}

const set = (process: Process, [host, address]: readonly string[], device: string | undefined): void => {
  if (host === undefined) throw new Refusal('arp: need host name', 255)
  const ip = hostOf(process, host)
  if (address === undefined) throw new Refusal('arp: need hardware address', 255)
  const mac = parseMac(address)
  if (mac === undefined) throw new Refusal('arp: invalid hardware address', 255)
  const link = linkTo(process, ip, device, 'SIOCSARP')
  const added = process.namespace.addNeighbour(link, ip, mac, 'PERMANENT', true)
  if (!added.ok) throw new Refusal(`SIOCSARP: ${errnoText[added.errno]}`, 255)
}

/** The complaint, which is printed to stdout, if there is no such entry. */
const remove = (process: Process, [host]: readonly string[], device: string | undefined): string => {
  if (host === undefined) throw new Refusal('arp: need host name', 255)
  const ip = hostOf(process, host)
  const link = linkTo(process, ip, device, 'SIOCDARP')
  return process.namespace.removeNeighbour(link, ip).ok ? '' : `No ARP entry for ${host}\n`
}

type How = { bsd: boolean; numeric: boolean; verbose: boolean }

const show = (process: Process, host: string | undefined, device: string | undefined, how: How): string => {
  const ip = host === undefined ? undefined : hostOf(process, host)
  const all = process.namespace.arp.all().filter(each => each.state !== 'NOARP' && each.state !== 'NONE')
  const found = all.filter(
    each => (ip === undefined || each.ip === ip) && (device === undefined || each.link.name === device),
  )
  const counts = how.verbose
    ? `Entries: ${all.length}\tSkipped: ${all.length - found.length}\tFound: ${found.length}\n`
    : ''
  if (found.length === 0) {
    if (ip !== undefined) return `${host} (${formatIp4(ip)}) -- no entry\n${counts}`
    return device !== undefined || all.length > 0 ? `arp: in ${all.length} entries no match found.\n${counts}` : counts
  }
  const lines = found.map(each => (how.bsd ? bsdLine(process, each, how.numeric) : line(process, each, how.numeric)))
  const heading = 'Address                  HWtype  HWaddress           Flags Mask            Iface\n'
  return `${how.bsd ? '' : heading}${lines.join('')}${counts}`
}

const nameOf = (process: Process, { ip }: Neighbour, numeric: boolean): string | undefined =>
  numeric ? undefined : nameOfAddress(process, ip)

const line = (process: Process, each: Neighbour, numeric: boolean): string => {
  const name = (nameOf(process, each, numeric) ?? formatIp(each.ip)).slice(0, 23).padEnd(23)
  const middle = each.usable
    ? `  ${'ether'.padEnd(6)}  ${formatMac(each.mac).padEnd(17)}   ${`C${each.state === 'PERMANENT' ? 'M' : ''}`.padEnd(5)} ${' '.repeat(15)} `
    : `  ${' '.repeat(8)}${'(incomplete)'.padEnd(42)}`
  return `${name}${middle}${each.link.name}\n`
}

const bsdLine = (process: Process, each: Neighbour, numeric: boolean): string => {
  const address = each.usable
    ? `${formatMac(each.mac)} [ether] ${each.state === 'PERMANENT' ? 'PERM ' : ''}`
    : '<incomplete> '
  return `${nameOf(process, each, numeric) ?? '?'} (${formatIp(each.ip)}) at ${address}on ${each.link.name}\n`
}
