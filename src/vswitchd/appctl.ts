import { type Reply, refuse, reply, type UnixctlCommands } from './appctl/command.ts'
import { datapathCommands } from './appctl/datapath.ts'
import { fdbCommands } from './appctl/fdb.ts'
import { ofprotoCommands } from './appctl/ofproto.ts'
import type { Vswitchd } from './vswitchd.ts'

export type { Reply } from './appctl/command.ts'

const commands: UnixctlCommands = {
  ...fdbCommands,
  ...datapathCommands,
  ...ofprotoCommands,
  version: { usage: '', min: 0, max: 0, run: () => reply('ovs-vswitchd (Open vSwitch) 3.1.0\n') },
  'list-commands': {
    usage: '',
    min: 0,
    max: 0,
    run: () => {
      const names = Object.keys(commands).sort()
      const texts = names.map(name => `  ${name.padEnd(23)} ${commands[name]?.usage ?? ''}\n`)
      return reply(`The available commands are:\n${texts.join('')}`)
    },
  },
}

/** What the daemon's control socket answers to a command. */
export const unixctl = (daemon: Vswitchd, name: string, args: readonly string[]): Reply => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    return refuse(`"${name}" is not a valid command (use "list-commands" to see a list of valid commands)`)
  }
  if (args.length < command.min) return refuse(`"${name}" command requires at least ${command.min} arguments`)
  if (args.length > command.max) return refuse(`"${name}" command takes at most ${command.max} arguments`)
  return command.run(daemon, args)
}
