/** Cached flows as `dpctl/dump-flows` and `dpif/dump-flows` list them. */
import { formatActions, type VportName } from '../../datapath/actions-text.ts'
import type { CachedFlow } from '../../datapath/datapath.ts'
import { hashWords } from '../../flow/hash.ts'
import type { Match } from '../../flow/match.ts'
import { formatOdpKey } from '../../flow/odp-text.ts'
import { second } from '../../runtime/clock.ts'
import type { Vswitchd } from '../vswitchd.ts'

export type DumpOptions = {
  /** `-m`: with what is not looked at, and an identifier. */
  all?: boolean | undefined
  /** `--names`; `-m` has them too. */
  names?: boolean | undefined
}

/** The identifier of a flow, for `get-flow` and `del-flow`: it is the flow's own as long as that lives. */
export const ufidOf = ({ id }: CachedFlow): string => {
  const digits = [1, 2, 3, 4].map(basis => (hashWords([id], basis) >>> 0).toString(16).padStart(8, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const flagsOf = (flags: number): string => [...'FSRP.UEC'].filter((_, bit) => ((flags >> bit) & 1) === 1).join('')

/** `recirc_id(0),in_port(1),…`: key and mask. */
const formatKey = (found: CachedFlow, { all, names }: DumpOptions, portName: VportName): string => {
  const { key, mask } = found.flow
  return formatOdpKey({ key, mask }, { ...(all ? { all } : {}), ...(all || names ? { portName } : {}) })
}

/** `packets:3, bytes:222, used:0.040s, flags:S`. */
const formatStats = ({ stats }: CachedFlow, now: number): string => {
  const used = stats.used === undefined ? 'never' : `${((now - stats.used) / second).toFixed(3)}s`
  const flags = stats.tcpFlags === 0 ? '' : `, flags:${flagsOf(stats.tcpFlags)}`
  return `packets:${stats.packets}, bytes:${stats.bytes}, used:${used}${flags}`
}

/** A line for each flow. `behind` follows the identifier, `about` the counts, of those that are told in full. */
export const formatFlow = (
  daemon: Vswitchd,
  found: CachedFlow,
  options: DumpOptions,
  full: { behind: string; about: string } = { behind: ' ', about: '' },
): string => {
  const portName: VportName = port => daemon.switch.datapath.ports().get(port)?.name
  const { key, actions } = found.flow
  const named = options.all || options.names ? portName : undefined
  const ufid = options.all ? `ufid:${ufidOf(found)}${full.behind}` : ''
  const about = options.all ? full.about : ''
  const counts = formatStats(found, daemon.switch.clock.now())
  return `${ufid}${formatKey(found, options, portName)}, ${counts}${about}, actions:${formatActions(actions, key, named)}`
}

/** Whether a frame can be in the flow and in the filter. */
export const mayMeet = ({ flow }: CachedFlow, filter: Match): boolean =>
  flow.key.every((value, i) => ((value ^ filter.key[i]!) & flow.mask[i]! & filter.mask[i]!) === 0)
