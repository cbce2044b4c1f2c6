import { millisecond, seeded, VirtualClock } from '../../runtime/index.ts'
import { formatIp4, parseIp4 } from '../../wire/address.ts'
import { type Dhcp, dhcpSize, parseDhcp, writeDhcp } from '../../wire/dhcp.ts'
import { DhcpClient, type DhcpClientOptions, type DhcpEvent } from './client.ts'
import { DhcpServer } from './server.ts'
import type { DhcpPlace, DhcpServerConfig } from './server-config.ts'

export const ip = (text: string): number => parseIp4(text) as number

/** Through the bytes, as a message on a wire. */
const carried = (message: Dhcp): Dhcp => {
  const bytes = new Uint8Array(dhcpSize(message))
  writeDhcp(bytes, 0, message)
  const parsed = parseDhcp(bytes, 0, bytes.length)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.value
}

const usual: DhcpServerConfig = {
  ranges: [{ from: ip('10.0.2.15'), to: ip('10.0.2.30'), mask: undefined, seconds: 3600, isStatic: false }],
  hosts: [],
  options: new Map(),
  authoritative: false,
  sequential: false,
  domain: '',
  servesNames: true,
  most: 1000,
}

const here: DhcpPlace = {
  link: 'eth0',
  address: ip('10.0.2.2'),
  mask: ip('255.255.255.0'),
  broadcast: ip('10.0.2.255'),
}

/** A server, and clients that reach it in a millisecond as long as `up` holds. Addresses in `taken` answer probes. */
export const dhcpWorld = (config: Partial<DhcpServerConfig> = {}) => {
  const clock = new VirtualClock()
  const log: string[] = []
  const server = new DhcpServer(clock, { ...usual, ...config }, text => log.push(text))
  const world = {
    clock,
    log,
    server,
    up: true,
    place: here,
    taken: new Set<number>(),
    /** Every message that a client sent, and whether to a server alone. */
    sent: [] as { message: Dhcp; to: string }[],
    client(mac: number, options: Partial<DhcpClientOptions> = {}, seed = mac) {
      const events: DhcpEvent[] = []
      const client: DhcpClient = new DhcpClient({
        clock,
        random: seeded(seed),
        options: { mac, options: new Map(), ...options },
        send: (message, to) => {
          world.sent.push({ message, to: to === undefined ? 'all' : formatIp4(to) })
          if (!world.up) return
          clock.at(clock.now() + millisecond, () => {
            let answer = server.answer(carried(message), world.place)
            while (answer?.tested === false) {
              server.tried(answer.reply.yiaddr, false)
              answer = server.answer(carried(message), world.place)
            }
            const { reply } = answer ?? {}
            if (reply !== undefined)
              clock.at(clock.now() + millisecond, () => client.received(carried(reply), world.place.address))
          })
        },
        probe: (address, answer) => clock.at(clock.now() + millisecond, () => answer(world.taken.has(address))),
        tell: event => events.push(event),
      })
      return { client, events, kinds: () => events.map(({ kind }) => kind) }
    },
    /** Lets seconds pass. */
    pass(seconds: number): void {
      clock.runUntil(clock.now() + seconds * 1e9)
    },
  }
  return world
}
