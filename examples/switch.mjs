// A switch without machines: frames go in at its ports, and the ports print what comes out.
//   node examples/switch.mjs
import { SoftDatapath } from 'weft/datapath'
import { parseFlow } from 'weft/openflow'
import { second, seeded, VirtualClock } from 'weft/runtime'
import { Switch } from 'weft/switch'
import { ArpOp, EtherType, Frame, pushEthernet, showLine, writeArp } from 'weft/wire'

const clock = new VirtualClock()
const datapath = new SoftDatapath({ clock })
const vswitch = new Switch({ datapath, clock, random: seeded(1) })

/** @param {string} name */
const printing = name => ({
  name,
  type: 'dummy',
  /** @param {Frame} frame */
  send: frame => console.log(`  out of ${name}: ${showLine(frame.bytes, frame.start, frame.end, { link: true })}`),
})

const bridge = vswitch.addBridge('br0', printing('br0'))
const [p1, p2] = ['p1', 'p2', 'p3'].map(name => {
  const port = vswitch.addPort(bridge, { name, type: 'dummy', vport: printing(name) })
  if (typeof port === 'string') throw new Error(port)
  return port
})

const mac = { ann: 0x02000000000a, bob: 0x02000000000b, all: 0xffffffffffff }
const ip = { ann: 0x0a000001, bob: 0x0a000002 }

/** @param {'ann' | 'bob'} from @param {'ann' | 'bob'} to @param {number} op @param {number} dst */
const arp = (from, to, op, dst) => {
  const frame = Frame.of(28)
  writeArp(frame.bytes, frame.start, { op, sha: mac[from], spa: ip[from], tha: 0, tpa: ip[to] })
  return pushEthernet(frame, { src: mac[from], dst, type: EtherType.arp })
}
const request = () => arp('ann', 'bob', ArpOp.request, mac.all)
const reply = () => arp('bob', 'ann', ArpOp.reply, mac.ann)

console.log('ann at p1 asks all:')
p1.receive(request())
console.log('bob at p2 answers ann, whose port the bridge has learned:')
p2.receive(reply())

// A flow in the words of ovs-ofctl(8). A mistake in it is a text, not an exception.
const read = parseFlow('priority=100,arp,arp_op=1,nw_dst=10.0.0.2,actions=mod_dl_dst:02:00:00:00:00:0b,output:2', 'add')
if (!read.ok) throw new Error(read.error)
const { match, priority, actions } = read.flow
bridge.flows.add({ match, priority, actions })
console.log('ann asks twice more, after a flow was added that tells only bob:')
p1.receive(request())
p1.receive(request())

clock.runUntil(clock.now() + second)
const { hit, missed, flows } = datapath.stats()
console.log(`the datapath: ${hit} hit, ${missed} missed, ${flows} megaflows`)
for (const rule of bridge.flows.dump()) console.log(`priority ${rule.priority}: ${rule.packets} packets`)
