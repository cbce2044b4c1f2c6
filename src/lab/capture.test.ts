import { expect, test } from 'vitest'
import { seeded, VirtualClock } from '../runtime/index.ts'
import { readCapture } from '../wire/capture.ts'
import { Frame } from '../wire/frame.ts'
import { Cable } from './cable.ts'
import { CableCapture } from './capture.ts'

test('a capture records every cable end under its name, in the order of time', () => {
  const clock = new VirtualClock()
  const world = { clock, random: seeded(1) }
  const cables = [
    new Cable(['hv1:eth0', 'r1:eth0'], world, { bandwidth: 1e9 }),
    new Cable(['hv2:eth0', 'r1:eth1'], world, { delay: 5 }),
  ] as const
  const blocks: Uint8Array[] = []
  const capture = new CableCapture(cables, bytes => blocks.push(bytes), 1_000_000_000n)
  cables[0].a.send(Frame.from(Uint8Array.of(1, 2, 3)))
  clock.runUntil(1000)
  cables[1].b.send(Frame.from(Uint8Array.of(4, 5)))
  capture.stop()
  cables[1].b.send(Frame.from(Uint8Array.of(6)))
  const { packets, bad } = readCapture(new Uint8Array(Buffer.concat(blocks)))
  expect(bad).toBeUndefined()
  expect(capture.packets).toBe(2)
  expect(packets.map(({ interface: { name }, time, bytes }) => [name, time, [...bytes]])).toEqual([
    ['hv1:eth0', 1_000_000_672n, [1, 2, 3]],
    ['r1:eth1', 1_000_001_000n, [4, 5]],
  ])
})
