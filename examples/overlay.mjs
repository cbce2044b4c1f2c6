// Two hypervisors, a cable, a VM on each and VXLAN between them, in virtual time: built, pinged, looked at, and disturbed.
//   node examples/overlay.mjs [SEED]
import { Network } from 'weft/lab'
import { millisecond } from 'weft/runtime'
import { dissect, showLayers } from 'weft/wire'

const net = new Network({ seed: Number(process.argv[2] ?? 1) })
for (const name of ['hv1', 'hv2', 'vm1', 'vm2']) net.machine(name)
const underlay = net.cable('hv1:eth0', 'hv2:eth0', { bandwidth: 1e9, delay: millisecond })

for (const n of [1, 2]) {
  net.type(
    `hv${n}`,
    `ip addr add 192.168.0.${n}/24 dev eth0
     ip link set eth0 up
     ip tuntap add mode tap tap0
     ip link set tap0 up
     ovs-vsctl add-br br0 -- add-port br0 tap0
     ovs-vsctl add-port br0 vx0 -- set interface vx0 type=vxlan options:remote_ip=192.168.0.${3 - n} options:key=42`,
  )
  net.cable(`vm${n}:eth0`, `hv${n}:tap0`)
  net.type(
    `vm${n}`,
    `ip addr add 10.0.0.${n}/24 dev eth0
     ip link set eth0 mtu 1450 up`,
  )
}
net.settle()

/** @type {string[]} */
const seen = []
underlay.taps.add((end, { bytes, start, end: stop }, time) => {
  const layers = dissect(bytes, start, stop)
  if (layers.some(({ protocol }) => protocol === 'icmp'))
    seen.push(`from ${end.name} at ${time} ns:\n${showLayers(layers, bytes)}\n`)
})
console.log(net.type('vm1', 'ping -c 1 10.0.0.2'))
console.log(seen[0])

underlay.options = { ...underlay.options, loss: 0.3 }
console.log(`with a loss of 30 % on the underlay, after ${net.clock.now() / millisecond} ms:`)
// `exec` gives the exit status; `type` takes every failure for a mistake in the lab.
const { status, stdout } = net.finish(net.get('vm1').exec('ping -q -c 100 -i 0.1 10.0.0.2'))
console.log(`${stdout}exit status ${status}, and it is ${net.clock.now() / millisecond} ms`)
