import type { Bridge } from '../../switch/bridge.ts'
import type { Vswitchd } from '../vswitchd.ts'

/** What a command answers: text for stdout, or an error's text. */
export type Reply = { ok: true; text: string } | { ok: false; error: string }

/** A command of the control socket; `usage` is what `list-commands` prints after its name. */
export type UnixctlCommand = {
  usage: string
  min: number
  max: number
  run(daemon: Vswitchd, args: readonly string[]): Reply
}
export type UnixctlCommands = Readonly<Record<string, UnixctlCommand>>

export const reply = (text: string): Reply => ({ ok: true, text })
export const refuse = (error: string): Reply => ({ ok: false, error })

/** Runs with the bridge that the first argument names. */
export const withBridge =
  (run: (daemon: Vswitchd, bridge: Bridge, rest: readonly string[]) => Reply, unknown = 'no such bridge') =>
  (daemon: Vswitchd, [name = '', ...rest]: readonly string[]): Reply => {
    const bridge = daemon.switch.bridges.get(name)
    return bridge === undefined ? refuse(unknown) : run(daemon, bridge, rest)
  }

export const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('')
