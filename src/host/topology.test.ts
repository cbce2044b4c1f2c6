/**
 * Random trees of routers with a host on each: whatever the shape, any host reaches any other over IPv4 and IPv6, along the
 * one path there is, and learns the narrowest MTU on it. The judge is the tree itself, walked by a few obvious lines.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIp } from '../wire/address.ts'
import { ip, TestLab } from './lab.testing.ts'
import type { Link } from './link.ts'
import type { Namespace } from './namespace.ts'

/** Router i hangs below router `parent[i]`, by a cable of this MTU; router 0 is the root. */
type Shape = { parent: number[]; mtu: number[] }

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 2, max: 7 }).chain(count =>
  fc.record({
    parent: fc.tuple(...Array.from({ length: count }, (_, i) => fc.nat(Math.max(0, i - 1)))),
    mtu: fc.array(fc.constantFrom(1500, 1500, 1400, 1280, 9000), { minLength: count, maxLength: count }),
  }),
)

/** Host i is 10.1.i.2 and fd01:0:0:i::2 behind router i; cable i, up from router i, is 10.2.i.0/24 and fd02:0:0:i::/64. */
const build = ({ parent, mtu }: Shape) => {
  const lab = new TestLab()
  const routers = parent.map((_, i) => lab.host(`r${i}`))
  const hosts = parent.map((_, i) => lab.host(`h${i}`))
  const nic = (node: Namespace, name: string, size: number, ...addresses: string[]): Link => {
    const link = lab.nic(node, name)
    link.setMtu(size)
    for (const address of addresses) lab.address(node, link, address)
    return link
  }
  parent.forEach((up, i) => {
    const [router, host] = [routers[i]!, hosts[i]!]
    router.settings.set('net.ipv4.ip_forward', '1')
    router.settings.set('net.ipv6.conf.all.forwarding', '1')
    const [end, near] = [nic(host, 'eth0', 9000, `10.1.${i}.2/24`, `fd01:0:0:${i}::2/64`), nic(router, 'lan', 9000)]
    for (const text of [`10.1.${i}.1/24`, `fd01:0:0:${i}::1/64`]) lab.address(router, near, text)
    lab.cable(end, near)
    host.addRoute({ dst: 0, length: 0, via: ip(`10.1.${i}.1`) })
    host.addRoute({ dst: 0n, length: 0, via: ip(`fd01:0:0:${i}::1`) })
    if (i === 0) return
    const size = mtu[i]!
    const below = nic(router, 'up', size, `10.2.${i}.2/24`, `fd02:0:0:${i}::2/64`)
    const above = nic(routers[up]!, `down${i}`, size, `10.2.${i}.1/24`, `fd02:0:0:${i}::1/64`)
    lab.cable(below, above)
  })
  const ancestors = (i: number): number[] => (i === 0 ? [0] : [i, ...ancestors(parent[i]!)])
  // Each router knows each network: down the branch that holds it, else up.
  routers.forEach((router, i) => {
    for (let net = 0; net < parent.length; net++) {
      const branch = ancestors(net).find(node => node !== i && node !== 0 && parent[node] === i)
      const down = ancestors(net).includes(i) ? branch : undefined
      const [four, six] =
        down === undefined ? [`10.2.${i}.1`, `fd02:0:0:${i}::1`] : [`10.2.${down}.2`, `fd02:0:0:${down}::2`]
      if (i === 0 && down === undefined) continue
      if (net !== i) router.addRoute({ dst: ip(`10.1.${net}.0`), length: 24, via: ip(four) })
      if (net !== i) router.addRoute({ dst: ip(`fd01:0:0:${net}::`), length: 64, via: ip(six) })
      const attached = net === i || parent[net] === i
      if (net === 0 || attached) continue
      router.addRoute({ dst: ip(`10.2.${net}.0`), length: 24, via: ip(four) })
      router.addRoute({ dst: ip(`fd02:0:0:${net}::`), length: 64, via: ip(six) })
    }
  })
  lab.pass(3)
  /** Routers on the way from a to b, with the address of each by which it is entered. */
  const way = (a: number, b: number, six: boolean): string[] => {
    const [up, down] = [ancestors(a), ancestors(b)]
    const top = up.find(node => down.includes(node)) as number
    const cable = (i: number, end: 1 | 2): string => (six ? `fd02:0:0:${i}::${end}` : `10.2.${i}.${end}`)
    const first = six ? `fd01:0:0:${a}::1` : `10.1.${a}.1`
    const climb = up.slice(0, up.indexOf(top)).map(node => cable(node, 1))
    const descend = down.slice(0, down.indexOf(top)).reverse()
    return [first, ...climb, ...descend.map(node => cable(node, 2))].map(text => formatIp(ip(text)))
  }
  const narrowest = (a: number, b: number): number => {
    const [up, down] = [ancestors(a), ancestors(b)]
    const cables = [...up.filter(n => !down.includes(n)), ...down.filter(n => !up.includes(n))]
    return Math.min(9000, ...cables.map(node => mtu[node]!))
  }
  return { lab, hosts, way, narrowest }
}

const address = (i: number, six: boolean): string => (six ? `fd01:0:0:${i}::2` : `10.1.${i}.2`)

const traceroute = (lab: TestLab, from: Namespace, dst: string): string[] => {
  const hops: string[] = []
  for (let ttl = 1; ttl < 20; ttl++) {
    const socket = from.udpSocket(dst.includes(':') ? 6 : 4)
    socket.options.ttl = ttl
    socket.options.receiveErrors = true
    socket.send(new Uint8Array(8), ip(dst), 33433 + ttl)
    lab.pass(1.1)
    const error = socket.recvError()
    socket.close()
    if (error?.from === ip(dst)) return hops
    hops.push(error === undefined ? '*' : formatIp(error.from))
  }
  return hops
}

test('any host reaches any other, with the TTL that the hops leave', () => {
  fc.assert(
    fc.property(shapes, shape => {
      const { lab, hosts, way } = build(shape)
      for (const six of [false, true])
        hosts.forEach((host, a) => {
          const socket = host.pingSocket(six ? 6 : 4)
          hosts.forEach((_, b) => {
            socket.echo(b, new Uint8Array(8), ip(address(b, six)))
            lab.pass(0.2)
            const reply = socket.recv()
            expect(reply?.src).toBe(ip(address(b, six)))
            expect(reply?.ttl).toBe(a === b ? 64 : 64 - way(a, b, six).length)
          })
          socket.close()
        })
    }),
    { numRuns: 8 },
  )
})

test('traceroute names the routers on the way, and no others', () => {
  fc.assert(
    fc.property(shapes, fc.nat(6), fc.nat(6), fc.boolean(), (shape, x, y, six) => {
      const { lab, hosts, way } = build(shape)
      const [a, b] = [x % hosts.length, y % hosts.length]
      if (a === b) return
      expect(traceroute(lab, hosts[a]!, address(b, six))).toEqual(way(a, b, six))
    }),
    { numRuns: 15 },
  )
})

test('a narrow cable is learned as the MTU of the path, and long packets arrive in fragments', () => {
  fc.assert(
    fc.property(shapes, fc.nat(6), fc.nat(6), fc.boolean(), (shape, x, y, six) => {
      const { lab, hosts, narrowest } = build(shape)
      const [a, b] = [x % hosts.length, y % hosts.length]
      if (a === b) return
      const [from, to] = [hosts[a]!, hosts[b]!]
      const dst = ip(address(b, six))
      const over = six ? 48 : 28
      const server = to.udpSocket(six ? 6 : 4)
      server.bind(undefined, 7)
      const client = from.udpSocket(six ? 6 : 4)
      const known = () => from.pathMtu.of(dst, 9000)
      // Each packet of the size that is known may meet the next narrower cable.
      client.options.pathMtu = 'do'
      for (let tries = 0; tries < 6 && !server.readable; tries++) {
        expect(client.send(new Uint8Array(known() - over), dst, 7)).toBeUndefined()
        lab.pass(1)
      }
      expect(server.recv()?.payload.length).toBe(narrowest(a, b) - over)
      expect(known()).toBe(narrowest(a, b))
      expect(client.send(new Uint8Array(narrowest(a, b) - over + 1), dst, 7)).toBe('EMSGSIZE')
      client.options.pathMtu = 'want'
      const long = Uint8Array.from({ length: 9100 }, (_, i) => i)
      client.send(long, dst, 7)
      lab.pass(1)
      expect(server.recv()?.payload.join()).toBe(long.join())
      expect(to.counters.get(six ? 'Ip6.ReasmOKs' : 'Ip.ReasmOKs')).toBe(1)
    }),
    { numRuns: 12 },
  )
})
