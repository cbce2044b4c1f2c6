import { SoftDatapath } from '../datapath/index.ts'
import type { Kernel, Namespace } from '../host/index.ts'
import { type Clock, type Log, type Random, silent, UnixSockets } from '../runtime/index.ts'
import type { Network } from '../switch/agent/controllers.ts'
import { Switch } from '../switch/index.ts'
import { LocalDatabase, listenForBridges, localNetwork, Vswitchd } from '../vswitchd/index.ts'
import { LinkDevices } from './link-devices.ts'
import { serveManagers } from './managers.ts'
import { machineNetwork } from './tcp-network.ts'
import { openVxlan } from './tunnel-stack.ts'

/** The Open vSwitch whose words and tables this is. */
export const ovsVersion = '3.1.0'

/**
 * Open vSwitch on a simulated machine: a datapath whose ports are links of a namespace, whose tunnels are UDP ports
 * of its IP stack, and the daemon that makes them follow the database.
 */
export const openVSwitch = (parts: {
  kernel: Kernel
  /** Where it runs; the root namespace unless told otherwise. */
  namespace?: Namespace
  clock: Clock
  random: Random
  log?: Log
  /** The machine's unix sockets: bridges listen there, and controllers may. */
  sockets?: UnixSockets
  /** How controllers are reached that are not in the lab, as far as they can be now. */
  outside?: () => Network | undefined
}): Vswitchd => {
  const { kernel, clock, random, log = silent, sockets = new UnixSockets(), outside } = parts
  const { namespace = kernel.root } = parts
  const database = new LocalDatabase({ clock, random, ovsVersion })
  database.listen(sockets)
  const vswitchd = new Vswitchd({
    switch: new Switch({
      datapath: new SoftDatapath({ clock, name: 'system@ovs-system', log: text => log('dpif', 'err', text) }),
      clock,
      random,
      log,
      openTunnel: (_type, udpPort, receive) => openVxlan(namespace, udpPort, receive),
    }),
    devices: new LinkDevices(namespace),
    random,
    database,
    log,
    network: localNetwork(sockets, machineNetwork(namespace, outside)),
  })
  // Who connects reads what is so now; nothing is written for nobody.
  database.onClient.add(() => vswitchd.refresh())
  listenForBridges(vswitchd, sockets)
  serveManagers({ database, namespace, clock, log, sockets })
  // A device that comes or goes may be one that a port waits for, or stands on.
  namespace.watchers.add((link, event) => {
    if (event === 'added' || event === 'removed') vswitchd.deviceChanged(link.name)
    else if (event === 'name') vswitchd.reconcile()
  })
  return vswitchd
}
