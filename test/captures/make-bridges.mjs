// Makes the captures of the kernel's bridges and hosts in this folder anew: `node test/captures/make-bridges.mjs`, by root on
// Linux, with iproute2 and tcpdump.
//
//   kernel-stp.pcap     two kernel bridges, a the root, on one link: b finds its root, tells that a host came, and takes over
//                       when a is gone (hello 1 s, max age 6 s, forward delay 2 s)
//   kernel-groups.pcap  a host joins and leaves groups, by IGMP of versions 1, 2 and 3 and MLD of versions 1 and 2
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { namespaces } from '../../scripts/namespaces.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const net = namespaces()
const pause = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds))

const record = async (file, filter, act) => {
  const path = join(here, file)
  const words = ['tcpdump', '-i', 'u0', '-U', '--immediate-mode', '-Z', 'root', '-w', path, ...filter.split(' ')]
  const tcpdump = net.start('a', words)
  await tcpdump.until(/listening on/)
  await act()
  await pause(0.3)
  await tcpdump.stop('SIGINT')
  const [frames] = /[0-9]+ packets captured/.exec(tcpdump.stderr) ?? ['nothing captured']
  console.log(`${file}: ${frames}, ${readFileSync(path).length} bytes`)
}

/** A link between the namespaces a and b. */
const link = () => {
  for (const name of ['a', 'b']) {
    net.add(name)
    net.run(name, 'sysctl -q -w net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0')
  }
  net.run('a', 'ip link add u0 address 02:00:00:00:01:01 type veth peer name u1')
  net.run('a', `ip link set u1 address 02:00:00:00:02:01 netns weft-${process.pid}-b`)
  net.run('a', 'ip link set u0 up')
}

const spanningTree = async () => {
  const times = 'stp_state 1 hello_time 100 max_age 600 forward_delay 200 mcast_snooping 0'
  for (const [name, device, mac, priority] of [
    ['a', 'u0', '02:00:00:00:01:00', 4096],
    ['b', 'u1', '02:00:00:00:02:00', 32768],
  ]) {
    net.run(name, `ip link add k0 address ${mac} type bridge ${times} priority ${priority}`)
    net.run(name, `ip link set ${device} master k0 up`)
    net.run(name, 'ip link set k0 up')
  }
  await pause(6)
  net.run('b', 'ip link add h0 type veth peer name h1')
  net.run('b', 'ip link set h1 up')
  net.run('b', 'ip link set h0 master k0 up')
  await pause(8)
  net.run('a', 'ip link set k0 down')
  await pause(9)
}

const groups = async () => {
  net.run('b', 'ip addr add 10.0.0.1/24 dev u1')
  net.run('b', 'ip link set u1 up')
  for (const [igmp, mld] of [
    [1, 1],
    [2, 1],
    [3, 2],
  ]) {
    net.run('b', `sysctl -q -w net.ipv4.conf.u1.force_igmp_version=${igmp} net.ipv6.conf.u1.force_mld_version=${mld}`)
    for (const what of ['add', 'del']) {
      net.run('b', `ip addr ${what} 239.1.1.${igmp}/32 dev u1 autojoin`)
      net.run('b', `ip addr ${what} ff0e::${igmp}/128 dev u1 autojoin`)
      await pause(3)
    }
  }
}

if (process.getuid?.() !== 0) {
  console.error('make-bridges.mjs: needs root on Linux, for network namespaces')
  process.exit(1)
}
for (const [file, filter, make] of [
  ['kernel-stp.pcap', 'stp', spanningTree],
  ['kernel-groups.pcap', 'ether src 02:00:00:00:02:01', groups],
]) {
  link()
  await record(file, filter, make)
  net.remove()
}
