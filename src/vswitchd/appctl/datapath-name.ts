/** The one datapath there is, by the names that commands call it by. */
import type { Vswitchd } from '../vswitchd.ts'
import { type Reply, refuse } from './command.ts'

/** `dummy@ovs-dummy`, or `ovs-dummy` alone. */
export const isDatapath = (daemon: Vswitchd, name: string): boolean => {
  const own = daemon.switch.datapath.name
  return name === own || name === own.split('@')[1]
}

/** What `ovs-appctl dpctl/…` puts before its errors. */
export const dpctlError = (text: string): Reply => refuse(`ovs-vswitchd: ${text}`)

export const noSuchDatapath = dpctlError('datapath not found (Invalid argument)')

export type DpctlRun = (daemon: Vswitchd, args: readonly string[]) => Reply

/**
 * For commands whose first word may name the datapath, and is one of `usual` words if it does not: it is left out. A word
 * that says something by `isOther` is no name.
 */
export const withDatapath =
  (usual: number, run: DpctlRun, isOther: (word: string) => boolean = () => false): DpctlRun =>
  (daemon, args) => {
    const words = args.filter(word => !isFlag(word))
    const unknown = args.find(word => isFlag(word) && !flags.has(word))
    if (unknown !== undefined) return refuse(`Unrecognized option ${unknown}`)
    const [first] = words
    if (first === undefined || isOther(first) || words.length <= usual) return run(daemon, words)
    return isDatapath(daemon, first) ? run(daemon, words.slice(1)) : noSuchDatapath
  }

const isFlag = (word: string): boolean => /^-[-a-zA-Z]/.test(word)
/** Options that all commands of dpctl understand. */
const flags = new Set([
  ...['-s', '--statistics', '-m', '--more', '--names', '--no-names', '--clear', '--may-create', '--read-only'],
])

/** Whether the datapath is of the kind that Open vSwitch calls a dummy. */
export const isOfDummies = (daemon: Vswitchd): boolean =>
  [...daemon.switch.datapath.ports().values()].some(({ type }) => type === 'dummy-internal')
