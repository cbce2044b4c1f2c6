import type { aspects } from './compare.ts'
import { bridgeNames, portsOf, vsctlWords } from './network.ts'
import { wordsOf } from './packets.ts'
import type { Disagreement, Refusal, Result } from './runner.ts'
import { plainSettings, portModWords, type Settings, settingsWords } from './settings.ts'

/** What a run found, as text. */

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)}%`

/** The judged parts of a trace first, whatever else differs after them. */
const judged = [
  'final flow',
  'datapath actions',
  'megaflow',
  'flow',
  'steps',
  'rest',
  'errors',
] as const satisfies readonly (typeof aspects)[number][]

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ')
  return rows.map(row => `${line(row).trimEnd()}\n`).join('')
}

/** Agreement by category and part of the trace, and by action. */
export const formatResult = (result: Result): string => {
  const parts = [...result.tally.values()]
  const sum = (of: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((total, part) => total + of(part), 0)
  const row = (
    name: string,
    cases: number,
    agreed: number,
    by: (aspect: (typeof judged)[number]) => number,
  ): string[] => [
    name,
    String(cases),
    percent(agreed, cases),
    ...judged.map(aspect => percent(cases - by(aspect), cases)),
  ]
  const categories = [
    ['category', 'cases', 'agreed', ...judged],
    ...[...result.tally].map(([name, part]) => row(name, part.cases, part.agreed, aspect => part.by.get(aspect) ?? 0)),
    row(
      'all',
      sum(part => part.cases),
      sum(part => part.agreed),
      aspect => sum(part => part.by.get(aspect) ?? 0),
    ),
  ]
  const actions = [...result.actions].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    table(categories),
    '\n',
    table([
      ['action', 'cases', 'agreed'],
      ...actions.map(([name, { cases, agreed }]) => [name, String(cases), percent(agreed, cases)]),
    ]),
    '\n',
    `${result.lines} flows and groups; ${result.refusals.length} refused by one side alone, or for another reason; ${result.unsaid.length} that no text or version says\n`,
    result.crashes.length === 0 ? '' : `${result.crashes.length} cases that the real ovs-vswitchd did not survive\n`,
    result.fleeting === 0 ? '' : `${result.fleeting} disagreements that were none when their round was run again\n`,
    ...[...result.listed].map(([name, count]) => `${count} listed disagreements: ${name}\n`),
    `${result.news} disagreements of ${result.cases} cases\n`,
  ].join('')
}

export const formatRefusal = ({ line, theirs, ours }: Refusal): string =>
  `refused by one side: ${line}\n  Open vSwitch: ${theirs ?? 'taken'}\n  Weft: ${ours ?? 'taken'}\n`

/** Commands that make the bridges; the same words in a shell with Open vSwitch and in a shell of Weft. */
export const setupCommands = (): string => {
  const protocols = 'protocols=OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15'
  const bridges = bridgeNames.map(
    name => `ovs-vsctl add-br ${name} -- set bridge ${name} datapath_type=dummy fail_mode=secure ${protocols}`,
  )
  const ports = bridgeNames.flatMap((_, i) => portsOf(i).map(port => `ovs-vsctl ${vsctlWords(i, port).join(' ')}`))
  return `${[...bridges, ...ports].join('\n')}\n`
}

const quote = (text: string): string => `'${text}'`

/** The commands that show a disagreement, on either side, and where the two traces part. */
export const formatDisagreement = (found: Disagreement): string => {
  const { tables, asked, theirs, ours, category, aspects: differing, seed, round } = found
  const version = `-O OpenFlow1${tables.version - 1}`
  const commands = bridgeNames.flatMap((name, i) => [
    ...(tables.groups[i] ?? []).map(line => `ovs-ofctl ${version} add-group ${name} ${quote(line)}`),
    ...(tables.flows[i] ?? [])
      .filter(line => line !== '')
      .map(line => `ovs-ofctl ${version} add-flow ${name} ${quote(line)}`),
  ])
  const words = wordsOf(asked)
    .map(word => (/[^\w=:.-]/.test(word) ? quote(word) : word))
    .join(' ')
  const command = asked.packetOut === undefined ? 'trace' : 'trace-packet-out'
  return [
    `# ${category}, seed ${seed}, round ${round}: ${differing.join(', ')}`,
    ...(isPlain(tables.settings) ? [] : settingsWords(tables.settings).map(line => `ovs-vsctl ${line.join(' ')}`)),
    ...portModWords(tables.settings).map(
      ({ bridge, words: told }) => `ovs-ofctl mod-port ${bridgeNames[bridge]} ${told.join(' ')}`,
    ),
    ...commands,
    ...(tables.fragments === 'normal'
      ? []
      : bridgeNames.map(name => `ovs-ofctl ${version} set-frags ${name} ${tables.fragments.replace('_', '-')}`)),
    `ovs-appctl ofproto/${command} ${words}`,
    ...parting(theirs.split('\n'), ours.split('\n')),
    '',
    '',
  ].join('\n')
}

const isPlain = (settings: Settings): boolean => JSON.stringify(settings) === JSON.stringify(plainSettings)

const mostLines = 24

/** Lines of the real trace, with those of ours that stand in for some of them: `-` theirs, `+` ours. */
const parting = (theirs: readonly string[], ours: readonly string[]): string[] => {
  let start = 0
  while (start < theirs.length && theirs[start] === ours[start]) start++
  let end = 0
  while (end < theirs.length - start && end < ours.length - start && theirs.at(-1 - end) === ours.at(-1 - end)) end++
  const cut = (lines: readonly string[]): string[] =>
    lines.length > mostLines ? [...lines.slice(0, mostLines), `… ${lines.length - mostLines} lines more`] : [...lines]
  return [
    ...theirs.slice(Math.max(0, start - mostLines), start).map(line => `  ${line}`),
    ...cut(theirs.slice(start, theirs.length - end)).map(line => `- ${line}`),
    ...cut(ours.slice(start, ours.length - end)).map(line => `+ ${line}`),
    ...theirs
      .slice(theirs.length - end)
      .slice(0, mostLines)
      .map(line => `  ${line}`),
  ]
}
