/** What a host of the kernel said in all versions of IGMP and MLD (`test/captures/make-bridges.mjs`). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { second } from '../../runtime/clock.ts'
import { readCapture } from '../../wire/capture.ts'
import { Frame } from '../../wire/frame.ts'
import { dissect } from '../../wire/layers.ts'
import { Bed } from '../switch.testing.ts'
import { formatGroup } from './show.ts'

const { packets } = readCapture(readFileSync(new URL('../../../test/captures/kernel-groups.pcap', import.meta.url)))

/** The groups that came (+) and went (-) at a port when it heard the host, in their order; those of addresses are left out. */
const story = (): string[] => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { snooping: { agingTime: 60 } })
  const port = bed.port(bridge, 'p1', {}, 1)
  const told: string[] = []
  let before = new Set<string>()
  const look = (): void => {
    const all = [...(bridge.snooping?.table.list() ?? [])].map(
      ({ group, port: number }) => `${number} ${formatGroup(group)}`,
    )
    const now = new Set(all.filter(text => !text.includes('ff02::1:ff')))
    for (const text of before) if (!now.has(text)) told.push(`- ${text}`)
    for (const text of now) if (!before.has(text)) told.push(`+ ${text}`)
    before = now
  }
  for (const { time, bytes } of packets) {
    bed.clock.runUntil(Number(time - packets[0]!.time))
    look()
    port.receive(Frame.from(Uint8Array.from(bytes)))
    look()
  }
  bed.clock.runUntil(bed.clock.now() + 60 * second)
  look()
  return told
}

test('a host of the kernel comes and goes', () => {
  expect(story()).toEqual([
    '+ 1 239.1.1.1',
    '+ 1 ff0e::1',
    // IGMP of version 1 has no word for leaving: time does it.
    '- 1 ff0e::1',
    '+ 1 ff0e::2',
    '+ 1 239.1.1.2',
    '- 1 239.1.1.2',
    '- 1 ff0e::2',
    '+ 1 239.1.1.3',
    '+ 1 ff0e::3',
    '- 1 239.1.1.3',
    '- 1 ff0e::3',
    '- 1 239.1.1.1',
  ])
})

test('its messages are understood to the last byte, with their checksums', () => {
  const kinds = packets.map(({ bytes }) => {
    const layers = dissect(bytes)
    for (const { bad } of layers) expect(bad).toBeUndefined()
    const last = layers.at(-1)
    return last?.protocol === 'igmp' || last?.protocol === 'mld'
      ? `${last.protocol} ${last.value?.kind}`
      : last?.protocol
  })
  expect([...new Set(kinds)].sort()).toEqual([
    'igmp leave',
    'igmp report',
    'igmp report3',
    'mld done',
    'mld report',
    'mld report2',
  ])
})
