import type { ClientCommands } from './command.ts'
import { convertCommands } from './convert.ts'
import { dumpCommands } from './dump.ts'
import { lockCommands } from './locks.ts'
import { monitorCommands } from './monitor.ts'
import { schemaCommands } from './schemas.ts'
import { snapshotCommands } from './snapshot.ts'
import { transactCommands } from './transact.ts'
import { waitCommands } from './wait.ts'

/** All commands, by name. */
export const clientCommands: ClientCommands = {
  ...schemaCommands,
  ...transactCommands,
  ...dumpCommands,
  ...snapshotCommands,
  ...convertCommands,
  ...monitorCommands,
  ...lockCommands,
  ...waitCommands,
}
