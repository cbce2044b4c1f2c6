/**
 * `dpctl/…` of connection tracking and of reassembly. A switch without a tracker has no connections and no fragments: they
 * tell of none. Settings are kept and told.
 */
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, reply, type UnixctlCommand, type UnixctlCommands } from './command.ts'
import { chosenDatapath, datapathNamed, dpctlError, noSuchDatapath, withDatapath } from './datapath-name.ts'
import { settingsOf, type TrackingSettings } from './settings.ts'

const any = Number.POSITIVE_INFINITY
const invalid = (text: string): Reply => dpctlError(`${text} (Invalid argument)`)
const whole = (text = ''): number | undefined => (/^\+?[0-9]+$/.test(text) ? Number(text) : undefined)

type Run = UnixctlCommand['run']
const command = (usage: string, min: number, max: number, run: Run): UnixctlCommand => ({ usage, min, max, run })
const tracking = (daemon: Vswitchd): TrackingSettings => settingsOf(daemon).tracking

const zoneWord = /^zone=([0-9]+|0x[0-9a-f]+)$/i
const isZone = (word: string): boolean => /^(zone|gt)=/.test(word) || word === 'verbose'

/** Tells of what there is none of, in all zones or one, of the datapath of a name. */
const none =
  (text: string): Run =>
  (daemon, args) => {
    const words = args.filter(word => !word.startsWith('-') && !isZone(word))
    const datapath = chosenDatapath(daemon, words[0])
    if ('ok' in datapath) return datapath
    return args.some(word => word.startsWith('zone=') && !zoneWord.test(word)) ? noSuchDatapath : reply(text)
  }

const flush: Run = (daemon, args) => {
  for (const word of args) {
    if (datapathNamed(daemon, word) !== undefined) continue
    if (word.startsWith('zone=')) {
      if (!zoneWord.test(word)) return invalid('failed to parse zone')
      continue
    }
    const bare = word.split(/[,\s]+/).find(item => !item.includes('='))
    if (bare !== undefined) return invalid(`field ${bare} missing value`)
  }
  return reply('')
}

const setLimits: Run = (daemon, args) => {
  const { zoneLimits } = tracking(daemon)
  for (const word of args) {
    const [, limit] = /^default=([0-9]+)$/.exec(word) ?? []
    const [, zone, own] = /^zone=([0-9]+),limit=([0-9]+)$/.exec(word) ?? []
    if (limit !== undefined) tracking(daemon).defaultLimit = Number(limit)
    else if (zone !== undefined && Number(zone) <= 0xffff) zoneLimits.set(Number(zone), Number(own))
    else return invalid(word.startsWith('default') ? 'invalid default limit' : 'failed to parse zone limit')
  }
  return reply('')
}

const zonesOf = (text: string | undefined): number[] | undefined => {
  const [, list] = /^zone=([0-9]+(?:,[0-9]+)*)$/.exec(text ?? '') ?? []
  return list?.split(',').map(Number)
}

const getLimits: Run = (daemon, [text]) => {
  const { zoneLimits, defaultLimit } = tracking(daemon)
  const asked = text === undefined ? [...zoneLimits.keys()] : zonesOf(text)
  if (asked === undefined) return invalid('failed to parse zone')
  const rows = asked.map(zone => `zone=${zone},limit=${zoneLimits.get(zone) ?? defaultLimit},count=0`)
  return reply(lines([`default limit=${defaultLimit}`, ...rows]))
}

const deleteLimits: Run = (daemon, [text]) => {
  const zones = zonesOf(text)
  if (zones === undefined) return invalid('failed to parse zone')
  for (const zone of zones) tracking(daemon).zoneLimits.delete(zone)
  return reply('')
}

const sequenceCheck = (enabled: boolean): UnixctlCommand =>
  command(
    '[dp]',
    0,
    1,
    withDatapath(0, daemon => {
      tracking(daemon).checksSequence = enabled
      return reply(`${enabled ? 'enabling' : 'disabling'} TCP sequence checking successful`)
    }),
  )

const reassembly = (enabled: boolean): UnixctlCommand =>
  command(
    '[dp] v4|v6',
    1,
    2,
    withDatapath(1, (daemon, [family = '']) => {
      if (family !== 'v4' && family !== 'v6') return invalid("parameter missing: 'v4' for IPv4 or 'v6' for IPv6")
      tracking(daemon).reassembles[family] = enabled
      return reply(`${enabled ? 'enabling' : 'disabling'} fragmentation reassembly successful`)
    }),
  )

const refused = (text: string): Reply => dpctlError(`${text} (Operation not permitted)`)
/** The least sizes of fragments that may be asked for, bytes. */
const leastFragment = { v4: 400, v6: 400 }
const mostFragments = 5000

const setLeastFragment: Run = (daemon, [family = '', text]) => {
  if (family !== 'v4' && family !== 'v6') return invalid("parameter missing: 'v4' for IPv4 or 'v6' for IPv6")
  const size = whole(text)
  if (size === undefined) return invalid('parameter missing for minimum fragment size')
  if (size < leastFragment[family]) return refused('requested minimum fragment size too small; see documentation')
  tracking(daemon).leastFragment[family] = size
  return reply('setting minimum fragment size successful')
}

const setMostFragments: Run = (daemon, [text]) => {
  const count = whole(text)
  if (count === undefined) return invalid('parameter missing for maximum fragments')
  if (count > mostFragments) return refused('setting maximum fragments failed')
  tracking(daemon).mostFragments = count
  return reply('setting maximum fragments successful')
}

const reassemblyStatus: Run = (daemon, args) => {
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
      ...(args.includes('-m') || args.includes('--more') ? ['', '        Fragment Lists:', ''] : []),
    ]),
  )
}

const setMostConnections: Run = (daemon, [text]) => {
  const count = whole(text)
  if (count === undefined) return invalid('maxconns missing or malformed')
  tracking(daemon).mostConnections = count
  return reply('setting maxconns successful')
}

export const conntrackCommands: UnixctlCommands = {
  'dpctl/dump-conntrack': command('[-m] [-s] [dp] [zone=N]', 0, 4, none('')),
  'dpctl/flush-conntrack': command('[dp] [zone=N] [ct-orig-tuple] [ct-reply-tuple]', 0, 4, flush),
  'dpctl/ct-stats-show': command('[dp] [zone=N]', 0, 3, none('Connections Stats:\n    Total: 0\n')),
  'dpctl/ct-bkts': command('[dp] [gt=N]', 0, 2, none('Total Buckets: 1\nCurrent Connections: 0\n\n')),
  'dpctl/ct-set-maxconns': command('[dp] maxconns', 1, 2, withDatapath(1, setMostConnections)),
  'dpctl/ct-get-maxconns': command(
    '[dp]',
    0,
    1,
    withDatapath(0, daemon => reply(`${tracking(daemon).mostConnections}`)),
  ),
  'dpctl/ct-get-nconns': command(
    '[dp]',
    0,
    1,
    withDatapath(0, () => reply('0')),
  ),
  'dpctl/ct-enable-tcp-seq-chk': sequenceCheck(true),
  'dpctl/ct-disable-tcp-seq-chk': sequenceCheck(false),
  'dpctl/ct-get-tcp-seq-chk': command(
    '[dp]',
    0,
    1,
    withDatapath(0, daemon =>
      reply(`TCP sequence checking: ${tracking(daemon).checksSequence ? 'enabled' : 'disabled'}`),
    ),
  ),
  'dpctl/ct-set-limits': command(
    '[dp] [default=L] [zone=N,limit=L]...',
    1,
    any,
    withDatapath(0, setLimits, word => word.includes('=')),
  ),
  'dpctl/ct-get-limits': command(
    '[dp] [zone=N1[,N2]...]',
    0,
    any,
    withDatapath(0, getLimits, word => word.includes('=')),
  ),
  'dpctl/ct-del-limits': command('[dp] zone=N1[,N2]...', 1, 2, withDatapath(1, deleteLimits)),
  'dpctl/ipf-set-enabled': reassembly(true),
  'dpctl/ipf-set-disabled': reassembly(false),
  'dpctl/ipf-set-min-frag': command('[dp] v4|v6 minfragment', 2, 3, withDatapath(2, setLeastFragment)),
  'dpctl/ipf-set-max-nfrags': command('[dp] maxfrags', 1, 2, withDatapath(1, setMostFragments)),
  'dpctl/ipf-get-status': command('[dp]', 0, 1, reassemblyStatus),
}
