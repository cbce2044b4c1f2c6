import { errnoText } from '../../host/index.ts'
import type { UnixSockets } from '../../runtime/index.ts'
import { type Connect, programs } from '../../tools/index.ts'
import { runDirectory, type Vswitchd } from '../../vswitchd/index.ts'
import type { Command, Commands, Process } from '../command.ts'
import { errnoTexts } from '../files/errno.ts'
import { tcpOpen } from '../tcp-network.ts'
import { ovsTestcontroller } from './ovs-testcontroller.ts'

/** The tools of Open vSwitch on a machine on which this daemon runs, and the controller that comes with it. */
export const openVSwitchCommands = (vswitchd: Vswitchd, sockets: UnixSockets): Commands => ({
  ...Object.fromEntries(
    Object.entries(programs).map(([name, program]): [string, Command] => [
      name,
      process => program(process.args, process, connect(vswitchd, sockets, process)),
    ]),
  ),
  'ovs-testcontroller': ovsTestcontroller(process => connect(vswitchd, sockets, process), sockets),
})

const connect = (vswitchd: Vswitchd, sockets: UnixSockets, process: Process): Connect => ({
  clock: process.clock,
  vswitchd: () => vswitchd,
  runDirectory,
  exists: path => sockets.has(path) || process.machine.files.read(process, path).ok,
  *open(remote) {
    const [, path] = /^unix:(.*)$/.exec(remote) ?? []
    if (path !== undefined) return sockets.connect(path) ?? errnoTexts.ENOENT
    const result = yield* tcpOpen(process.namespace, remote)
    return typeof result === 'string' ? errnoText[result] : result
  },
  readFile: path => {
    const bytes = process.machine.files.read(process, path)
    return bytes.ok ? bytes.value : errnoTexts[bytes.errno]
  },
  wallTime: () => process.machine.wallTime(),
})
