/** Weft in the place of each of two kernel bridges that talked (`test/captures/make-bridges.mjs`). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { second } from '../../runtime/clock.ts'
import type { Mac } from '../../wire/address.ts'
import { type Bpdu, bpduFrame, bpduOf } from '../../wire/bpdu.ts'
import { readCapture } from '../../wire/capture.ts'
import { EthernetHeader } from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { hex, toHex } from '../../wire/hex.testing.ts'
import type { BridgePort } from '../port.ts'
import { Bed } from '../switch.testing.ts'

const { packets } = readCapture(readFileSync(new URL('../../../test/captures/kernel-stp.pcap', import.meta.url)))
const began = packets[0]!.time
const messages = packets.map(({ time, bytes }) => {
  const bpdu = bpduOf(Frame.from(bytes))
  if (!bpdu.ok) throw new Error(bpdu.why)
  const { payload: _, ...value } = bpdu.value as Bpdu & { payload: number }
  return { at: Number(time - began), src: EthernetHeader.at.src(bytes, 0), bytes, bpdu: value as Bpdu }
})

/** What a message tells, without times, which the kernel counts in steps of its own. */
const words = (bpdu: Bpdu): string =>
  bpdu.kind === 'change'
    ? 'change'
    : `root ${bpdu.root.toString(16)} cost ${bpdu.rootCost} bridge ${bpdu.bridge.toString(16)} port ${bpdu.port.toString(16)} flags ${bpdu.flags.toString(16)}`
const withoutRepeats = (all: readonly string[]): string[] => all.filter((text, i) => text !== all[i - 1])

/** The MACs of the ports by which the bridges are tied; the bridges' own end in 00. */
const [a, b] = [0x020000000101, 0x020000000201]

/** What Weft says where the bridge of one of these MACs was, when it hears what the other said. */
const inPlaceOf = (mac: Mac, priority: number): string[] => {
  const bed = new Bed()
  const times = { maxAge: 6, forwardDelay: 4, helloTime: 1 }
  const bridge = bed.bridge('br0', { hwaddr: mac - 1, stp: { priority, ...times } })
  const plug = (number: number): BridgePort => {
    const name = `p${number}`
    const wanted = { name, type: 'dummy' as const, vport: bed.vport(name), ofport: number, tree: { stp: { number } } }
    const port = bed.switch.addPort(bridge, wanted)
    if (typeof port === 'string') throw new Error(port)
    return port
  }
  const port = plug(1)
  const said: string[] = []
  const take = (): void => {
    for (const { port: name, bytes } of bed.sent.splice(0)) {
      const bpdu = bpduOf(Frame.from(hex(bytes)))
      if (name === 'p1' && bpdu.ok) said.push(words(bpdu.value))
    }
  }
  const last = Math.max(...messages.filter(({ src }) => src === mac).map(({ at }) => at))
  // Behind b a host came when the tree stood.
  let host = mac === b ? 5 * second : Number.POSITIVE_INFINITY
  for (const { at, src, bytes } of messages) {
    if (src === mac || at > last) continue
    if (at > host) {
      bed.clock.runUntil(host)
      plug(2)
      host = Number.POSITIVE_INFINITY
    }
    bed.clock.runUntil(at)
    take()
    port.receive(Frame.from(Uint8Array.from(bytes)))
  }
  bed.clock.runUntil(last)
  take()
  return withoutRepeats(said)
}

describe('spanning tree with the Linux kernel', () => {
  test("the kernel's messages are read, and written as they were", () => {
    expect(messages).toHaveLength(18)
    for (const { bpdu, src, bytes } of messages) expect(toHex(bpduFrame(bpdu, src).content())).toBe(toHex(bytes))
  })

  test.each([
    ['the root', a, 4096],
    ['the other', b, 32768],
  ])('in the place of %s Weft says what the kernel said', (_, mac, priority) => {
    const kernel = messages.filter(({ src }) => src === mac).map(({ bpdu }) => words(bpdu))
    expect(kernel.length).toBeGreaterThan(3)
    expect(inPlaceOf(mac, priority)).toEqual(withoutRepeats(kernel))
  })
})
