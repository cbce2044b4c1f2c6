import { IVSSwitch, NOX } from './absent.ts'
import { specialClass } from './classes.ts'
import { type ControllerClass, OVSController, Ryu } from './controller.ts'
import { CPULimitedHost } from './cpu-host.ts'
import { Link, type LinkClass, TCLink, TCULink } from './link.ts'
import { LinuxBridge } from './linux-bridge.ts'
import type { Mininet } from './mininet.ts'
import type { SwitchClass } from './mininet-options.ts'
import { Host, type NodeClass } from './node.ts'
import { OVSLink } from './ovs-link.ts'
import { OVSBridge, OVSSwitch } from './ovs-switch.ts'
import { RemoteController } from './remote-controller.ts'
import type { Topo } from './topo.ts'
import { LinearTopo, MinimalTopo, SingleSwitchReversedTopo, SingleSwitchTopo } from './topologies.ts'
import { TorusTopo, TreeTopo } from './tree.ts'
import { UserSwitch } from './user-switch.ts'

/** A class of topologies, or a function that gives one. */
export type TopoMaker = (new (...args: never[]) => Topo<never[]>) | ((...args: never[]) => Topo<never[]>)

/** A test of a custom file: it is given the network, which it starts if it wants that. */
export type Test = (net: Mininet, ...args: never[]) => unknown

/** What words of the command line mean; custom files add to it. */
export type Choices = {
  topos: Record<string, TopoMaker>
  switches: Record<string, SwitchClass>
  hosts: Record<string, NodeClass>
  controllers: Record<string, ControllerClass | null>
  links: Record<string, LinkClass>
  tests: Record<string, Test>
}

/** Mininet's own choices. */
export const usualChoices = (): Choices => ({
  topos: {
    minimal: MinimalTopo,
    linear: LinearTopo,
    reversed: SingleSwitchReversedTopo,
    single: SingleSwitchTopo,
    tree: TreeTopo,
    torus: TorusTopo,
  },
  switches: {
    user: UserSwitch,
    ovs: OVSSwitch,
    ovsbr: OVSBridge,
    ovsk: OVSSwitch,
    ivs: IVSSwitch,
    lxbr: LinuxBridge,
    default: OVSSwitch,
  },
  hosts: {
    proc: Host,
    rt: specialClass(CPULimitedHost, { sched: 'rt' }),
    cfs: specialClass(CPULimitedHost, { sched: 'cfs' }),
  },
  controllers: {
    ref: OVSController,
    ovsc: OVSController,
    nox: NOX,
    remote: RemoteController,
    ryu: Ryu,
    default: OVSController,
    none: null,
  },
  links: { default: Link, tc: TCLink, tcu: TCULink, ovs: OVSLink },
  tests: {
    pingall: net => net.pingAll(),
    pingpair: net => net.pingPair(),
    iperf: net => net.iperf(),
    iperfudp: net => net.iperfUdp(),
    all: async net => {
      await net.start()
      await net.pingAll()
      await net.iperf()
    },
    none: () => {},
    build: () => {},
  },
})
