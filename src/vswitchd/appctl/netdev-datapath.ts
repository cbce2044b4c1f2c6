/**
 * `dpif-netdev/…` and `odp-execute/…`: what Open vSwitch's user-space datapath tells of its threads and of the ways in which
 * it can do its work. Here there is one of each: the main thread, and plain code.
 */
import type { Vswitchd } from '../vswitchd.ts'
import { lines, type Reply, refuse, reply, type UnixctlCommand, type UnixctlCommands } from './command.ts'
import { datapathsOf, ownName } from './datapath-name.ts'
import { settingsOf } from './settings.ts'

const command = (usage: string, min: number, max: number, run: UnixctlCommand['run']): UnixctlCommand => ({
  usage,
  min,
  max,
  run,
})

/** Counts since the last `pmd-stats-clear`. */
const stats = (daemon: Vswitchd): Reply => {
  const { hit, missed, lost, cacheHits, maskHits } = daemon.switch.datapath.stats()
  const { clearedCounts: from } = settingsOf(daemon)
  const since = {
    hit: hit - from.hit,
    missed: missed - from.missed,
    lost: lost - from.lost,
    cacheHits: cacheHits - from.cacheHits,
    maskHits: maskHits - from.maskHits,
  }
  const received = since.hit + since.missed
  const megaflowHits = since.hit - since.cacheHits
  const mean = (sum: number, count: number): string => (count === 0 ? 0 : sum / count).toFixed(2)
  return reply(
    lines([
      'main thread:',
      `  packets received: ${received}`,
      '  packet recirculations: 0',
      `  avg. datapath passes per packet: ${mean(received, received)}`,
      '  phwol hits: 0',
      '  mfex opt hits: 0',
      '  simple match hits: 0',
      `  emc hits: ${since.cacheHits}`,
      '  smc hits: 0',
      `  megaflow hits: ${megaflowHits}`,
      `  avg. subtable lookups per megaflow hit: ${mean(since.maskHits, megaflowHits)}`,
      `  miss with success upcall: ${since.missed - since.lost}`,
      `  miss with failed upcall: ${since.lost}`,
      `  avg. packets per output batch: ${mean(received, received)}`,
    ]),
  )
}

const clearStats = (daemon: Vswitchd): Reply => {
  settingsOf(daemon).clearedCounts = daemon.switch.datapath.stats()
  return reply('')
}

/** A choice between ways to do the same, of which there is one: `plain`. */
const choice =
  (plain: string, done: string, unknown: (name: string) => string): UnixctlCommand['run'] =>
  (_daemon, args) => {
    const name = args.filter(arg => !arg.startsWith('-'))[0] ?? ''
    return name === plain ? reply(done) : refuse(unknown(name))
  }

const wrongLogSetting = refuse(
  'Usage: ovs-appctl dpif-netdev/pmd-perf-log-set [on|off] [-b before] [-a after] [-e|-ne] [-us usec] [-q qlen]',
)

const logSetting: UnixctlCommand['run'] = (_daemon, args) => {
  const words = [...args]
  while (words.length > 0) {
    const word = words.shift() as string
    if (/^(on|off|-e|-ne)$/.test(word)) continue
    if (!/^-(b|a|us|q)$/.test(word) || !/^[0-9]+$/.test(words.shift() ?? '')) return wrongLogSetting
  }
  return reply('')
}

/** Of the threads that have cores of their own there are none; `-pmd` asks of one. */
const ofThreads =
  (run: UnixctlCommand['run']): UnixctlCommand['run'] =>
  (daemon, args) =>
    args[0] === '-pmd' && /^[0-9]+$/.test(args[1] ?? '') ? reply('') : run(daemon, args)

/** Seconds that are told of. */
const usage: UnixctlCommand['run'] = (_daemon, args) => {
  const asked = args[0] === '-secs' ? Number(args[1]) : usualSpan
  return reply(`Displaying last ${asked > 0 && asked <= usualSpan ? asked : usualSpan} seconds pmd usage %\n`)
}
const usualSpan = 60

const priority: UnixctlCommand['run'] = (_daemon, [name = '', text = '']) => {
  if (!/^[0-9]+$/.test(text) || Number(text) > 255)
    return refuse('error converting priority, use integer in range 0-255')
  if (name !== 'generic') return refuse('error, subtable lookup function not found')
  return reply('Lookup priority change affected 0 dpcls ports and 0 subtables.\n')
}

const noDatapath = refuse('please specify an existing datapath')

/** Does something with the datapath that the last word names, without its kind; without a word, with the only one. */
const ofOne =
  (run: () => Reply): UnixctlCommand['run'] =>
  (daemon, [name]) => {
    const names = [...datapathsOf(daemon).keys()].map(ownName)
    return (name === undefined ? names.length === 1 : names.includes(name)) ? run() : noDatapath
  }

export const netdevCommands: UnixctlCommands = {
  'dpif-netdev/bond-show': command(
    '[dp]',
    0,
    1,
    ofOne(() => reply('')),
  ),
  'dpif-netdev/dpif-impl-get': command('', 0, 0, () =>
    reply('Available DPIF implementations:\n  dpif_scalar (pmds: none)\n'),
  ),
  'dpif-netdev/dpif-impl-set': command(
    'dpif_implementation_name',
    1,
    1,
    choice(
      'dpif_scalar',
      'DPIF implementation set to dpif_scalar.\n',
      name => `DPIF implementation not available: Unknown DPIF implementation ${name}.\n`,
    ),
  ),
  'dpif-netdev/miniflow-parser-get': command('', 0, 0, () =>
    reply('Available MFEX implementations:\n  scalar (available: True pmds: none)\n'),
  ),
  'dpif-netdev/miniflow-parser-set': command(
    '[-pmd core] miniflow_implementation_name [study_pkt_cnt]',
    1,
    5,
    choice(
      'scalar',
      'Miniflow extract implementation set to scalar.\n',
      name => `Error: unknown miniflow extract implementation ${name}.\n`,
    ),
  ),
  'dpif-netdev/pmd-perf-log-set': command(
    'on|off [-b before] [-a after] [-e|-ne] [-us usec] [-q qlen]',
    0,
    10,
    logSetting,
  ),
  'dpif-netdev/pmd-perf-show': command('[-nh] [-it iter-history-len] [-ms ms-history-len] [-pmd core] [dp]', 0, 8, () =>
    reply(''),
  ),
  'dpif-netdev/pmd-rxq-rebalance': command(
    '[dp]',
    0,
    1,
    ofOne(() => reply('pmd rxq rebalance requested.\n')),
  ),
  'dpif-netdev/pmd-rxq-show': command('[-pmd core] [-secs secs] [dp]', 0, 5, usage),
  'dpif-netdev/pmd-stats-clear': command('[-pmd core] [dp]', 0, 3, ofThreads(clearStats)),
  'dpif-netdev/pmd-stats-show': command('[-pmd core] [dp]', 0, 3, ofThreads(stats)),
  'dpif-netdev/subtable-lookup-info-get': command('', 0, 0, () =>
    reply('Available dpcls implementations:\n  generic (Use count: 0, Priority: 1)\n'),
  ),
  'dpif-netdev/subtable-lookup-prio-set': command('[lookup_func] [prio]', 2, 2, priority),
  'odp-execute/action-impl-set': command(
    'name',
    1,
    1,
    choice(
      'scalar',
      'Action implementation set to scalar.\n',
      name => `Error: unknown action implementation, ${name}, specified!`,
    ),
  ),
  'odp-execute/action-impl-show': command('', 0, 0, () =>
    reply('Available Actions implementations:\n  scalar (available: Yes, active: Yes)\n'),
  ),
}
