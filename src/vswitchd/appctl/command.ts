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

/** A whole number as strtol(3) reads it with base 10, of the whole text; undefined for any other. */
export const cInteger = (text: string): number | undefined => (/^\s*[+-]?[0-9]+$/.test(text) ? Number(text) : undefined)

/** What stands at the beginning of a text as a number, as atoi(3) reads it: 0 without one. */
export const leadingInteger = (text: string): number => Number(/^\s*([+-]?[0-9]+)/.exec(text)?.[1] ?? 0)
