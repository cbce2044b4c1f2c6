import type { Task } from '../../runtime/index.ts'
import type { Call } from './call.ts'
import type { Server } from './server.ts'

/**
 * A command, which ends with the exit status; one that cannot go on ends by `fatal`. `min` and `max` are of the arguments
 * behind those for server and database, where it needs them; a command that needs nothing looks for them itself.
 */
export type ClientCommand = { min: number; max: number; stays?: boolean } & (
  | { needs: 'nothing'; run(call: Call): Task<number> }
  | { needs: 'server'; run(call: Call, server: Server): Task<number> }
  | { needs: 'database'; run(call: Call, server: Server, database: string): Task<number> }
)
export type ClientCommands = Readonly<Record<string, ClientCommand>>
