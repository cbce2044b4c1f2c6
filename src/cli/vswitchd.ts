import { switchHost } from '../node/switch-host.ts'
import { vswitchd as program } from '../tools/vswitchd/index.ts'
import { runTool } from './tool.ts'

/** `weft vswitchd …`: a switch on this machine that follows a database; ends with its status. */
export const vswitchd = (args: string[]): Promise<number> =>
  runTool((stdio, connect, _enter, pace) => program(['ovs-vswitchd', ...args], stdio, connect, switchHost(pace)))
