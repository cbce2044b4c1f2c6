/** A network of our switches in real time, whose controllers are programs outside. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Network } from '../../../src/lab/index.ts'
import { openFlowNetwork, Pace } from '../../../src/node/index.ts'
import { openRunDirectory } from '../../../src/node/run-directory.ts'
import { start } from '../../../src/runtime/index.ts'
import type { TlsWords } from '../../../src/tools/index.ts'

export type Said = { stdout: string; stderr: string; status: number }

export type Line = {
  network: Network
  /** `DIRECTORY/sN/br0.mgmt` and `.snoop` are the sockets of the switches. */
  directory: string
  enter<T>(happen: () => T): T
  /** Runs a command on a machine. */
  run(machine: string, line: string): Promise<Said>
  close(): void
}

/**
 * `count` switches `s1`, `s2`, … with a bridge `br0` and a host `hN` each. Port 1 goes to the host, 2 to the switch before and
 * 3 to the one after; in a ring the last one is before the first. The datapath id of `sN` is N.
 */
export const startLine = (count: number, { ring = false, tls }: { ring?: boolean; tls?: TlsWords } = {}): Line => {
  const network = new Network()
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  for (const n of numbers) network.machine(`s${n}`)
  for (const n of numbers) {
    network.machine(`h${n}`)
    network.cable(`h${n}:eth0`, `s${n}:host`, { delay: 1000 })
    network.type(`h${n}`, `ip addr add 10.0.0.${n}/24 dev eth0\nip link set eth0 up`)
  }
  const cabled = ring ? numbers : numbers.slice(0, -1)
  for (const n of cabled) network.cable(`s${n}:after`, `s${(n % count) + 1}:before`, { delay: 1000 })
  for (const n of numbers) {
    const ports = ['host', 'before', 'after'].filter(
      name => network.get(`s${n}`).kernel.root.links.get(name) !== undefined,
    )
    const id = String(n).padStart(16, '0')
    network.type(`s${n}`, `ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure other_config:datapath-id=${id}`)
    for (const name of ports) {
      const number = ['host', 'before', 'after'].indexOf(name) + 1
      network.type(
        `s${n}`,
        `ip link set ${name} up\novs-vsctl add-port br0 ${name} -- set interface ${name} ofport_request=${number}`,
      )
    }
  }
  return inRealTime(network, tls)
}

/** Two switches `s1` and `s2` with three cables, from port 1 to port 1 and so on. The datapath id of `sN` is N. */
export const startPair = (): Line => {
  const network = new Network()
  for (const name of ['s1', 's2']) network.machine(name)
  for (const n of [1, 2, 3]) network.cable(`s1:p${n}`, `s2:p${n}`)
  for (const n of [1, 2]) {
    const id = String(n).padStart(16, '0')
    // The machine below would ask for routers out of each port that comes up, and the tester counts packets.
    network.type(`s${n}`, 'sysctl -w net.ipv6.conf.all.disable_ipv6=1')
    network.type(`s${n}`, `ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure other_config:datapath-id=${id}`)
    for (const port of [1, 2, 3])
      network.type(
        `s${n}`,
        `ip link set p${port} up\novs-vsctl add-port br0 p${port} -- set interface p${port} ofport_request=${port}`,
      )
  }
  return inRealTime(network)
}

/** Lets a network's time be ours, and its controllers and sockets those of this computer. */
const inRealTime = (network: Network, tls?: TlsWords): Line => {
  network.settle()
  const pace = new Pace(network.clock)
  const enter = <T>(happen: () => T): T => pace.enter(happen)
  network.outside = openFlowNetwork(enter, tls)
  const directory = mkdtempSync(join(tmpdir(), 'weft-line-'))
  const sockets = openRunDirectory(directory, network.daemons, enter, (path, why) => {
    throw new Error(`${path}: ${why}`)
  })
  return {
    network,
    directory,
    enter,
    run: (machine, line) => new Promise(done => enter(() => start(network.get(machine).exec(line), { done }))),
    close() {
      enter(() => {
        for (const daemon of network.daemons.values())
          for (const { controllers } of daemon.hand.made.values()) controllers.close()
      })
      sockets.close()
      pace.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
