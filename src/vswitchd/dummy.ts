import type { Vport } from '../datapath/datapath.ts'
import { type Clock, type Log, silent, VirtualClock } from '../runtime/index.ts'
import { type Network, noNetwork } from '../switch/agent/controllers.ts'
import type { Ip, Mac } from '../wire/address.ts'
import { ArpOp, parseArp, writeArp } from '../wire/arp.ts'
import { EtherType, pushEthernet } from '../wire/ethernet.ts'
import { Frame } from '../wire/frame.ts'
import { u16 } from '../wire/header.ts'
import type { Device, Devices } from './devices.ts'
import { ActiveStream, type FrameStream, PassiveStream } from './dummy-stream.ts'
import { pcapHeader, pcapRecord } from './pcap-writer.ts'

/** A file that packets are written to: what it has already, in bytes, and how to add to it. */
export type CaptureFile = { readonly size: number; write(bytes: Uint8Array): void; close(): void }

/** What is outside of dummies; each part may be missing. */
export type DummyWorld = {
  clock: Clock
  log: Log
  /** Where streams of frames go to and come from. */
  network: Network
  /** Milliseconds since 1970 in UTC. */
  wallTime(): number
  /** Opens a file to write to its end; a text says why it cannot be. */
  openCapture(path: string): CaptureFile | string
}

const nowhere: DummyWorld = {
  clock: new VirtualClock(),
  log: silent,
  network: noNetwork,
  wallTime: () => 0,
  openCapture: () => 'Permission denied',
}

/** As Open vSwitch numbers the MACs of its dummies. */
const firstMac = 0xaa55aa550000

type Options = Readonly<Record<string, string>>
type Captures = { received: CaptureFile[]; sent: CaptureFile[]; all: CaptureFile[] }

const noCaptures = (): Captures => ({ received: [], sent: [], all: [] })

/** Makes dummy devices, and numbers them. */
export class Dummies implements Devices {
  private readonly world: DummyWorld
  /** Frames that all of them took and were given, ever. */
  readonly traffic = { received: 0, sent: 0 }
  /** How many there were ever. */
  private count: number

  /** `first` is the number of the first one. */
  constructor(world: Partial<DummyWorld> = {}, first = 1) {
    this.world = { ...nowhere, ...world }
    this.count = first
  }

  /** All devices are dummies: what is on the machine is not looked at (`--enable-dummy=override`). */
  open(name: string, type: string, mac: number, options: Options = {}): DummyDevice {
    const own = firstMac + this.count++
    return new DummyDevice(this.world, { name, type, mac: mac === 0 ? own : mac }, options, this.traffic)
  }
}

/**
 * `type=dummy`: a device with nothing behind it, unless its options say so. What is sent to it is gone, or goes to a stream
 * or a file; what it is to receive a stream says, or somebody: `netdev-dummy/receive`.
 */
export class DummyDevice implements Device {
  readonly vport: Vport
  mac: number
  mtu = 1500
  adminUp = true
  receiver: ((frame: Frame) => void) | undefined
  onChange: (() => void) | undefined
  /** Its own addresses, with the length of the network's prefix. */
  readonly addresses: { address: Ip; length: number }[] = []
  private readonly world: DummyWorld
  private options: Options = {}
  private stream: FrameStream | undefined
  private captures = noCaptures()
  private readonly all: Dummies['traffic']
  private readonly traffic = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 }

  constructor(
    world: DummyWorld,
    { name, type, mac }: { name: string; type: string; mac: number },
    options: Options = {},
    all = { received: 0, sent: 0 },
  ) {
    this.world = world
    this.all = all
    this.mac = mac
    const kind = type === 'internal' ? 'dummy-internal' : type
    this.vport = { name, type: kind, send: frame => this.send(frame) }
    this.configure(options)
  }

  get linkUp(): boolean {
    return this.adminUp
  }

  get ifindex(): number {
    const number = Number(this.options.ifindex ?? 0)
    return Number.isSafeInteger(number) && number >= 0 ? number : 0
  }

  /** The number that it asks the datapath for, which Open vSwitch's dummies take from their names. */
  get datapathPort(): number | undefined {
    return dummyNumber(this.vport.name)
  }

  /** `connected`, `disconnected`, or undefined if it calls nobody. */
  get streamState(): 'connected' | 'disconnected' | undefined {
    return this.stream?.state
  }

  setMac(mac: number): void {
    this.mac = mac
  }

  setMtu(mtu: number): void {
    this.mtu = mtu
  }

  setAdminUp(up: boolean): void {
    if (up === this.adminUp) return
    this.adminUp = up
    this.onChange?.()
  }

  /** Options `stream`, `pstream`, `pcap`, `rxq_pcap`, `tx_pcap`, `ifindex`; others are not looked at. */
  configure(options: Options): void {
    this.options = options
    this.connect(options.stream, options.pstream)
    this.closeCaptures()
    this.openCaptures(options)
  }

  /** A frame comes in, whether the device is up or not. Passes ownership. */
  receive(frame: Frame): void {
    this.all.received++
    this.traffic.rxPackets++
    this.traffic.rxBytes += frame.size
    this.capture(this.captures.received, frame.content())
    this.receiver?.(frame)
  }

  /** With those of its only queue, and two that Open vSwitch's dummies have for tests. */
  statistics(): Readonly<Record<string, number>> {
    const { rxPackets, rxBytes, txPackets, txBytes } = this.traffic
    return {
      rx_custom_packets_1: rxPackets,
      rx_custom_packets_2: rxPackets,
      rx_q0_bytes: rxBytes,
      rx_q0_packets: rxPackets,
      tx_q0_bytes: txBytes,
      tx_q0_packets: txPackets,
    }
  }

  close(): void {
    this.receiver = undefined
    this.onChange = undefined
    this.stream?.close()
    this.closeCaptures()
  }

  private send(frame: Frame): void {
    this.all.sent++
    this.traffic.txPackets++
    this.traffic.txBytes += frame.size
    const reply = arpReply(frame, this.mac, this.addresses)
    if (reply !== undefined) this.world.clock.at(this.world.clock.now(), () => this.receive(reply))
    const { sent } = this.captures
    if (sent.length === 0 && this.stream === undefined) return
    const bytes = frame.content()
    this.capture(sent, bytes)
    this.stream?.send(bytes)
  }

  private connect(active: string | undefined, passive: string | undefined): void {
    const { log } = this.world
    const isBoth = active !== undefined && passive !== undefined
    if (isBoth) log('netdev_dummy', 'warn', `Open failed: both ${passive} and ${active} are configured`)
    const target = isBoth ? undefined : (active ?? passive)
    if (this.stream?.target === target && target !== undefined) return
    this.stream?.close()
    this.stream = undefined
    if (target === undefined) return
    const take = (bytes: Uint8Array): void => this.receive(Frame.from(bytes))
    this.stream =
      active === undefined ? new PassiveStream(this.world, target, take) : new ActiveStream(this.world, target, take)
  }

  private openCaptures({ pcap, rxq_pcap: received, tx_pcap: sent }: Options): void {
    const { captures } = this
    const both = this.open(pcap)
    // One file of all is instead of one for each way.
    const ways = both === undefined ? ([received, sent] as const) : ([undefined, undefined] as const)
    const [rx, tx] = both === undefined ? ways.map(path => this.open(path)) : [both, both]
    if (rx !== undefined) captures.received.push(rx)
    if (tx !== undefined) captures.sent.push(tx)
    captures.all.push(...new Set([...captures.received, ...captures.sent]))
  }

  private open(path: string | undefined): CaptureFile | undefined {
    if (path === undefined) return undefined
    const file = this.world.openCapture(path)
    if (typeof file === 'string') {
      this.world.log('pcap', 'warn', `${path}: failed to open pcap file for appending (${file})`)
      return undefined
    }
    if (file.size === 0) file.write(pcapHeader)
    return file
  }

  private closeCaptures(): void {
    for (const file of this.captures.all) file.close()
    this.captures = noCaptures()
  }

  private capture(files: readonly CaptureFile[], bytes: Uint8Array): void {
    for (const file of files) file.write(pcapRecord(bytes, this.world.wallTime()))
  }
}

/** The answer of a device that has addresses to who asks for one (RFC 826); undefined for any other frame. */
const arpReply = (frame: Frame, mac: Mac, own: DummyDevice['addresses']): Frame | undefined => {
  const { bytes, start, end } = frame
  if (own.length === 0 || end - start < 42 || EtherType.arp !== u16.get(bytes, start + 12)) return undefined
  const parsed = parseArp(bytes, start + 14, end)
  if (!parsed.ok) return undefined
  const { op, sha, spa, tpa } = parsed.value
  if (op !== ArpOp.request || !own.some(({ address }) => address === tpa)) return undefined
  const reply = Frame.of(28)
  writeArp(reply.bytes, reply.start, { op: ArpOp.reply, sha: mac, spa: tpa, tha: sha, tpa: spa })
  return pushEthernet(reply, { dst: sha, src: mac, type: EtherType.arp })
}

/** `br` in front of a name is 100: its digits go on from there. */
const bridgeNumbers = 100

/** The port number that a dummy's name asks for: its first digits; 100 more for `br`. */
export const dummyNumber = (name: string): number | undefined => {
  const [digits] = /[0-9]+/.exec(name) ?? []
  if (digits === undefined) return undefined
  const number = Number(digits) + (name.startsWith('br') ? bridgeNumbers : 0)
  return number > 0 ? number : undefined
}
