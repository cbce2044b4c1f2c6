import { type Reply, refuse, reply, type UnixctlCommands } from './appctl/command.ts'
import { conntrackCommands } from './appctl/conntrack.ts'
import { datapathCommands } from './appctl/datapath.ts'
import { datapathsCommands } from './appctl/datapaths.ts'
import { dummyCommands } from './appctl/dummies.ts'
import { fdbCommands } from './appctl/fdb.ts'
import { featureCommands } from './appctl/features.ts'
import { flowActionCommands } from './appctl/flow-actions.ts'
import { flowCommands } from './appctl/flow-commands.ts'
import { putCommands } from './appctl/flow-put.ts'
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
  ...datapathsCommands,
  ...dummyCommands,
  ...fdbCommands,
  ...featureCommands,
  ...flowActionCommands,
  ...flowCommands,
  ...putCommands,
  ...idleCommands,
  ...netdevCommands,
  ...ofprotoCommands,
  ...treeCommands,
  ...tunnelCommands,
  ...upcallCommands,
}

/** In the order in which dpctl(8) has them. */
const dpctlOrder = (
  'add-dp del-dp add-if del-if set-if dump-dps show dump-flows add-flow mod-flow get-flow del-flow add-flows mod-flows ' +
  'del-flows offload-stats-show dump-conntrack flush-conntrack cache-get-size cache-set-size ct-stats-show ct-bkts ' +
  'ct-set-maxconns ct-get-maxconns ct-get-nconns ct-enable-tcp-seq-chk ct-disable-tcp-seq-chk ct-get-tcp-seq-chk ' +
  'ct-set-limits ct-del-limits ct-get-limits ipf-set-enabled ipf-set-disabled ipf-set-min-frag ipf-set-max-nfrags ' +
  'ipf-get-status list-commands parse-actions normalize-actions'
).split(' ')

const dpctlListing = (): string => {
  const names = dpctlOrder.map(name => `dpctl/${name}`)
  const rows = names.map(name => `  ${name.padEnd(28)}  ${switchCommands[name]?.usage ?? ''}\n`)
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
