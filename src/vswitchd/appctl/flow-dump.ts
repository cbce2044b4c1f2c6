/** Cached flows as `dpctl/dump-flows` and `dpif/dump-flows` list them. */
import { formatActions, type VportName } from '../../datapath/actions-text.ts'
import type { CachedFlow, Datapath } from '../../datapath/datapath.ts'
import { hashWords } from '../../flow/hash.ts'
import type { Match } from '../../flow/match.ts'
import { formatOdpKey } from '../../flow/odp-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Vswitchd } from '../vswitchd.ts'
import { settingsOf } from './settings.ts'

export type DumpOptions = {
  /** `-m`: with what is not looked at, and an identifier. */
  all?: boolean | undefined
  /** `--names`; `-m` has them too. */
  names?: boolean | undefined
}

/** An identifier made of some numbers. */
export const ufidOfWords = (words: readonly number[]): string => {
  const digits = [1, 2, 3, 4].map(basis => (hashWords(words, basis) >>> 0).toString(16).padStart(8, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The identifier of a flow, for `get-flow` and `del-flow`: it is the flow's own as long as that lives. */
export const ufidOf = (daemon: Vswitchd, datapath: Datapath, { id }: CachedFlow): string =>
  settingsOf(daemon).added.get(datapath)?.get(id) ?? ufidOfWords([id])

const flagsOf = (flags: number): string => [...'FSRP.UEC'].filter((_, bit) => ((flags >> bit) & 1) === 1).join('')

/** `recirc_id(0),in_port(1),…`: key and mask; also what the mask does not look at, as the frame had it that made the flow. */
const formatKey = (
  daemon: Vswitchd,
  datapath: Datapath,
  found: CachedFlow,
  { all, names }: DumpOptions,
  portName: VportName,
): string => {
  const { key, mask } = found.flow
  const maskedType = settingsOf(daemon).added.get(datapath)?.has(found.id) ?? false
  return formatOdpKey(
    { key: datapath.seenBy(found.id) ?? key, mask },
    { maskedType, ...(all ? { all } : {}), ...(all || names ? { portName } : {}) },
  )
}

/** `packets:3, bytes:222, used:0.040s, flags:S`. */
export const formatStats = ({ stats }: Pick<CachedFlow, 'stats'>, now: number): string => {
  const used = stats.used === undefined ? 'never' : `${((now - stats.used) / second).toFixed(3)}s`
  const flags = stats.tcpFlags === 0 ? '' : `, flags:${flagsOf(stats.tcpFlags)}`
  return `packets:${stats.packets}, bytes:${stats.bytes}, used:${used}${flags}`
}

/** A line for each flow. `behind` follows the identifier, `about` the counts, of those that are told in full. */
export const formatFlow = (
  daemon: Vswitchd,
  datapath: Datapath,
  found: CachedFlow,
  options: DumpOptions,
  full: { behind: string; about: string } = { behind: ' ', about: '' },
): string => {
  const portName: VportName = port => datapath.ports().get(port)?.name
  const { key, actions } = found.flow
  const named = options.all || options.names ? portName : undefined
  const ufid = options.all ? `ufid:${ufidOf(daemon, datapath, found)}${full.behind}` : ''
  const about = options.all ? full.about : ''
  const counts = formatStats(found, daemon.switch.clock.now())
  return `${ufid}${formatKey(daemon, datapath, found, options, portName)}, ${counts}${about}, actions:${formatActions(actions, key, named)}`
}

/** Whether a frame can be in the flow and in the filter. */
export const mayMeet = ({ flow }: CachedFlow, filter: Match): boolean =>
  flow.key.every((value, i) => ((value ^ filter.key[i]!) & flow.mask[i]! & filter.mask[i]!) === 0)
