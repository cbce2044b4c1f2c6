import type { OfctlCommands } from './command.ts'
import { echoCommands } from './echo.ts'

/** All commands of ovs-ofctl but those that only show what there is. */
export const commands: OfctlCommands = { ...echoCommands }
