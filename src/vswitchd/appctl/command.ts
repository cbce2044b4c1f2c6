import type { Bridge } from '../../switch/bridge.ts'
import { type Callable, type Reply, refuse } from '../unixctl/dispatch.ts'
import type { Vswitchd } from '../vswitchd.ts'

export { type Reply, refuse, reply } from '../unixctl/dispatch.ts'

/** A command of the switch daemon's control socket. */
export type UnixctlCommand = Callable & { run(daemon: Vswitchd, args: readonly string[]): Reply }
export type UnixctlCommands = Readonly<Record<string, UnixctlCommand>>

/** Runs with the bridge that the first argument names. */
export const withBridge =
  (run: (daemon: Vswitchd, bridge: Bridge, rest: readonly string[]) => Reply, unknown = 'no such bridge') =>
  (daemon: Vswitchd, [name = '', ...rest]: readonly string[]): Reply => {
    const bridge = daemon.switch.bridges.get(name)
    return bridge === undefined ? refuse(unknown) : run(daemon, bridge, rest)
  }

export const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('')
