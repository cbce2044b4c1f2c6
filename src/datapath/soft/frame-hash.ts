import { extract } from '../../flow/extract.ts'
import { hashFiveTuple, hashPair, hashSymmetricL3L4 } from '../../flow/key-hash.ts'
import { newKey, word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { Ipv6Header } from '../../wire/ipv6.ts'
import { locate, places } from './locate.ts'
import type { HashAlgorithm } from './program.ts'

/** Sizes of headers with ports, in bytes, by protocol. */
const smallest: { readonly [protocol: number]: number } = { [IpProtocol.tcp]: 20, [IpProtocol.udp]: 8 }

/**
 * What the `hash` action gives. `l4` is of the frame as it came in, as a network card would have hashed it, whatever
 * was done to it since; so once a program has asked for that, every frame is hashed on arrival.
 */
export class FrameHash {
  /** Whether any program has asked for `l4`. */
  private wanted = false
  /** Of the frame at hand as it came in; -1 if it was not hashed. */
  arrival = -1
  private readonly key = newKey()
  private readonly at = places()

  want(): void {
    this.wanted = true
  }

  /** A frame comes in. */
  begin(frame: Frame, vlanLimit: number): void {
    this.arrival = -1
    if (this.wanted) this.note(frame, vlanLimit)
  }

  /** Hashes the frame as it is now, unless that was done when it came in. */
  note(frame: Frame, vlanLimit: number): void {
    if (this.arrival >= 0) return
    extract(frame, this.key, vlanLimit)
    this.arrival = hashFiveTuple(this.key, 0, this.firstHeader(frame))
  }

  /**
   * Of TCP and UDP over IPv6 Open vSwitch hashes the protocol that stands in the fixed header: with extension headers
   * that is the first of them. Of what has no ports to hash, the protocol behind them counts.
   */
  private firstHeader(frame: Frame): number | undefined {
    const { key, at } = this
    const protocol = key[word.ip]! & 0xff
    if (key[word.ethType]! >>> 16 !== EtherType.ipv6 || !(protocol in smallest)) return undefined
    locate(frame, at)
    const { ipv6, transport } = at
    if (ipv6 < 0 || transport < 0) return undefined
    const end = ipv6 + 40 + Ipv6Header.at.payloadLength(frame.bytes, ipv6)
    return transport + (smallest[protocol] ?? 0) <= end ? Ipv6Header.at.nextHeader(frame.bytes, ipv6) : undefined
  }

  /** The frame is another one now: a label was taken off. */
  forget(): void {
    this.arrival = -1
  }

  /** The hash of a frame that is another one from now on: it goes into a tunnel. */
  last(frame: Frame, vlanLimit: number): number {
    this.note(frame, vlanLimit)
    const { arrival } = this
    this.forget()
    return arrival
  }

  /** A frame comes round again. */
  resume(frame: Frame, vlanLimit: number): void {
    if (this.wanted) this.note(frame, vlanLimit)
  }

  of(algorithm: HashAlgorithm, basis: number, frame: Frame, vlanLimit: number): number {
    if (algorithm === 'l4' && this.arrival >= 0) return hashPair(this.arrival, basis)
    extract(frame, this.key, vlanLimit)
    if (algorithm === 'l4') return hashFiveTuple(this.key, basis)
    return hashSymmetricL3L4(this.key, basis, false)
  }
}
