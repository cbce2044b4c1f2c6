import { describe, expect, test } from 'vitest'
import { millisecond, second, seeded, VirtualClock } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { Egress } from './egress.ts'
import { Fifo } from './fifo.ts'
import { Hfsc } from './hfsc.ts'
import { Htb } from './htb.ts'
import { Netem, usualNetem } from './netem.ts'
import type { Place, Qdisc } from './qdisc.ts'
import { lostIn, rateOf } from './rate.ts'
import { Red } from './red.ts'
import { Tbf } from './tbf.ts'

const mbit = 125_000
const htbOf = (rate: number, ceil: number, above?: number): Htb => {
  const htb = new Htb(0x50000, { defaultClass: 1, r2q: 10, directLimit: 100 })
  const options = { rate, ceil, burst: 15_000, cburst: 1600, priority: 0, quantum: 1514 }
  const parent =
    above === undefined ? undefined : htb.add(0x50009, undefined, { ...options, rate: above, ceil: above }, 0)
  htb.add(0x50001, parent, options, 0)
  return htb
}
const hfscOf = (limit: number): Hfsc => {
  const hfsc = new Hfsc(0x50000, 1, 100)
  const curve = (later: number) => ({ first: 0, duration: 0, later })
  hfsc.add(0x50001, undefined, { realTime: undefined, share: curve(limit), limit: curve(limit) }, 0)
  return hfsc
}
const netemOf = (options: Partial<typeof usualNetem>): Netem =>
  new Netem(0x100000, { ...usualNetem, ...options }, seeded(3))
const under = (root: Qdisc, child: Qdisc): Qdisc => {
  const place = [...(root.classes?.values() ?? [])].at(-1) as Place
  place.child = child
  return root
}
const red = (): Red =>
  new Red(
    0x60000,
    {
      ...{ limit: 1e6, min: 3000, max: 6000, average: 1500, burst: 20, bandwidth: mbit, probability: 1 },
      ...{ ecn: false, hardDrop: false },
    },
    seeded(1),
  )

describe('the rate of', () => {
  test.each<[string, Qdisc, number | undefined]>([
    ['a queue', new Fifo('pfifo', 0x10000, 10), undefined],
    ['HTB is its ceiling', htbOf(mbit, 2 * mbit), 2 * mbit],
    ['HTB below a class is no more than that one', htbOf(mbit, 9 * mbit, 4 * mbit), 4 * mbit],
    ['HTB whose default is no class', new Htb(0x50000, { defaultClass: 5, r2q: 10, directLimit: 9 }), undefined],
    ['HFSC is its limit', hfscOf(3 * mbit), 3 * mbit],
    ['TBF', new Tbf(0x50000, { rate: mbit, burst: 3000, limit: 9000 }, 0), mbit],
    ['netem without one', netemOf({ delay: millisecond }), undefined],
    ['netem', netemOf({ rate: 5 * mbit }), 5 * mbit],
    ['the slower of two', under(htbOf(9 * mbit, 9 * mbit), netemOf({ rate: 5 * mbit })), 5 * mbit],
    ['RED is that of what it hangs from', under(htbOf(9 * mbit, 9 * mbit), red()), 9 * mbit],
  ])('%s', (_, qdisc, rate) => expect(rateOf(qdisc)).toBe(rate))
})

describe('what was lost is what never left', () => {
  const loss = { probability: 0.3, correlation: 0 }
  test.each<[string, Qdisc]>([
    ['for want of room', new Fifo('pfifo', 0x10000, 10)],
    ['on the way', netemOf({ loss })],
    ['on the way, below a class', under(htbOf(mbit, mbit), netemOf({ loss, limit: 50 }))],
    ['early', under(htbOf(mbit, mbit), red())],
    ['on the way below early', under(htbOf(mbit, mbit), under(red(), netemOf({ loss, delay: millisecond })))],
    ['of a bucket', new Tbf(0x50000, { rate: mbit, burst: 3000, limit: 9000 }, 0)],
  ])('%s', (_, qdisc) => {
    const clock = new VirtualClock()
    let left = 0
    const egress = new Egress(clock, qdisc, () => left++)
    for (let i = 0; i < 500; i++) {
      egress.send(Frame.of(1000))
      clock.runUntil(clock.now() + millisecond)
    }
    if (qdisc instanceof Fifo) for (let i = 0; i < 20; i++) qdisc.enqueue(Frame.of(1000))
    clock.runUntil(clock.now() + 100 * second)
    const sent = qdisc instanceof Fifo ? 520 : 500
    expect(lostIn(qdisc)).toBe(sent - left - qdisc.stats.backlogPackets)
    expect(lostIn(qdisc)).toBeGreaterThan(5)
  })
})
