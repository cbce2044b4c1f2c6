/** Hosts on cables for the tests of this folder: a virtual clock, kernels, NICs joined by cables with a delay. */
import { second, seeded, VirtualClock } from '../runtime/index.ts'
import { type Ip, parseIp } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import { Kernel } from './kernel.ts'
import type { Link } from './link.ts'
import type { Namespace } from './namespace.ts'

export const ip = (text: string): Ip => parseIp(text) as Ip
export const ip4 = (text: string): number => parseIp(text) as number
export const ip6 = (text: string): bigint => parseIp(text) as bigint

export type Seen = { time: number; from: Link; frame: Frame }

export class TestLab {
  readonly clock = new VirtualClock()
  readonly random = seeded(1)
  /** Every frame that a cable carried, in order. */
  readonly seen: Seen[] = []

  kernel(name = 'host'): Kernel {
    return new Kernel({ clock: this.clock, random: this.random, name })
  }

  /** A machine with `lo` up. */
  host(name: string): Namespace {
    const { root } = this.kernel(name)
    root.lo.setUp(true)
    return root
  }

  /** A NIC that is up, with addresses such as `10.0.0.1/24`. */
  nic(host: Namespace, name: string, ...addresses: string[]): Link {
    const made = host.links.add('eth', name)
    if (!made.ok) throw new Error(made.errno)
    made.value.setUp(true)
    for (const address of addresses) this.address(host, made.value, address)
    return made.value
  }

  address(host: Namespace, link: Link, text: string): void {
    const [address, length] = text.split('/') as [string, string]
    const added = host.addAddress(link, { ip: ip(address), length: Number(length), noDad: true })
    if (!added.ok) throw new Error(added.errno)
  }

  /** A cable with a delay in nanoseconds each way; `lose` says which frames do not arrive. */
  cable(a: Link, b: Link, delay = 1000, lose: (frame: Frame, from: Link) => boolean = () => false): void {
    const end = (from: Link, to: Link) => ({
      send: (frame: Frame) => {
        this.seen.push({ time: this.clock.now(), from, frame: frame.copy() })
        if (!lose(frame, from)) this.clock.at(this.clock.now() + delay, () => to.deliver(frame))
      },
    })
    a.plug(end(a, b))
    b.plug(end(b, a))
  }

  /** One segment: what one link sends, all others get, each a copy. */
  segment(links: readonly Link[], delay = 1000): void {
    for (const from of links)
      from.plug({
        send: frame => {
          this.seen.push({ time: this.clock.now(), from, frame: frame.copy() })
          for (const to of links)
            if (to !== from) {
              const copy = frame.copy()
              this.clock.at(this.clock.now() + delay, () => to.deliver(copy))
            }
        },
      })
  }

  /** Two hosts, 10.0.0.1 and 10.0.0.2, fd00::1 and fd00::2, on one cable. */
  pair(): { a: Namespace; b: Namespace; la: Link; lb: Link } {
    const a = this.host('a')
    const b = this.host('b')
    const la = this.nic(a, 'eth0')
    const lb = this.nic(b, 'eth0')
    this.cable(la, lb)
    for (const text of ['10.0.0.1/24', 'fd00::1/64']) this.address(a, la, text)
    for (const text of ['10.0.0.2/24', 'fd00::2/64']) this.address(b, lb, text)
    return { a, b, la, lb }
  }

  /** Hosts a and b with a router between: a 10.0.1.2, router 10.0.1.1 and 10.0.2.1, b 10.0.2.2; fd01::/64 and fd02::/64. */
  routed(): { a: Namespace; r: Namespace; b: Namespace; la: Link; r1: Link; r2: Link; lb: Link } {
    const [a, r, b] = [this.host('a'), this.host('r'), this.host('b')]
    const la = this.nic(a, 'eth0')
    const r1 = this.nic(r, 'eth1')
    const r2 = this.nic(r, 'eth2')
    const lb = this.nic(b, 'eth0')
    this.cable(la, r1)
    this.cable(r2, lb)
    for (const text of ['10.0.1.2/24', 'fd01::2/64']) this.address(a, la, text)
    for (const text of ['10.0.1.1/24', 'fd01::1/64']) this.address(r, r1, text)
    for (const text of ['10.0.2.1/24', 'fd02::1/64']) this.address(r, r2, text)
    for (const text of ['10.0.2.2/24', 'fd02::2/64']) this.address(b, lb, text)
    r.settings.set('net.ipv4.ip_forward', '1')
    r.settings.set('net.ipv6.conf.all.forwarding', '1')
    a.addRoute({ dst: 0, length: 0, via: ip('10.0.1.1') })
    b.addRoute({ dst: 0, length: 0, via: ip('10.0.2.1') })
    a.addRoute({ dst: 0n, length: 0, via: ip('fd01::1') })
    b.addRoute({ dst: 0n, length: 0, via: ip('fd02::1') })
    return { a, r, b, la, r1, r2, lb }
  }

  /** Lets time pass, in seconds. */
  pass(seconds: number): void {
    this.clock.runUntil(this.clock.now() + seconds * second)
  }
}
