// Makes the captures of real VXLAN traffic in this folder anew: `node test/captures/make.mjs [NAME...]`, by root on Linux, with
// iproute2, iputils-ping, ethtool, tcpdump, python3 and Open vSwitch. Only what went over the underlay is in them.
//
//   kernel-vxlan.pcap      the kernel's vxlan device, an inner host pinging the other: over IPv4 without UDP checksums
//                          (VNI 42), on port 8472 with (VNI 77), over IPv6 without (VNI 2^24 - 1) and with (VNI 5); then
//                          with group policy 7, and an inner 802.1Q tag (VNI 100)
//   kernel-vxlan6.pcap     the kernel's again: neighbour discovery, group reports, pings of 1400 bytes
//   kernel-vxlan-gpe.pcap  IP directly in VXLAN-GPE, port 4790
//   ovs-kernel-vxlan.pcap  Open vSwitch's user-space tunnel and the kernel: ARP, neighbour discovery, pings both ways
//
// The links do not offer checksum offload, or a capture would show checksums that nobody has computed yet.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { namespaces } from '../../scripts/namespaces.mjs'
import { ovsIn } from '../../scripts/ovs.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const net = namespaces()
const hosts = [
  { name: 'a', n: 1, underlay: '192.168.2.10', underlay6: 'fd02::10', mac: '02:00:00:00:02:10' },
  { name: 'b', n: 2, underlay: '192.168.2.20', underlay6: 'fd02::20', mac: '02:00:00:00:02:20' },
]
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Two namespaces and a cable between them, with nothing on it that was not asked for. */
const underlay = () => {
  for (const { name } of hosts) net.add(name)
  const [a, b] = hosts.map(({ name }) => `weft-${process.pid}-${name}`)
  execFileSync('ip', ['-n', a, 'link', 'add', 'u0', 'type', 'veth', 'peer', 'name', 'u0', 'netns', b])
  for (const [i, { name, underlay, underlay6, mac }] of hosts.entries()) {
    const other = hosts[1 - i]
    for (const command of [
      `ip link set u0 address ${mac} mtu 1600`,
      'ethtool -K u0 tx off',
      'sysctl -q -w net.ipv6.conf.u0.accept_dad=0',
      'ip link set u0 up',
      `ip addr add ${underlay}/24 dev u0`,
      `ip addr add ${underlay6}/64 dev u0 nodad`,
      `ip neigh add ${other.underlay} lladdr ${other.mac} dev u0 nud permanent`,
      `ip neigh add ${other.underlay6} lladdr ${other.mac} dev u0 nud permanent`,
      'sysctl -q -w net.ipv6.conf.default.disable_ipv6=1',
    ])
      net.run(name, command)
  }
}

/** The inner hosts of a scene: a vxlan device at each end. `options` is what comes after `id`. */
const segment = (vni, options, ipv6 = false, { arp = true } = {}) => {
  for (const [i, { name, n, underlay, underlay6 }] of hosts.entries()) {
    const other = hosts[1 - i]
    const ends = ipv6 ? `local ${underlay6} remote ${other.underlay6}` : `local ${underlay} remote ${other.underlay}`
    net.run(name, `ip link add vx type vxlan id ${vni} ${ends} ${options}`)
    net.run(name, `ip link set vx address 02:00:00:00:00:0${n} up`)
    net.run(name, 'ethtool -K vx tx off')
    net.run(name, `ip addr add 10.0.0.${n}/24 dev vx`)
    if (!arp) net.run(name, `ip neigh add 10.0.0.${other.n} lladdr 02:00:00:00:00:0${other.n} dev vx nud permanent`)
  }
}

const clear = () => {
  for (const { name } of hosts) net.run(name, 'ip link delete vx')
}

const record = async (file, act, filter = 'udp') => {
  const tcpdump = net.start('a', ['tcpdump', '-i', 'u0', '-U', '--immediate-mode', '-Z', 'root', '-w', join(here, file), filter])
  await tcpdump.until(/listening on/)
  await act()
  await pause(300)
  await tcpdump.stop('SIGINT')
  const [frames] = /[0-9]+ packets captured/.exec(tcpdump.stderr) ?? ['nothing captured']
  console.log(`${file}: ${frames}, ${readFileSync(join(here, file)).length} bytes`)
}

const ping = (words, name = 'a') => net.run(name, `ping -n -c 1 -W 2 ${words}`)

const kernelVxlan = async () => {
  const scenes = [
    [42, 'dstport 4789 noudpcsum', false],
    [77, 'dstport 8472 udpcsum', false],
    [0xffffff, 'dstport 4789 udp6zerocsumtx udp6zerocsumrx', true],
    [5, 'dstport 4789', true],
  ]
  for (const [vni, options, ipv6] of scenes) {
    segment(vni, options, ipv6)
    ping('-s 8 10.0.0.2')
    clear()
  }
  segment(100, 'dstport 4789 udpcsum gbp', false, { arp: false })
  net.run('b', 'sysctl -q -w net.ipv4.icmp_echo_ignore_all=1')
  // The mark of a packet is its group policy.
  await net.attempt('a', 'ping -n -c 1 -W 0.2 -s 8 -m 7 10.0.0.2')
  net.run('b', 'sysctl -q -w net.ipv4.icmp_echo_ignore_all=0')
  clear()
  segment(100, 'dstport 4789 udpcsum', false, { arp: false })
  raw(
    ['020000000002', '020000000001', '81002005', '0800'],
    ['4500001c', '00000000', '401166cf', '0a000001', '0a000002'],
    ['03e807d0', '00080000'],
  )
  clear()
}

/** Puts a frame on namespace a's vxlan device as it is. Kernels without VLAN devices carry tags that others made. */
const raw = (...headers) => {
  const script = `import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('vx', 0))
s.send(bytes.fromhex('${headers.flat().join('')}'))`
  execFileSync('ip', ['netns', 'exec', `weft-${process.pid}-a`, 'python3', '-c', script])
}

const withIp6 = on => {
  for (const { name } of hosts) net.run(name, `sysctl -q -w net.ipv6.conf.default.disable_ipv6=${on ? 0 : 1}`)
}

const kernelVxlan6 = async () => {
  withIp6(true)
  segment(42, 'dstport 4789 udpcsum')
  for (const { name, n } of hosts) net.run(name, `ip addr add fd00:42::${n}/64 dev vx nodad`)
  await pause(1000)
  ping('-s 56 fd00:42::2')
  ping('-s 1400 -M do fd00:42::2')
  ping('-s 1400 -M do 10.0.0.2')
  ping('-s 56 fd00:42::1', 'b')
  clear()
  withIp6(false)
}

/** GPE devices carry IP without Ethernet, and take VNI and remote from the route. */
const kernelVxlanGpe = async () => {
  for (const [i, { name, n }] of hosts.entries()) {
    net.run(name, 'ip link add vx type vxlan external gpe dstport 4790 udpcsum')
    net.run(name, 'ip link set vx up')
    net.run(name, `ip addr add 10.0.0.${n}/32 dev vx`)
    net.run(name, `ip route add 10.0.0.${hosts[1 - i].n}/32 encap ip id 42 dst ${hosts[1 - i].underlay} dev vx`)
  }
  ping('-s 56 10.0.0.2')
  clear()
}

const ovsKernelVxlan = async () => {
  withIp6(true)
  const { vsctl, stop } = ovsIn(net, 'b')
  // The bridge on the underlay takes over the address of the link that it holds.
  net.run('b', 'ip addr flush dev u0')
  vsctl('add-br br-phy -- set bridge br-phy datapath_type=netdev other-config:hwaddr=02:00:00:00:02:20')
  vsctl('add-port br-phy u0')
  net.run('b', 'ip addr add 192.168.2.20/24 dev br-phy')
  net.run('b', 'ip link set br-phy up')
  vsctl('add-br br-int -- set bridge br-int datapath_type=netdev other-config:hwaddr=02:00:00:00:00:02')
  vsctl('add-port br-int vx -- set interface vx type=vxlan options:remote_ip=192.168.2.10 options:key=42')
  net.run('b', 'ip link set br-int mtu 1450 up')
  net.run('b', 'ethtool -K br-int tx off')
  net.run('b', 'ip addr add 10.0.0.2/24 dev br-int')
  net.run('b', 'ip addr add fd00:42::2/64 dev br-int nodad')
  net.run('a', 'ip link add vx type vxlan id 42 local 192.168.2.10 remote 192.168.2.20 dstport 4789 udpcsum')
  net.run('a', 'ip link set vx address 02:00:00:00:00:01 up')
  net.run('a', 'ethtool -K vx tx off')
  net.run('a', 'ip addr add 10.0.0.1/24 dev vx')
  net.run('a', 'ip addr add fd00:42::1/64 dev vx nodad')
  await pause(2500)
  ping('-s 56 10.0.0.2')
  ping('-s 56 10.0.0.1', 'b')
  ping('-s 56 fd00:42::2')
  ping('-s 1400 fd00:42::1', 'b')
  await stop()
}

const makers = {
  'kernel-vxlan.pcap': kernelVxlan,
  'kernel-vxlan6.pcap': kernelVxlan6,
  'kernel-vxlan-gpe.pcap': kernelVxlanGpe,
  'ovs-kernel-vxlan.pcap': ovsKernelVxlan,
}

if (process.getuid?.() !== 0) {
  console.error('make.mjs: needs root on Linux, for network namespaces')
  process.exit(1)
}
const wanted = process.argv.slice(2)
underlay()
for (const [file, make] of Object.entries(makers)) if (wanted.length === 0 || wanted.includes(file)) await record(file, make)
net.remove()
