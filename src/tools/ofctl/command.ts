import type { PortNames, Version, Warn } from '../../openflow/index.ts'
import type { Task } from '../../runtime/index.ts'
import type { Bridge } from '../../switch/bridge.ts'
import type { Switch } from '../../switch/switch.ts'
import { type Connect, logLine, type Stdio } from '../program.ts'
import type { Options } from './options.ts'

/** What a command of ovs-ofctl has to do its work. Commands talk to the bridge itself; a session of bytes comes later. */
export interface Call {
  /** Without the command's name. */
  readonly args: readonly string[]
  readonly options: Options
  readonly stdio: Stdio
  readonly connect: Connect
  readonly warn: Warn
  /** Warnings that wait to be printed, oldest first. */
  readonly log: string[]
}

/** Ends with the exit status; a string is an error, printed after the program's name, with status 1. */
export type OfctlCommand = { min: number; max: number; run(call: Call): Task<number | string> }
export type OfctlCommands = Readonly<Record<string, OfctlCommand>>

export type Target = { bridge: Bridge; sw: Switch; version: Version; names: PortNames }

/** The bridge that a word names, and the version that both sides speak; a string is what is wrong. */
export const connectTo = (call: Call, name: string): Target | string => {
  const daemon = call.connect.vswitchd()
  const bridge = daemon?.switch.bridges.get(name)
  if (daemon === undefined || bridge === undefined) return `${name} is not a bridge or a socket`
  const version = Math.max(...call.options.versions) as Version
  return { bridge, sw: daemon.switch, version, names: namesOf(bridge) }
}

export const namesOf = (bridge: Bridge): PortNames => ({
  number: name => bridge.portByName(name)?.ofport,
  name: number => bridge.ports.get(number)?.name,
})

/** Where warnings go: to stderr, counted. */
export const warner = (connect: Connect): { warn: Warn; log: string[] } => {
  const log: string[] = []
  let count = 0
  return {
    log,
    warn(module, text, level = 'WARN') {
      log.push(logLine(connect.wallTime(), ++count, module, level, text))
    },
  }
}

/** Prints the warnings so far. */
export function* flushLog({ log, stdio }: Call): Task<void> {
  for (const line of log.splice(0)) yield* stdio.error(line)
}

/** `OFPST_DESC reply (OF1.3) (xid=0x2)`: version 1.0 goes without saying. */
export const header = (message: string, version: Version, xid: number): string =>
  `${message}${version === 1 ? '' : ` (OF1.${version - 1})`} (xid=0x${xid.toString(16)})`
