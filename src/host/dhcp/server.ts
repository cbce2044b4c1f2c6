/**
 * The server of DHCP (RFC 2131 §4.3) as a machine without sockets: a message in, an answer out, the table of leases in between. It
 * decides and speaks as dnsmasq does, and knows no relays.
 */
import { type Clock, second } from '../../runtime/index.ts'
import { formatIp4, formatMac, type Ip4 } from '../../wire/address.ts'
import {
  type Dhcp,
  DhcpMessage,
  DhcpOp,
  DhcpOption,
  dhcpAddresses,
  dhcpMessage,
  dhcpText,
  dhcpType,
  dhcpValue,
} from '../../wire/dhcp.ts'
import { LeaseTable, type Lent } from './lease-table.ts'
import { type DhcpHost, type DhcpPlace, type DhcpRange, type DhcpServerConfig, placeOf } from './server-config.ts'

/**
 * What to send: to the client's new address by its MAC, to the address that it has, or to everybody. `tested` is false where the
 * address has to be tried out first, with `isTaken` for what came of it.
 */
export type DhcpAnswer = { reply: Dhcp; to: 'client' | 'address' | 'all'; tested: boolean }

const declined = 600 * second
const tried = 30 * second

export class DhcpServer {
  readonly leases = new LeaseTable()
  private readonly clock: Clock
  private readonly config: DhcpServerConfig
  /** Told of each message as dnsmasq's log has it: `DHCPDISCOVER(eth0) 02:00:00:00:00:01 `. */
  private readonly log: (text: string) => void
  /** Addresses that nobody answered at, and until when that is believed. */
  private readonly quiet = new Map<Ip4, number>()
  private readonly offers = new Map<Ip4, { mac: number; until: number }>()

  constructor(clock: Clock, config: DhcpServerConfig, log: (text: string) => void) {
    this.clock = clock
    this.config = config
    this.log = log
  }

  /** What came of trying an address out. */
  tried(address: Ip4, isTaken: boolean): void {
    if (isTaken) this.leases.avoid(address, this.clock.now() + declined)
    else this.quiet.set(address, this.clock.now() + tried)
  }

  /** The ranges that serve a place. */
  rangesAt({ address, mask }: DhcpPlace): DhcpRange[] {
    return this.config.ranges.filter(range => sameNet(range.from, address, range.mask ?? mask))
  }

  answer(message: Dhcp, place: DhcpPlace): DhcpAnswer | undefined {
    if (message.op !== DhcpOp.request || message.hlen !== 6 || this.rangesAt(place).length === 0) return undefined
    if (this.hostOf(message)?.ignored === true) {
      this.say(nameOfType[dhcpType(message)] ?? 'BOOTP', message, place, 0, 'ignored')
      return undefined
    }
    switch (dhcpType(message)) {
      case DhcpMessage.discover:
        return this.discover(message, place)
      case DhcpMessage.request:
        return this.request(message, place)
      case DhcpMessage.decline:
        this.decline(message, place)
        return undefined
      case DhcpMessage.release:
        this.release(message, place)
        return undefined
      case DhcpMessage.inform:
        return this.inform(message, place)
      default:
        return undefined
    }
  }

  private say(type: string, { chaddr }: Dhcp, place: DhcpPlace, address: Ip4, more: string): void {
    const shown = address === 0 ? '' : `${formatIp4(address)} `
    this.log(`${type}(${place.link}) ${shown}${formatMac(chaddr)} ${more}`)
  }

  private discover(message: Dhcp, place: DhcpPlace): DhcpAnswer | undefined {
    const wanted = requested(message)
    const address = this.choose(message, place)
    this.say('DHCPDISCOVER', message, place, wanted, address === undefined ? 'no address available' : '')
    if (address === undefined) return undefined
    const now = this.clock.now()
    const known = this.leases.at(address, now) !== undefined || this.hostOf(message)?.address === address
    if (!known && (this.quiet.get(address) ?? 0) <= now) {
      return { reply: this.reply(DhcpMessage.offer, message, place, address), to: 'client', tested: false }
    }
    this.offers.set(address, { mac: message.chaddr, until: now + tried })
    this.say('DHCPOFFER', message, place, address, '')
    return { reply: this.reply(DhcpMessage.offer, message, place, address), to: toWhom(message), tested: true }
  }

  private request(message: Dhcp, place: DhcpPlace): DhcpAnswer | undefined {
    const [server] = dhcpAddresses(message, DhcpOption.serverId)
    if (server !== undefined && server !== place.address) {
      // It took another's offer.
      for (const [address, { mac }] of this.offers) if (mac === message.chaddr) this.offers.delete(address)
      return undefined
    }
    const asked = requested(message)
    const address = asked !== 0 ? asked : message.ciaddr
    if (address === 0) return undefined
    const renews = asked === 0
    const own = this.leases.of(message.chaddr, clientOf(message))
    const now = this.clock.now()
    const has = own !== undefined && own.expires > now ? own : undefined
    const { authoritative } = this.config
    // Another server's client, perhaps.
    if (!renews && server === undefined && has === undefined && !authoritative && inNet(address, place))
      return undefined
    this.say('DHCPREQUEST', message, place, address, '')
    const wrong = this.wrong(message, place, address, renews, has)
    if (wrong !== undefined) return this.refuse(message, place, address, wrong)
    const name = this.nameFor(message)
    for (const other of name === '' ? [] : this.leases.all(now)) if (other.name === name) other.name = ''
    if (own !== undefined && own.address !== address) this.leases.delete(own.address)
    this.offers.delete(address)
    const expires = now + this.secondsFor(message, place, address) * second
    this.leases.put({ address, mac: message.chaddr, clientId: clientOf(message), name, expires })
    this.say('DHCPACK', message, place, address, name)
    const reply = this.reply(DhcpMessage.ack, message, place, address)
    return { reply, to: renews ? 'address' : toWhom(message), tested: true }
  }

  /** Why a client may not have an address, in dnsmasq's words. */
  private wrong(
    message: Dhcp,
    place: DhcpPlace,
    address: Ip4,
    renews: boolean,
    has: Lent | undefined,
  ): string | undefined {
    const { authoritative } = this.config
    if (!inNet(address, place)) return 'wrong network'
    if (renews && has?.address !== address && (has !== undefined || !authoritative)) return 'lease not found'
    if (
      !renews &&
      has !== undefined &&
      has.address !== address &&
      dhcpAddresses(message, DhcpOption.serverId).length === 0
    )
      return 'wrong address'
    const host = this.hostOf(message)
    if (host?.address !== undefined && host.address !== address && this.mayHave(message, place, host.address))
      return 'static lease available'
    if (this.config.hosts.some(other => other.address === address && other !== host)) return 'address reserved'
    if (host?.address !== address && !this.rangesAt(place).some(range => isIn(range, address)))
      return 'address not available'
    const lent = this.leases.at(address, this.clock.now())
    return lent !== undefined && !isOf(lent, message) ? 'address in use' : undefined
  }

  private refuse(message: Dhcp, place: DhcpPlace, address: Ip4, why: string): DhcpAnswer {
    this.say('DHCPNAK', message, place, address, why)
    const options = new Map([
      [DhcpOption.serverId, dhcpValue.u32(place.address)],
      [DhcpOption.message, dhcpValue.text(why)],
    ])
    const { xid, chaddr } = message
    const reply = dhcpMessage(DhcpMessage.nak, { xid, chaddr, broadcast: true, options })
    return { reply, to: 'all', tested: true }
  }

  private decline(message: Dhcp, place: DhcpPlace): void {
    const address = requested(message)
    const lent = this.leases.at(address, this.clock.now())
    this.say('DHCPDECLINE', message, place, address, dhcpText(message, DhcpOption.message) ?? '')
    if (lent !== undefined && isOf(lent, message)) this.leases.delete(address)
    this.leases.avoid(address, this.clock.now() + declined)
  }

  private release(message: Dhcp, place: DhcpPlace): void {
    const lent = this.leases.at(message.ciaddr, this.clock.now())
    const isKnown = lent !== undefined && isOf(lent, message)
    this.say('DHCPRELEASE', message, place, message.ciaddr, isKnown ? '' : 'unknown lease')
    if (isKnown) this.leases.delete(message.ciaddr)
  }

  private inform(message: Dhcp, place: DhcpPlace): DhcpAnswer {
    this.say('DHCPINFORM', message, place, message.ciaddr, '')
    this.say('DHCPACK', message, place, message.ciaddr, this.nameFor(message))
    const reply = this.reply(DhcpMessage.ack, message, place, 0)
    return { reply, to: message.ciaddr === 0 ? 'all' : 'address', tested: true }
  }

  /** The address to offer: the one set for this host, the one that it had, the one that it asks for, or a free one. */
  private choose(message: Dhcp, place: DhcpPlace): Ip4 | undefined {
    const host = this.hostOf(message)
    if (host?.address !== undefined && this.mayHave(message, place, host.address)) return host.address
    const own = this.leases.of(message.chaddr, clientOf(message))
    for (const wish of [own?.address, requested(message)]) {
      if (wish === undefined || wish === 0 || !this.rangesAt(place).some(range => isIn(range, wish))) continue
      if (this.isFree(message, place, wish)) return wish
    }
    if (own === undefined && this.leases.all(this.clock.now()).length >= this.config.most) return undefined
    for (const range of this.rangesAt(place)) {
      if (range.isStatic) continue
      const count = range.to - range.from + 1
      const first = this.config.sequential ? 0 : placeOf(message.chaddr, count)
      for (let i = 0; i < count; i++) {
        const address = range.from + ((first + i) % count)
        if (this.isFree(message, place, address)) return address
      }
    }
    return undefined
  }

  private mayHave(message: Dhcp, place: DhcpPlace, address: Ip4): boolean {
    const lent = this.leases.at(address, this.clock.now())
    return inNet(address, place) && (lent === undefined || isOf(lent, message))
  }

  private isFree(message: Dhcp, place: DhcpPlace, address: Ip4): boolean {
    const now = this.clock.now()
    const lent = this.leases.at(address, now)
    const offer = this.offers.get(address)
    if (offer !== undefined && offer.until > now && offer.mac !== message.chaddr) return false
    if (address === place.address || (address & 255) === 255 || (address & 255) === 0) return false
    if (this.config.hosts.some(host => host.address === address)) return false
    return !this.leases.isAvoided(address, now) && (lent === undefined || isOf(lent, message))
  }

  private hostOf(message: Dhcp): DhcpHost | undefined {
    const id = clientOf(message)
    const name = dhcpText(message, DhcpOption.hostName)?.split('.')[0]
    const { hosts } = this.config
    return (
      hosts.find(host => host.clientId !== undefined && host.clientId === id) ??
      hosts.find(host => host.macs.includes(message.chaddr)) ??
      hosts.find(host => host.macs.length === 0 && host.clientId === undefined && host.name === name)
    )
  }

  private nameFor(message: Dhcp): string {
    const said = dhcpText(message, DhcpOption.hostName)?.split('.')[0] ?? ''
    return this.hostOf(message)?.name ?? (/^[\w-]{1,63}$/.test(said) ? said : '')
  }

  private secondsFor(message: Dhcp, place: DhcpPlace, address: Ip4): number {
    const range = this.rangesAt(place).find(each => isIn(each, address)) ?? this.rangesAt(place)[0]
    const most = this.hostOf(message)?.seconds ?? range?.seconds ?? 3600
    const asked = message.options.get(DhcpOption.leaseTime)
    if (asked?.length !== 4) return most
    const wish = ((asked[0]! << 24) | (asked[1]! << 16) | (asked[2]! << 8) | asked[3]!) >>> 0
    return Math.max(120, Math.min(wish, most))
  }

  private reply(type: number, message: Dhcp, place: DhcpPlace, address: Ip4): Dhcp {
    const { xid, chaddr, broadcast, giaddr, ciaddr } = message
    const said = new Map<number, Uint8Array>([[DhcpOption.serverId, dhcpValue.u32(place.address)]])
    if (address !== 0) {
      const seconds = this.secondsFor(message, place, address)
      const times = seconds === Number.POSITIVE_INFINITY ? [0xffffffff] : [seconds, seconds / 2, (seconds * 7) / 8]
      for (const [i, code] of [DhcpOption.leaseTime, DhcpOption.renewalTime, DhcpOption.rebindingTime].entries())
        if (times[i] !== undefined) said.set(code, dhcpValue.u32(Math.floor(times[i])))
    }
    for (const [code, value] of this.wishes(type, message, place)) said.set(code, value)
    const fields = { xid, chaddr, broadcast, giaddr, yiaddr: address, siaddr: place.address, options: said }
    return dhcpMessage(type, { ...fields, ciaddr: type === DhcpMessage.ack ? ciaddr : 0 })
  }

  /** What the client wants to know of what there is to say. */
  private wishes(type: number, message: Dhcp, place: DhcpPlace): [number, Uint8Array][] {
    const wants = message.options.get(DhcpOption.parameterList)
    const { options, domain, servesNames } = this.config
    const usual = new Map<number, Uint8Array>([
      [DhcpOption.subnetMask, dhcpValue.u32(place.mask)],
      [DhcpOption.broadcastAddress, dhcpValue.u32(place.broadcast)],
      [DhcpOption.router, dhcpValue.u32(place.address)],
    ])
    if (servesNames) usual.set(DhcpOption.dnsServer, dhcpValue.u32(place.address))
    if (domain !== '') usual.set(DhcpOption.domainName, dhcpValue.text(domain))
    const name = this.nameFor(message)
    if (type === DhcpMessage.ack && name !== '') usual.set(DhcpOption.hostName, dhcpValue.text(name))
    for (const [code, { value }] of options) usual.set(code, value)
    const isWanted = (code: number): boolean =>
      wants === undefined || wants.includes(code) || options.get(code)?.forced === true
    return [...usual].filter(([code, value]) => value.length > 0 && isWanted(code))
  }
}

const nameOfType: Readonly<Record<number, string>> = {
  [DhcpMessage.discover]: 'DHCPDISCOVER',
  [DhcpMessage.request]: 'DHCPREQUEST',
  [DhcpMessage.decline]: 'DHCPDECLINE',
  [DhcpMessage.release]: 'DHCPRELEASE',
  [DhcpMessage.inform]: 'DHCPINFORM',
}

const requested = (message: Dhcp): Ip4 => dhcpAddresses(message, DhcpOption.requestedAddress)[0] ?? 0

/** A client's identifier, which may be any bytes, as a text that compares. */
const clientOf = (message: Dhcp): string => {
  const id = message.options.get(DhcpOption.clientId)
  return id === undefined ? '' : [...id].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}

const isOf = (lent: Lent, message: Dhcp): boolean => {
  const id = clientOf(message)
  return id === '' && lent.clientId === '' ? lent.mac === message.chaddr : lent.clientId === id
}

const sameNet = (a: Ip4, b: Ip4, mask: Ip4): boolean => ((a ^ b) & mask) === 0
const inNet = (address: Ip4, { address: own, mask }: DhcpPlace): boolean => sameNet(address, own, mask)
const isIn = ({ from, to }: DhcpRange, address: Ip4): boolean => address >= from && address <= to

const toWhom = (message: Dhcp): 'client' | 'all' => (message.broadcast ? 'all' : 'client')
