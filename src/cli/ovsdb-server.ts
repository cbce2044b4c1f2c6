import { databaseHost } from '../node/ovsdb-host.ts'
import { ovsdbServer as program } from '../tools/ovsdb-server/index.ts'
import { ovsdbTool as toolProgram } from '../tools/ovsdb-tool/index.ts'
import { runTool } from './tool.ts'

/** `weft ovsdb-server …`: a database server on this machine's files and sockets; ends with its status. */
export const ovsdbServer = (args: string[]): Promise<number> =>
  runTool((stdio, connect, enter) => program(['ovsdb-server', ...args], stdio, connect, databaseHost(enter)))

/** `weft ovsdb-tool …`: makes and changes files of databases on this machine; ends with its status. */
export const ovsdbTool = (args: string[]): Promise<number> =>
  runTool((stdio, connect, enter) => toolProgram(['ovsdb-tool', ...args], stdio, connect, databaseHost(enter)))
