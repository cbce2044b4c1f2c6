/**
 * `dpctl/…` of connection tracking and of reassembly. A switch without a tracker has no connections and no fragments: they
 * tell of none. Settings are kept and told.
 */
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommand, type UnixctlCommands } from './command.ts'
import { scanned, tupleError, zoneLimitOf, zonesOf } from './conntrack-tuple.ts'
import { type DpctlRun, dpctlError, readDpctl, withFoundDatapath } from './datapath-name.ts'
import { settingsOf, type TrackingSettings } from './settings.ts'

const any = Number.POSITIVE_INFINITY
const invalid = (text: string): Reply => dpctlError(`${text} (Invalid argument)`)

type Run = UnixctlCommand['run']
const command = (usage: string, min: number, max: number, run: Run): UnixctlCommand => ({ usage, min, max, run })
const tracking = (daemon: Vswitchd): TrackingSettings => settingsOf(daemon).tracking

/** Tells of what there is none of; words at the end that say more closely of what are no datapath's name. */
const none = (text: string, isLast: (word: string) => boolean): Run => {
  const tell = withFoundDatapath(1, () => reply(text))
  return (daemon, args) => {
    let count = args.length
    while (count > 0 && isLast(args[count - 1] as string)) count--
    return tell(daemon, args.slice(0, count))
  }
}
const isZone = (word: string): boolean => word.startsWith('zone=') && scanned(word.slice(5), 16) !== undefined
const isMinimum = (word: string): boolean => word.startsWith('gt=') && scanned(word.slice(3), 16) !== undefined

/** A zone and up to two tuples; Open vSwitch 3.1 takes a datapath's name for a tuple, too. */
const flush: Run = (daemon, args) => {
  const read = readDpctl(args)
  if (typeof read === 'string') return refuse(read)
  const { words } = read
  const hasZone = words[0]?.startsWith('zone=') === true
  if (hasZone && !isZone(words[0] as string)) return invalid('failed to parse zone')
  const from = hasZone ? 1 : 0
  const wrong = words.slice(from, from + 2).map(tupleError)
  const error = wrong.find(each => each !== undefined)
  if (error !== undefined) return invalid(error)
  const opened = withFoundDatapath(4, () => reply(''))(daemon, words)
  return opened.ok ? opened : refuse(`${opened.error}\novs-vswitchd: Cannot open dpif (Invalid argument)`)
}

const setLimits: DpctlRun = (daemon, words) => {
  const { zoneLimits } = tracking(daemon)
  const isUsual = words[0]?.startsWith('default=') === true
  if (isUsual) {
    const usual = scanned((words[0] as string).slice('default='.length), 32)
    if (usual === undefined) return invalid('invalid default limit')
    tracking(daemon).defaultLimit = usual
  }
  const limits = words.slice(isUsual ? 1 : 0).map(zoneLimitOf)
  const wrong = limits.find(limit => typeof limit === 'string')
  if (wrong !== undefined) return invalid(wrong)
  for (const limit of limits) if (typeof limit !== 'string') zoneLimits.set(limit.zone, limit.limit)
  return reply('')
}

const getLimits: DpctlRun = (daemon, [text]) => {
  const { zoneLimits, defaultLimit } = tracking(daemon)
  const asked = text === undefined ? [...zoneLimits.keys()] : zonesOf(text)
  if (typeof asked === 'string') return invalid(asked)
  const rows = asked.map(zone => `zone=${zone},limit=${zoneLimits.get(zone) ?? defaultLimit},count=0`)
  return reply(lines([`default limit=${defaultLimit}`, ...rows]))
}

const deleteLimits: DpctlRun = (daemon, [text = '']) => {
  const zones = zonesOf(text)
  if (typeof zones === 'string') return invalid(zones)
  for (const zone of zones) tracking(daemon).zoneLimits.delete(zone)
  return reply('')
}

const sequenceCheck = (enabled: boolean): UnixctlCommand =>
  command(
    '[dp]',
    0,
    1,
    withFoundDatapath(2, daemon => {
      tracking(daemon).checksSequence = enabled
      return reply(`${enabled ? 'enabling' : 'disabling'} TCP sequence checking successful`)
    }),
  )

const reassembly = (enabled: boolean): UnixctlCommand =>
  command(
    '[dp] v4|v6',
    1,
    2,
    withFoundDatapath(3, (daemon, words) => {
      const family = words.at(-1)
      if (family !== 'v4' && family !== 'v6') return invalid("parameter missing: 'v4' for IPv4 or 'v6' for IPv6")
      tracking(daemon).reassembles[family] = enabled
      return reply(`${enabled ? 'enabling' : 'disabling'} fragmentation reassembly successful`)
    }),
  )

const refused = (text: string): Reply => dpctlError(`${text} (Operation not permitted)`)
/** The least sizes of fragments that may be asked for, bytes. */
const leastFragment = { v4: 400, v6: 400 }
const mostFragments = 5000

const setLeastFragment: DpctlRun = (daemon, words) => {
  const [family = '', text = ''] = words.slice(-2)
  if (family !== 'v4' && family !== 'v6') return invalid('parameter missing: v4 for IPv4 or v6 for IPv6')
  const size = scanned(text, 32)
  if (size === undefined) return invalid('parameter missing for minimum fragment size')
  if (size < leastFragment[family]) return refused('requested minimum fragment size too small; see documentation')
  tracking(daemon).leastFragment[family] = size
  return reply('setting minimum fragment size successful')
}

const setMostFragments: DpctlRun = (daemon, words) => {
  const count = scanned(words.at(-1) ?? '', 32)
  if (count === undefined) return invalid('parameter missing for maximum fragments')
  if (count > mostFragments) return refused('setting maximum fragments failed')
  tracking(daemon).mostFragments = count
  return reply('setting maximum fragments successful')
}

const reassemblyStatus: DpctlRun = (daemon, _words, { options: { more } }) => {
  const { reassembles, mostFragments: most, leastFragment: least } = tracking(daemon)
  const counts = ['accepted', 'completed', 'expired', 'too small', 'overlapped', 'purged']
  const family = (name: 'v4' | 'v6'): string[] => [
    `        min ${name} frag size: ${least[name]}`,
    ...counts.map(count => `        ${name} frags ${count}: 0`),
  ]
  return reply(
    lines([
      '        Fragmentation Module Status',
      '        ---------------------------',
      `        v4 enabled: ${Number(reassembles.v4)}`,
      `        v6 enabled: ${Number(reassembles.v6)}`,
      `        max num frags (v4/v6): ${most}`,
      '        num frag: 0',
      ...family('v4'),
      ...family('v6'),
      ...(more ? ['', '        Fragment Lists:', ''] : []),
    ]),
  )
}

const setMostConnections: DpctlRun = (daemon, words) => {
  const count = scanned(words.at(-1) ?? '', 32)
  if (count === undefined) return invalid('maxconns missing or malformed')
  tracking(daemon).mostConnections = count
  return reply('setting maxconns successful')
}

export const conntrackCommands: UnixctlCommands = {
  'dpctl/dump-conntrack': command('[-m] [-s] [dp] [zone=N]', 0, 4, none('', isZone)),
  'dpctl/flush-conntrack': command('[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]', 0, 4, flush),
  'dpctl/ct-stats-show': command(
    '[dp] [zone=N]',
    0,
    3,
    none('Connections Stats:\n    Total: 0\n', word => word.startsWith('verbose') || isZone(word)),
  ),
  'dpctl/ct-bkts': command('[dp] [gt=N]', 0, 2, none('Total Buckets: 1\nCurrent Connections: 0\n\n', isMinimum)),
  'dpctl/ct-set-maxconns': command('[dp] maxconns', 1, 2, withFoundDatapath(2, setMostConnections)),
  'dpctl/ct-get-maxconns': command(
    '[dp]',
    0,
    1,
    withFoundDatapath(1, daemon => reply(`${tracking(daemon).mostConnections}`)),
  ),
  'dpctl/ct-get-nconns': command(
    '[dp]',
    0,
    1,
    withFoundDatapath(1, () => reply('0')),
  ),
  'dpctl/ct-enable-tcp-seq-chk': sequenceCheck(true),
  'dpctl/ct-disable-tcp-seq-chk': sequenceCheck(false),
  'dpctl/ct-get-tcp-seq-chk': command(
    '[dp]',
    0,
    1,
    withFoundDatapath(1, daemon =>
      reply(`TCP sequence checking: ${tracking(daemon).checksSequence ? 'enabled' : 'disabled'}`),
    ),
  ),
  'dpctl/ct-set-limits': command('[dp] [default=L] [zone=N,limit=L]...', 1, any, withFoundDatapath(any, setLimits)),
  'dpctl/ct-get-limits': command('[dp] [zone=N1[,N2]...]', 0, 2, withFoundDatapath(2, getLimits)),
  'dpctl/ct-del-limits': command('[dp] zone=N1[,N2]...', 1, 2, withFoundDatapath(2, deleteLimits)),
  'dpctl/ipf-set-enabled': reassembly(true),
  'dpctl/ipf-set-disabled': reassembly(false),
  'dpctl/ipf-set-min-frag': command('[dp] v4|v6 minfragment', 2, 3, withFoundDatapath(3, setLeastFragment)),
  'dpctl/ipf-set-max-nfrags': command('[dp] maxfrags', 1, 2, withFoundDatapath(2, setMostFragments)),
  'dpctl/ipf-get-status': command('[dp]', 0, 1, withFoundDatapath(1, reassemblyStatus)),
}
