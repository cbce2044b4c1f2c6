import { findLab, type Lab, Network } from '../../src/lab/index.ts'
import { addInternet } from '../../src/lab/labs/internet.ts'
import { screenOf } from './run.testing.ts'

/** The machines that a transcript is typed at, by its name. */
export const worlds: Record<string, () => Network> = {
  /** A host with one bridge; taps stand where the VMs of the field notes plug in. */
  openflow: () => alone(),
  taps: () => {
    const net = alone()
    // Two VMs, one on each tap; they come before the tap does, as a cable needs an end.
    for (const [i, vm] of ['vm1', 'vm2'].entries()) {
      net.machine(vm)
      net.type('hv1', `ip tuntap add mode tap vport${i + 1}`)
      net.cable(`${vm}:eth0`, `hv1:vport${i + 1}`)
    }
    return net
  },
  /** A host at home, behind a router. */
  bridge: () => {
    const net = alone()
    addInternet(net, 'hv1:eth0', 'r1')
    net.type('hv1', 'ip addr add 10.0.2.15/24 dev eth0\nip link set eth0 up\nip route add default via 10.0.2.2')
    net.type('hv1', 'echo nameserver 10.0.2.2 > /etc/resolv.conf')
    return net
  },
  /** The lab of two hypervisors as it is before its bridges are made. */
  vxlan: () => {
    const net = new Network({ seed: 1 })
    const { build } = findLab('two-hypervisors') as Lab
    build(net)
    for (const hv of ['hv1', 'hv2']) net.type(hv, 'ovs-vsctl del-br br-int')
    return net
  },
}

const alone = (): Network => {
  const net = new Network({ seed: 1 })
  net.machine('hv1')
  return net
}

const prompt = /^root@([\w-]+):\S*# (.*)$/

/** What the terminals show when the lines of a transcript are typed, each at the machine of its prompt. */
export const played = (network: Network, transcript: string): string => {
  network.settle()
  const typed = transcript.split('\n').flatMap(line => {
    const [, host, text] = prompt.exec(line) ?? []
    return host === undefined ? [] : [{ host, text: text as string }]
  })
  let screen = ''
  while (typed.length > 0) {
    const host = typed[0]?.host as string
    const other = typed.findIndex(line => line.host !== host)
    const group = typed.splice(0, other < 0 ? typed.length : other)
    screen += screenOf(
      network.get(host),
      network.clock,
      group.map(({ text }) => text),
    )
  }
  return screen
}

/** Takes out what differs from run to run on a real host: names of rows, times, made-up MACs. */
export const masked = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\b(dpid:|")0000[0-9a-f]{12}/g, '$1DPID')
    .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z/gm, 'TIME')
    .replace(/duration=[0-9.]+s/g, 'duration=T')
    .replace(/used:([0-9.]+s|never)/g, 'used:T')
