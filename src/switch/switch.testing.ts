import type { Vport } from '../datapath/datapath.ts'
import { SoftDatapath, type SoftOptions } from '../datapath/soft/index.ts'
import { recording } from '../runtime/log.ts'
import { seeded } from '../runtime/random.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { Frame } from '../wire/frame.ts'
import type { Bridge } from './bridge.ts'
import type { BridgeOptions, VlanColumns } from './bridge-options.ts'
import type { BridgePort } from './port.ts'
import { Switch } from './switch.ts'

/** A frame that left, by the name of the port. */
export type Sent = { port: string; bytes: string }

export const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/** A switch on a soft datapath in virtual time, whose ports write down what they are given. */
export class Bed {
  readonly clock = new VirtualClock()
  readonly datapath: SoftDatapath
  readonly switch: Switch
  sent: Sent[] = []
  /** Lines of the log. */
  readonly said: string[]

  constructor(options: Partial<SoftOptions> = {}) {
    this.datapath = new SoftDatapath({ clock: this.clock, ...options })
    const { log, lines } = recording()
    this.said = lines
    this.switch = new Switch({
      log,
      datapath: this.datapath,
      clock: this.clock,
      random: seeded(1),
      openTunnel: (_, udpPort) => ({ vport: this.vport(`vxlan_sys_${udpPort}`), close() {}, refused: () => [] }),
    })
  }

  vport(name: string): Vport {
    return {
      name,
      type: 'dummy',
      send: frame => this.sent.push({ port: name, bytes: hex(frame.content()) }),
    }
  }

  bridge(name: string, options: BridgeOptions = {}): Bridge {
    return this.switch.addBridge(name, this.vport(name), options)
  }

  port(bridge: Bridge, name: string, vlan: VlanColumns = {}, ofport?: number): BridgePort {
    const port = this.switch.addPort(bridge, { name, type: 'dummy', vport: this.vport(name), vlan, ofport })
    if (typeof port === 'string') throw new Error(port)
    return port
  }

  patch(bridge: Bridge, name: string, peer: string, ofport?: number): BridgePort {
    const port = this.switch.addPort(bridge, { name, type: 'patch', peer, ofport })
    if (typeof port === 'string') throw new Error(port)
    return port
  }

  /** A tunnel port; what leaves by it is written down without its outer headers. */
  tunnel(bridge: Bridge, name: string, options: Readonly<Record<string, string>>, ofport?: number): BridgePort {
    const port = this.switch.addPort(bridge, { name, type: 'vxlan', options, ofport })
    if (typeof port === 'string') throw new Error(port)
    return port
  }

  /** What leaves when this frame comes in, in order. */
  send(port: BridgePort, bytes: Uint8Array): Sent[] {
    this.sent = []
    port.receive(Frame.from(bytes))
    return this.sent
  }

  /** The ports that a frame leaves by. */
  reaches(port: BridgePort, bytes: Uint8Array): string[] {
    return this.send(port, bytes).map(sent => sent.port)
  }
}

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
const macBytes = (mac: number): number[] => [
  ...u16(Math.floor(mac / 2 ** 32)),
  ...u16((mac / 2 ** 16) & 0xffff),
  ...u16(mac & 0xffff),
]

/** An Ethernet frame with a TCP or UDP packet; VLAN and priority if `tci` is given. */
export const packet = (wanted: {
  src?: number
  dst?: number
  tci?: number
  type?: number
  ttl?: number
  tos?: number
  proto?: number
  from?: number
  to?: number
  sport?: number
  dport?: number
}): Uint8Array => {
  const { src = 1, dst = 2, tci, type = 0x0800, ttl = 64, tos = 0, proto = 17, from = 1, to = 2 } = wanted
  const { sport = 1000, dport = 2000 } = wanted
  const ip = (n: number): number[] => [10, 0, 0, n]
  const payload = proto === 6 ? 20 : 8
  const ports = [...u16(sport), ...u16(dport)]
  const rest =
    proto === 6 ? [...ports, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0] : [...ports, ...u16(8), 0, 0]
  const header = [0x45, tos, ...u16(20 + payload), 0, 0, 0x40, 0, ttl, proto, 0, 0, ...ip(from), ...ip(to)]
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += header[i]! * 256 + header[i + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  header[10] = (~sum >> 8) & 255
  header[11] = ~sum & 255
  const tag = tci === undefined ? [] : [0x81, 0, ...u16(tci)]
  const body = type === 0x0800 ? [...header, ...rest] : new Array<number>(46).fill(0)
  return Uint8Array.from([...macBytes(dst), ...macBytes(src), ...tag, ...u16(type), ...body])
}
