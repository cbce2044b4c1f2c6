import { type Connect, programs } from '../../tools/index.ts'
import type { Vswitchd } from '../../vswitchd/index.ts'
import type { Command, Commands, Process } from '../command.ts'
import { errnoTexts } from '../files/errno.ts'

/** `ovs-vsctl`, `ovs-ofctl` and `ovs-appctl` of a machine on which this daemon runs. */
export const openVSwitchCommands = (vswitchd: Vswitchd): Commands =>
  Object.fromEntries(
    Object.entries(programs).map(([name, program]): [string, Command] => [
      name,
      process => program(process.args, process, connect(vswitchd, process)),
    ]),
  )

const connect = (vswitchd: Vswitchd, process: Process): Connect => ({
  vswitchd: () => vswitchd,
  readFile: path => {
    const bytes = process.machine.files.read(process, path)
    return bytes.ok ? bytes.value : errnoTexts[bytes.errno]
  },
  wallTime: () => process.machine.wallTime(),
})
