/** Texts of groups through `ovs-ofctl parse-group` and through ours. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGroup } from '../../src/openflow/group-parse.ts'
import { printMessage } from '../../src/openflow/message-print.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { formatProtocols, protocolsOf, type Version } from '../../src/openflow/protocol.ts'
import { hasOpenVswitch } from './real-switch.ts'

const real = (line: string, version: Version): string => {
  const { stdout, stderr } = spawnSync('ovs-ofctl', ['-O', `OpenFlow1${version - 1}`, 'parse-group', line], {
    encoding: 'utf8',
  })
  const errors = stderr.split('\n').filter(text => !/\|(WARN|INFO)\|/.test(text))
  return `${stdout}${errors.join('\n')}`.trim()
}

const ours = (line: string, version: Version): string => {
  const read = parseGroup(line, 'add')
  if (!read.ok) return `ovs-ofctl: ${read.error}`
  const usable = `usable protocols: ${formatProtocols(read.protocols)}\n`
  if ((read.protocols & protocolsOf(version)) === 0) return `${usable}ovs-ofctl: no usable protocol`
  const bytes = encodeMessage({ type: 'group_mod', mod: read.mod }, { version, xid: 1 }) as Uint8Array
  return `${usable}chosen version: OpenFlow1${version - 1}\n${printMessage(bytes)}`.trim()
}

const word = fc.constantFrom(
  ...['type=foo', 'type=ff', 'group_id=x', 'group_id=all', 'selection_method=hash', 'selection_method=dp_hash'],
  ...['selection_method=foo', 'selection_method_param=5', 'fields(ip_src)', 'fields(ip_src,ip_dst=255.0.0.0)'],
  ...['fields=eth_dst', 'fields(ip_src=0.0.0.0)', 'command_bucket_id=1', 'foo=1'],
)
const inBucket = fc.constantFrom(
  ...['output:1', 'weight:5', 'weight:0', 'weight:x', 'watch_port:1', 'watch_port:foo', 'watch_group:2', 'bucket_id:0'],
  ...['bucket_id:7', 'actions=output:1', 'actions=drop', 'actions=', 'group:3', 'resubmit(,1)', 'foo', 'LOCAL'],
  ...['set_field:1.2.3.4->ip_src', 'mod_vlan_vid:5', 'CONTROLLER:10', 'enqueue:1:2', 'goto_table:1', 'dec_ttl'],
)
const line = fc
  .tuple(
    fc.constantFrom(
      'group_id=1,type=all',
      'group_id=1,type=select',
      'group_id=1,type=ff',
      'group_id=1,type=indirect',
      'type=all',
    ),
    fc.array(word, { maxLength: 2 }),
    fc.array(fc.array(inBucket, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
  )
  .map(([head, words, buckets]) => [head, ...words, ...buckets.map(one => `bucket=${one.join(',')}`)].join(','))

describe.skipIf(!hasOpenVswitch())('texts of groups against ovs-ofctl', () => {
  test.each([1, 2, 4, 6] as const)('version %i', version => {
    const lines = fc.sample(line, { numRuns: 150, seed: 11 * version })
    for (const each of lines) expect([each, ours(each, version)]).toEqual([each, real(each, version)])
  })
})
