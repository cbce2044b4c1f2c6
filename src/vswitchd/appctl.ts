import { type Reply, refuse, reply, type UnixctlCommands } from './appctl/command.ts'
import { conntrackCommands } from './appctl/conntrack.ts'
import { datapathCommands } from './appctl/datapath.ts'
import { dummyCommands } from './appctl/dummies.ts'
import { fdbCommands } from './appctl/fdb.ts'
import { featureCommands } from './appctl/features.ts'
import { flowCommands } from './appctl/flow-commands.ts'
import { idleCommands } from './appctl/idle.ts'
import { netdevCommands } from './appctl/netdev-datapath.ts'
import { ofprotoCommands } from './appctl/ofproto.ts'
import { treeCommands } from './appctl/trees.ts'
import { tunnelCommands } from './appctl/tunnels.ts'
import { upcallCommands } from './appctl/upcalls.ts'
import { commandFor, commandListing } from './unixctl/dispatch.ts'
import type { Vswitchd } from './vswitchd.ts'

/** The commands about a daemon's switch; those about its process are the program's that it runs in. */
export const switchCommands: UnixctlCommands = {
  'dpctl/list-commands': { usage: '', min: 0, max: Number.POSITIVE_INFINITY, run: () => reply(dpctlListing()) },
  ...conntrackCommands,
  ...datapathCommands,
  ...dummyCommands,
  ...fdbCommands,
  ...featureCommands,
  ...flowCommands,
  ...idleCommands,
  ...netdevCommands,
  ...ofprotoCommands,
  ...treeCommands,
  ...tunnelCommands,
  ...upcallCommands,
}

const dpctlListing = (): string => {
  const names = Object.keys(switchCommands).filter(name => name.startsWith('dpctl/'))
  const rows = names.sort().map(name => `  ${name.padEnd(30)}${switchCommands[name]?.usage ?? ''}\n`)
  return `The available commands are:\n${rows.join('')}`
}

const commands: UnixctlCommands = {
  ...switchCommands,
  version: { usage: '', min: 0, max: 0, run: () => reply('ovs-vswitchd (Open vSwitch) 3.1.0\n') },
  'list-commands': {
    usage: '',
    min: 0,
    max: 0,
    run: () => reply(commandListing(commands)),
  },
}

/** What the daemon's control socket answers to a command. */
export const unixctl = (daemon: Vswitchd, name: string, args: readonly string[]): Reply => {
  const command = commandFor(commands, name, args)
  return typeof command === 'string' ? refuse(command) : command.run(daemon, args)
}
