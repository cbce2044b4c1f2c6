import { describe, expect, it } from 'vitest'
import { SoftDatapath } from '../datapath/index.ts'
import { second, seeded, VirtualClock } from '../runtime/index.ts'
import { Frame } from '../wire/frame.ts'
import { FlowLimit, idleTime } from './flow-limit.ts'
import { Switch } from './switch.ts'

/** What `upcall/show` of ovs-vswitchd 3.1 says after the same settings. */
describe('FlowLimit', () => {
  it('grows by a thousand with each look at flows, to the most that is allowed', () => {
    const datapath = { flowLimit: 0 }
    const limit = new FlowLimit(datapath)
    limit.looked(0)
    expect(datapath.flowLimit).toBe(10_000)
    limit.looked(8)
    expect(datapath.flowLimit, 'so few flows need no more').toBe(10_000)
    limit.looked(11)
    expect(datapath.flowLimit).toBe(11_000)
    limit.allow(11_500)
    limit.looked(10_000)
    expect(datapath.flowLimit).toBe(11_500)
  })

  it('falls at once to what is allowed, and rises to a thousand', () => {
    const datapath = { flowLimit: 0 }
    const limit = new FlowLimit(datapath)
    limit.allow(500)
    expect(datapath.flowLimit).toBe(500)
    limit.allow(20_000)
    expect(datapath.flowLimit).toBe(1_000)
  })

  it('grows from what a command set it to', () => {
    const datapath = { flowLimit: 0 }
    const limit = new FlowLimit(datapath)
    limit.use(3)
    limit.looked(8)
    expect(datapath.flowLimit).toBe(1_003)
  })

  it('gives flows a tenth of a second where there are too many', () => {
    expect(idleTime(5, 5)).toBe(10 * second)
    expect(idleTime(6, 5)).toBe(second / 10)
  })
})

describe('a switch with a limit of flows', () => {
  const made = () => {
    const clock = new VirtualClock()
    const datapath = new SoftDatapath({ clock })
    const sw = new Switch({ datapath, clock, random: seeded(1) })
    const sent: Frame[] = []
    const device = (name: string) => ({ name, type: 'system', send: (frame: Frame) => void sent.push(frame) })
    const bridge = sw.addBridge('br0', { ...device('br0'), type: 'internal', send: () => {} })
    const ports = ['p1', 'p2'].map(name => sw.addPort(bridge, { name, type: 'system', vport: device(name), mac: 0 }))
    const datapathPort = typeof ports[0] === 'object' ? ports[0].datapathPort : undefined
    if (datapathPort === undefined) throw new Error('the port was refused')
    const receive = (mac: number): void => {
      const frame = Frame.of(60)
      frame.bytes.set([2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, mac, 0x88, 0xb5], frame.start)
      sw.receive(datapathPort, frame)
    }
    return { clock, datapath, sw, sent, receive }
  }

  it('forwards what it does not keep', () => {
    const { datapath, sw, sent, receive } = made()
    sw.flowLimit.use(2)
    for (let mac = 1; mac <= 5; mac++) receive(mac)
    expect(sent).toHaveLength(5)
    expect(datapath.stats()).toMatchObject({ flows: 2, missed: 5 })
  })

  it('lets go soon of what is too much', () => {
    const { clock, datapath, sw, receive } = made()
    for (let mac = 1; mac <= 5; mac++) receive(mac)
    sw.flowLimit.use(2)
    clock.runUntil(1.5 * second)
    expect(datapath.stats().flows).toBe(0)
  })

  it('takes what the database allows', () => {
    const { datapath, sw } = made()
    expect(datapath.flowLimit).toBe(10_000)
    sw.flowLimit.allow(700)
    expect(datapath.flowLimit).toBe(700)
  })
})
