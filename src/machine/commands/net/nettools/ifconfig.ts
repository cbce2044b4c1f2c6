import { type Address, errnoText, type Link, type Result } from '../../../../host/index.ts'
import { type Ip4, isIp6, mask4, parseIp6, parseMac } from '../../../../wire/address.ts'
import type { Command, Process } from '../../../command.ts'
import { maskLength } from '../ip/prefix.ts'
import { addressesOfName, parseLoose4 } from '../names.ts'
import { Refusal } from '../refusal.ts'
import { classLength, ifconfigText, interfaceTable, shownLinks } from './ifconfig-text.ts'

const usage = `Usage:
  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]
  [add <address>[/<prefixlen>]]
  [del <address>[/<prefixlen>]]
  [[-]broadcast [<address>]]
  [netmask <address>]
  [hw <HW> <address>]  [mtu <NN>]
  [[-]allmulti]
  [multicast]  [[-]promisc]
  [txqueuelen <NN>]
  [name <newname>]
  [up|down] ...

  <HW>=Hardware Type.
  List of possible hardware types:
    loop (Local Loopback) ether (Ethernet) 
  <AF>=Address family. Default: inet
  List of possible address families:
    inet (DARPA Internet) inet6 (IPv6) `

const hint = "ifconfig: `--help' gives usage information."
const heading = 'Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n'

/** ifconfig(8) of net-tools 2.10. */
export const ifconfig: Command = function* (process) {
  const { namespace } = process
  const words = process.args.slice(1)
  let all = false
  let short = false
  while (words[0]?.startsWith('-')) {
    const word = words.shift() as string
    if (word === '-a') all = true
    else if (word === '-s') short = true
    else if (word === '-V' || word === '--version') {
      yield* process.print('net-tools 2.10\n')
      return 0
    } else if (word === '-h' || word === '--help' || word === '-?') {
      yield* process.print(`${usage}\n`)
      return 0
    } else if (word !== '-v') return yield* process.fail(`ifconfig: option \`${word}' not recognised.\n${hint}`)
  }
  const name = words.shift()
  if (name === undefined) {
    const text = short
      ? heading + interfaceTable(namespace, all)
      : shownLinks(namespace, all).map(each => ifconfigText(namespace, each))
    yield* process.print(typeof text === 'string' ? text : text.join(''))
    return 0
  }
  if (words.length === 0) {
    const shown = shownLinks(namespace, true).find(({ label }) => label === name)
    if (shown === undefined)
      return yield* process.fail(`${name}: error fetching interface information: Device not found`)
    yield* process.print(ifconfigText(namespace, shown))
    return 0
  }
  try {
    return yield* new Change(process, name, words).apply()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

/** The words behind the name, done one after the other as ifconfig does; a failing one may leave earlier ones done. */
class Change {
  private readonly process: Process
  /** With the label: `eth0:1`. */
  private readonly name: string
  private readonly words: string[]
  private failed = false
  private readonly complaints: string[] = []

  constructor(process: Process, name: string, words: string[]) {
    this.process = process
    this.name = name
    this.words = words
  }

  private get link(): Link | undefined {
    return this.process.namespace.links.get(this.name.split(':')[0] as string)
  }

  *apply() {
    try {
      for (let word = this.words.shift(); word !== undefined; word = this.words.shift()) this.one(word)
    } finally {
      for (const complaint of this.complaints) yield* this.process.error(complaint)
    }
    return this.failed ? 1 : 0
  }

  private need(): string {
    const word = this.words.shift()
    if (word === undefined) throw new Refusal(usage, 3)
    return word
  }

  /** The link, for a word that changes its flags. */
  private flagged(): Link {
    const { link } = this
    if (link === undefined) throw new Refusal(`${this.name}: ERROR while getting interface flags: No such device`, 255)
    return link
  }

  private check(call: string, result: Result | Result<unknown>): void {
    if (result.ok) return
    this.complaints.push(`${call}: ${errnoText[result.errno]}`)
    this.failed = true
  }

  private one(word: string): void {
    const { namespace } = this.process
    if (word === 'up') this.flagged().setUp(true)
    else if (word === 'down') this.down()
    else if (word === 'promisc' || word === '-promisc') this.flagged().promiscuous = word === 'promisc'
    else if (word === 'allmulti' || word === '-allmulti') this.flagged().allMulticast = word === 'allmulti'
    else if (word === 'multicast' || word === 'arp' || word === 'trailers' || word === '-trailers') this.flagged()
    else if (word === 'mtu') {
      const mtu = Number.parseInt(this.need(), 10)
      this.check('SIOCSIFMTU', this.link?.setMtu(mtu) ?? noDevice)
    } else if (word === 'txqueuelen') {
      const { link } = this
      const length = Number.parseInt(this.need(), 10)
      if (link === undefined) this.check('SIOCSIFTXQLEN', noDevice)
      else link.txQueueLength = length
    } else if (word === 'hw') this.hardware()
    else if (word === 'name') {
      const name = this.need()
      this.check('SIOCSIFNAME', this.link === undefined ? noDevice : namespace.links.rename(this.link, name))
    } else if (word === 'netmask') this.netmask(this.need())
    else if (word === 'broadcast') this.broadcast(this.need())
    else if (word === 'add' || word === 'del') this.inet6(word, this.need())
    else if (word === 'inet') return
    else if (word === 'inet6') {
      const next = this.words.shift()
      if (next !== undefined)
        this.inet6(next === 'del' ? 'del' : 'add', next === 'add' || next === 'del' ? this.need() : next)
    } else this.address(word)
  }

  /** A label goes away with its address; a link goes down. */
  private down(): void {
    const own = this.own
    if (this.name.includes(':') && own !== undefined) this.process.namespace.removeAddress(own.link, own.ip, own.length)
    else this.flagged().setUp(false)
  }

  private hardware(): void {
    const kind = this.need()
    if (kind !== 'ether') throw new Refusal(`hw address type \`${kind}' has no handler to set address. failed.`, 1)
    const text = this.need()
    const mac = parseMac(text)
    if (mac === undefined) throw new Refusal(`${text}: invalid ether address.`, 1)
    this.check('SIOCSIFHWADDR', this.link?.setMac(mac) ?? noDevice)
  }

  /** The address that this name stands for. */
  private get own(): Address | undefined {
    const { link, name } = this
    return link && this.process.namespace.addresses.of(link, 4).find(a => a.label === name)
  }

  private inet6(how: 'add' | 'del', text: string): void {
    const { namespace } = this.process
    const [address = '', length = '128'] = text.split('/')
    const ip = parseIp6(address)
    if (ip === undefined) throw new Refusal(`${address}: Resolver Error 0 (no error)\n${hint}`, 1)
    const { link } = this
    const call = how === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR'
    if (link === undefined) this.check(call, noDevice)
    else if (how === 'add') this.check(call, namespace.addAddress(link, { ip, length: Number(length) }))
    else this.check(call, namespace.removeAddress(link, ip, Number(length)))
  }

  private address(word: string): void {
    const [text = '', rest] = word.split('/')
    const ip = this.host(text)
    const length = rest === undefined ? classLength(ip) : Number.parseInt(rest, 10)
    const { link, name } = this
    const { namespace } = this.process
    if (link === undefined) this.check('SIOCSIFADDR', noDevice)
    else {
      const { own } = this
      if (own !== undefined) namespace.removeAddress(link, own.ip, own.length)
      if (ip !== 0) {
        const broadcast = (ip | ~mask4(length)) >>> 0
        const spec = { ip, length, label: name, ...(length < 31 && !link.isLoopback ? { broadcast } : {}) }
        this.check('SIOCSIFADDR', namespace.addAddress(link, spec))
      }
    }
    // An address brings its interface up.
    this.flagged().setUp(true)
  }

  private host(text: string): Ip4 {
    const ip = text === 'default' ? 0 : (parseLoose4(text) ?? addressesOfName(this.process, text, 4)[0])
    if (typeof ip === 'number') return ip
    throw new Refusal(`${text}: ${/^[\d.]+$/.test(text) ? 'Unknown host' : 'Host name lookup failure'}\n${hint}`, 1)
  }

  private netmask(text: string): void {
    const length = maskLength(text)
    if (length === undefined) this.check('SIOCSIFNETMASK', { ok: false, errno: 'EINVAL' })
    else {
      // The broadcast address follows the mask if it was the usual one.
      const { own } = this
      const usual = own !== undefined && own.broadcast === lastOf(own)
      this.replace('SIOCSIFNETMASK', a => ({ length, ...(usual ? { broadcast: lastOf({ ip: a.ip, length }) } : {}) }))
    }
  }

  private broadcast(text: string): void {
    const ip = this.host(text)
    this.replace('SIOCSIFBRDADDR', () => ({ broadcast: ip }))
  }

  private replace(call: string, change: (own: Address) => { length?: number; broadcast?: Ip4 }): void {
    const { own } = this
    const { namespace } = this.process
    if (own === undefined) {
      this.check(call, { ok: false, errno: 'EADDRNOTAVAIL' })
      return
    }
    const { link, ip, length, broadcast, label } = own
    namespace.removeAddress(link, ip, length)
    const kept = { ip, length, label, ...(broadcast === undefined ? {} : { broadcast }) }
    this.check(call, namespace.addAddress(link, { ...kept, ...change(own) }))
  }
}

const noDevice = { ok: false, errno: 'ENODEV' } as const

const lastOf = ({ ip, length }: { ip: Address['ip']; length: number }): Ip4 =>
  isIp6(ip) ? 0 : (ip | ~mask4(length)) >>> 0
