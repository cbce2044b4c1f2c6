import { describe, expect, test } from 'vitest'
import { second } from '../../runtime/clock.ts'
import { Bed } from '../switch.testing.ts'
import { showStp } from './show.ts'

/** Three bridges, each with a patch to both others, whose identifiers are in their order. */
const triangle = () => {
  const bed = new Bed()
  const bridges = [0, 1, 2].map(i => bed.bridge(`br${i}`, { hwaddr: 0xaa66aa660000 + i, stp: {} }))
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    bed.patch(bridges[a]!, `p${a}${b}`, `p${b}${a}`)
    bed.patch(bridges[b]!, `p${b}${a}`, `p${a}${b}`)
  }
  const ports = (): string[] =>
    bridges.flatMap(bridge =>
      (showStp(bridge) ?? '')
        .split('\n')
        .filter(line => /^ {2}p\d/.test(line))
        .map(line => line.trim().split(/ +/).slice(0, 3).join(' ')),
    )
  return { bed, bridges, ports }
}

describe('three bridges in a circle', () => {
  test('come to a tree after twice the forward delay', () => {
    const { bed, bridges, ports } = triangle()
    bed.clock.runUntil(3 * second)
    expect(ports()).toContain('p20 root listening')
    bed.clock.runUntil(35 * second)
    expect(ports().sort()).toEqual([
      'p01 designated forwarding',
      'p02 designated forwarding',
      'p10 root forwarding',
      'p12 designated forwarding',
      'p20 root forwarding',
      'p21 alternate blocking',
    ])
    expect(showStp(bridges[2]!)).toBe(`---- br2 ----
Root ID:
  stp-priority  32768
  stp-system-id   aa:66:aa:66:00:00
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s
  root-port       p20
  root-path-cost  2

Bridge ID:
  stp-priority  32768
  stp-system-id   aa:66:aa:66:00:02
  stp-hello-time  2s
  stp-max-age     20s
  stp-fwd-delay   15s

  Interface  Role       State      Cost  Pri.Nbr 
  ---------- ---------- ---------- ----- -------
  p21        alternate  blocking   2     128.1
  p20        root       forwarding 2     128.2

`)
  })
})
