import { expect, test } from 'vitest'
import { seeded } from '../runtime/random.ts'
import { VirtualClock } from '../runtime/virtual-clock.ts'
import { Switch } from '../switch/switch.ts'
import { Frame } from '../wire/frame.ts'
import { LoggedDatapath } from './logged-datapath.ts'

const arp = '50540000000750540000000508060001080006040001505400000005010101010000000000000202020200'

/** A switch whose datapath tells what it does, with p1 and a local port. */
const scene = (shown = true) => {
  const clock = new VirtualClock()
  const lines: string[] = []
  const debug = { say: (module: string, text: string) => void lines.push(`${module}|${text}`), shows: () => shown }
  const datapath = new LoggedDatapath({ clock, name: 'dummy@ovs-dummy' }, debug)
  const sw = new Switch({ datapath, clock, random: seeded(1) })
  const vport = (name: string) => ({ name, type: 'dummy', send() {} })
  const bridge = sw.addBridge('br0', vport('br0'), { hwaddr: 0xaa55aa550000 }, 100)
  const port = sw.addPort(bridge, { name: 'p1', type: 'dummy', vport: vport('p1'), datapathPort: 1 })
  if (typeof port === 'string') throw new Error(port)
  const bytes = Uint8Array.from(arp.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  const receive = (): void => port.receive(Frame.from(bytes))
  const said = (): string[] => lines.splice(0).map(line => line.replace(/ufid:\S+/g, 'ufid:U'))
  return { sw, bridge, port, receive, said }
}

test('ports, misses and flows, in words of ovs-vswitchd', () => {
  const { sw, bridge, port, receive, said } = scene()
  expect(said()).toEqual(['dpif|dummy@ovs-dummy: added br0 as port 100', 'dpif|dummy@ovs-dummy: added p1 as port 1'])
  receive()
  const beside = ['skb_priority(0)', 'skb_mark(0)', 'ct_state(0)', 'ct_zone(0)', 'ct_mark(0)', 'ct_label(0)']
  const packet = [...beside, 'recirc_id(0)', 'dp_hash(0)', 'in_port(1)', 'packet_type(ns=0,id=0)']
  const eth = 'eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0806)'
  const body = 'arp(sip=1.1.1.1,tip=2.2.2.2,op=1,sha=50:54:00:00:00:05,tha=00:00:00:00:00:00)'
  const [missed, added] = said()
  expect(missed).toBe(
    `dpif_netdev|ovs-dummy: miss upcall:\n${[...packet, eth, body].join(',')}\narp,vlan_tci=0x0000,` +
      'dl_src=50:54:00:00:00:05,dl_dst=50:54:00:00:00:07,arp_spa=1.1.1.1,arp_tpa=2.2.2.2,arp_op=1,' +
      'arp_sha=50:54:00:00:00:05,arp_tha=00:00:00:00:00:00',
  )
  expect(added).toBe(
    'dpif_netdev|flow_add: ufid:U mega_ufid:U recirc_id(0),in_port(1),packet_type(ns=0,id=0),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0806), actions:100',
  )
  sw.removePort(bridge, port)
  sw.flush()
  const rest = said()
  expect(rest).toContain('dpif|dummy@ovs-dummy: port_del(1)')
  expect(rest.at(-1)).toMatch(/^dpif\|dummy@ovs-dummy: flow_del ufid:U .*arp\(.*, packets:0, bytes:0, used:never$/)
})

test('nothing is made that nobody wants to read', () => {
  const { receive, said } = scene(false)
  receive()
  expect(said()).toEqual([])
})
