import { bundleCommands } from './bundle-file.ts'
import { checkVlanCommands } from './check-vlan.ts'
import type { OfctlCommands } from './command.ts'
import { compareCommands } from './compare-flows.ts'
import { dumpFlowCommands } from './dump-flows.ts'
import { echoCommands } from './echo.ts'
import { extensionCommands } from './extensions.ts'
import { flowCommands } from './flows.ts'
import { groupCommands } from './groups.ts'
import { matchLineCommands } from './match-lines.ts'
import { messageToolCommands } from './message-tools.ts'
import { meterCommands } from './meters.ts'
import { modTableCommands } from './mod-table.ts'
import { monitorCommands } from './monitor.ts'
import { packetOutCommands } from './packet-out.ts'
import { packetToolCommands } from './packet-tools.ts'
import { portCommands } from './ports.ts'
import { switchCommands } from './switch.ts'

/** All commands of ovs-ofctl but those that only show what there is. */
export const commands: OfctlCommands = {
  ...switchCommands,
  ...portCommands,
  ...modTableCommands,
  ...dumpFlowCommands,
  ...flowCommands,
  ...compareCommands,
  ...packetOutCommands,
  ...groupCommands,
  ...meterCommands,
  ...bundleCommands,
  ...extensionCommands,
  ...echoCommands,
  ...monitorCommands,
  ...matchLineCommands,
  ...checkVlanCommands,
  ...messageToolCommands,
  ...packetToolCommands,
}
