/** `ovs-ofctl --color`: flows, changes, groups and packets have the colours of the original, byte for byte. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FieldName, field, fieldNames } from '../../src/flow/fields.ts'
import { flowText } from '../../src/openflow/action-lists.testing.ts'
import { parseFlow } from '../../src/openflow/flow-text.ts'
import { matchLine } from '../../src/openflow/match-lines.testing.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { statisticsBodies } from '../../src/openflow/messages/statistics.testing.ts'
import { messageSamples, speeches } from '../../src/openflow/messages.testing.ts'
import { longActionLine } from './long-action-lines.ts'
import { disagreements, ourRun, type ToolRun, theirRun } from './ofctl-tool.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'

const seed = Number(process.env.WEFT_SEED ?? 11)
const lines = (text: fc.Arbitrary<string>, count: number): string[] =>
  fc.sample(text, { numRuns: count, seed }).filter(line => parseFlow(line, 'add').ok)
const same = (runs: readonly ToolRun[]): void => expect(disagreements(runs).slice(0, 4)).toEqual([])
const versions = ['OpenFlow10', 'OpenFlow11', 'OpenFlow12', 'OpenFlow13', 'OpenFlow14', 'OpenFlow15']

/** A flow that looks at a field, whole and in part. */
const ofField = (name: FieldName): string[] => {
  const { needs, format } = field(name)
  const start = needs === undefined ? '' : `${needs},`
  const value =
    format === 'ethernet' ? '02:00:00:00:00:03' : format === 'ipv4' ? '1.2.3.4' : format === 'ipv6' ? '::5' : '1'
  const mask =
    format === 'ethernet' ? 'ff:00:00:00:00:01' : format === 'ipv4' ? '255.0.0.0' : format === 'ipv6' ? '::ff' : '1'
  return [`${start}${name}=${value},actions=drop`, `priority=3,${start}${name}=${value}/${mask},actions=drop`]
}

let directory: string

describe.skipIf(!hasOpenVswitch())('colours', () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weft-color-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const colored = (...args: string[]): ToolRun => ({ args: ['--color=always', ...args], directory })
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(directory, name), content)
    return name
  }

  /** Both on a file of those flows that the version can say; bytes of messages that cannot be read have no colours. */
  const sameFlows = (version: string, flows: readonly string[], least: number): void => {
    const speakable = flows.filter(line => ourRun(colored('-O', version, 'parse-flow', line)).status === 0)
    expect(speakable.length).toBeGreaterThan(least)
    const run = colored('-vconsole:off', '-O', version, 'parse-flows', file('flows', `${speakable.join('\n')}\n`))
    const [ours, theirs] = [ourRun(run), theirRun(run)].map(({ stdout, status }) => ({
      status,
      lines: stdout.split('\n').filter(line => !/^[0-9a-f]{8} {2}/.test(line)),
    }))
    expect(ours).toEqual(theirs)
  }

  test.each(versions)('of flows in %s', version => {
    const matches = matchLine.map(match => `${match},actions=drop`)
    sameFlows(version, [...lines(flowText, 500), ...lines(longActionLine, 250), ...lines(matches, 100)], 60)
  })

  // Fields that no message has are no business of this.
  test('of every field', () => {
    sameFlows(
      'OpenFlow15',
      fieldNames
        .filter(name => field(name).codes !== undefined)
        .flatMap(ofField)
        .filter(line => parseFlow(line, 'add').ok),
      90,
    )
  })

  /** Counts beyond 2^53 are told otherwise, and times of too many nanoseconds. */
  const comparable = (text: string): string[] =>
    text
      .replace(/\*\*\*decode error: \S+\*\*\*/g, '***decode error***')
      .replace(/(duration|pkts|bytes)(?=\d{7})\S+/g, '$1')
      .replace(/(duration[=:](\x1b\[m\x1b\[K)?)\d+\.\d{4,}s/g, '$1')
      .replace(/\d{16,}/g, 'many')
      .split('\n')

  const sameMessages = (messages: readonly Uint8Array[]): void => {
    const bytes = new Uint8Array(Buffer.concat(messages))
    const run = { ...colored('-vANY:off', 'ofp-parse', file('messages', bytes)), encoding: 'latin1' } as const
    const [ours, theirs] = [ourRun(run), theirRun(run)]
    expect(theirs.stdout).toContain('\x1b[36m\x1b[K')
    expect(comparable(ours.stdout)).toEqual(comparable(theirs.stdout))
  }

  test.each(speeches.map(speech => ({ speech, name: Object.values(speech).join(' ') })))(
    'of messages of every kind, $name',
    ({ speech }) => {
      const kinds = Object.values(messageSamples(speech))
      const bodies = kinds.flatMap(kind => fc.sample(kind, { numRuns: 25, seed }))
      sameMessages(bodies.map((body, i) => encodeMessage(body, { ...speech, xid: i })!))
    },
  )

  test.each([1, 2, 3, 4, 5, 6] as const)('of statistics of version %i', version => {
    const bodies = fc.sample(statisticsBodies(version), { numRuns: 400, seed })
    sameMessages(bodies.flatMap(body => encodeMessage(body, { version, xid: 7, nxm: true }) ?? []))
  })

  test('of groups, packets, lists of actions and what a line is told of', () => {
    const group =
      'group_id=1,type=select,selection_method=hash,fields=ip_src,bucket=weight:5,actions=1,set_field:1->reg0'
    const packet = 'tcp,nw_src=1.2.3.4,tp_src=3,tun_id=5'
    same([
      colored('-O', 'OpenFlow15', 'parse-group', group),
      colored('-O', 'OpenFlow11', 'parse-group', 'group_id=1,type=all,bucket=drop'),
      colored('compose-packet', packet),
      { ...colored('parse-packet'), stdin: new Uint8Array(64).fill(9) },
      { ...colored('parse-actions', 'OpenFlow10'), stdin: '0000 0008 0001 0000\n' },
      { ...colored('parse-instructions', 'OpenFlow13'), stdin: '0001 0008 05 000000\n' },
      { ...colored('parse-ofp11-match'), stdin: `${'00'.repeat(88)}\n` },
      colored('parse-flow', 'ip,nw_proto=2,tp_src=2,actions=4'),
      colored('check-vlan', '1003', '1fff'),
      colored('check-vlan', '0', '0'),
    ])
  })

  test('by the words of OVS_COLORS', () => {
    const flow = 'table=3,ip,priority=7,actions=learn(table=3),output:1,set_queue:3,resubmit(,4),pop_queue'
    const colors = ['', 'ac=32', 'dr=4:le=5:pm=6:pr=7:sp=8:vl=9', 'pm=01;31:pm=4', 'pm=', 'pm', 'pm:vl=3', 'pm=x:vl=3']
    colors.push('pm=;', 'pm==1', ' pm=1', 'pm=1 ', ':pm=3', 'pm=3:', 'pm=3::vl=4', 'PM=3', 'actions=3', '=3', 'pm=3=4')
    colors.push('toString=3:pm=4', 'pm=1\n:vl=2', 'sp=38;5;200', `sp=${'1'.repeat(300)}`, 'constructor', 'p=1:pmx=2')
    same(colors.map(OVS_COLORS => ({ ...colored('-O', 'OpenFlow13', 'parse-flow', flow), env: { OVS_COLORS } })))
  })

  test('by the word of --color', () => {
    const words = ['', '=auto', '=tty', '=if-tty', '=always', '=yes', '=force', '=ALWAYS', '=never', '=no', '=none']
    const wrong = ['=', '=foo', '=toString', '=1', '=true']
    same(
      ['', ...words, ...wrong].map(word => ({
        args: [`--color${word}`, 'parse-flow', 'priority=3,actions=drop'],
        env: { TERM: 'xterm' },
      })),
    )
    same([{ args: ['--color=always', '--color=never', 'parse-flow', 'actions=1'] }])
  })
})
