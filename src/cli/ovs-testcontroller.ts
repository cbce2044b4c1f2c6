import { controllerHost } from '../node/controller-host.ts'
import { testcontroller as program } from '../tools/index.ts'
import { runTool } from './tool.ts'

/** `weft ovs-testcontroller …`: a controller on this machine's sockets; ends with its status. */
export const ovsTestcontroller = (args: string[]): Promise<number> =>
  runTool((stdio, connect, enter) => program(['ovs-testcontroller', ...args], stdio, connect, controllerHost(enter)))
