/** Errors are ovs-ofctl's words; `test/interop/group-text.test.ts` asks it. */
import { describe, expect, test } from 'vitest'
import { formatGroupMod } from './group-format.ts'
import { parseGroup, parseGroupLine } from './group-parse.ts'
import { formatMeter } from './meter-format.ts'
import { parseMeter } from './meter-parse.ts'
import { parseTableSetting } from './table-mod-text.ts'

describe('texts of groups', () => {
  test.each([
    'group_id=1,type=all',
    'group_id=7,type=select,selection_method=hash,fields(ip_src=255.255.255.0,ip_dst),bucket=bucket_id:0,weight:5,watch_port:3,actions=output:1',
    'group_id=2,type=ff,bucket=bucket_id:4,watch_group:9,actions=drop',
  ])('%s', text => {
    const read = parseGroup(text, 'add')
    expect(read).toMatchObject({ ok: true })
    if (read.ok) expect(formatGroupMod(read.mod, { version: 6 })).toBe(`ADD ${text}`)
  })

  test.each([
    ['add', 'type=all', 'must specify a group_id'],
    ['add', 'group_id=1', 'must specify a type'],
    ['modify', 'group_id=1,type=all,command_bucket_id=1', 'command bucket id is not needed'],
    ['delete', 'group_id=1,bucket=output:1', 'bucket is not needed'],
    ['insert_bucket', 'group_id=1', 'must specify a command bucket id'],
    ['insert_bucket', 'group_id=1,command_bucket_id=all', 'command_bucket_id=all is not permitted'],
    ['remove_bucket', 'group_id=1,type=all', 'type is not needed'],
    ['add', 'group_id=1,type=all,bucket=weight:3', 'bucket must specify actions'],
  ] as const)('%s %s: %s', (command, text, error) => {
    expect(parseGroup(text, command)).toEqual({ ok: false, error })
  })

  test('a line of a file may say what to do', () => {
    expect(parseGroupLine('delete group_id=7')).toMatchObject({ mod: { command: 'delete', group: 7 } })
    expect(parseGroupLine('group_id=7,type=all')).toMatchObject({ mod: { command: 'add' } })
    expect(parseGroupLine('add_or_mod group_id=7,type=all')).toMatchObject({ mod: { command: 'add_or_mod' } })
  })
})

describe('texts of meters', () => {
  test('are read and printed', () => {
    const read = parseMeter(
      'meter=1,kbps,burst,bands=type=drop,rate=100,burst_size=5 type=dscp_remark rate=1 burst_size=2 prec_level=3',
      'add',
    )
    expect(read).toMatchObject({ ok: true })
    if (read.ok)
      expect(formatMeter(read.mod)).toBe(
        'meter=1 kbps burst bands=\ntype=drop rate=100 burst_size=5\ntype=dscp_remark rate=1 burst_size=2 prec_level=3\n',
      )
  })

  test.each([
    ['meter=1', 'must specify bands'],
    ['kbps,band=type=drop,rate=1', "must specify 'meter'"],
    ['meter=1,band=type=drop,rate=1', "meter must specify either 'kbps' or 'pktps'"],
    ['meter=1,kbps,band=rate=1', "band must start with the 'type' keyword"],
    ['meter=1,kbps,band=type=drop', "band must have 'rate'"],
    ['meter=1,kbps,burst,band=type=drop,rate=1', "band must have 'burst_size' when 'burst' flag is set"],
    ['meter=0,kbps,band=type=drop,rate=1', 'invalid value for meter'],
    ['meter=1,kbps,foo,band=type=drop,rate=1', 'field foo missing value'],
  ])('%s: %s', (text, error) => {
    expect(parseMeter(text, 'add')).toEqual({ ok: false, error })
  })
})

describe('settings of tables', () => {
  test.each([
    ['foo', 'invalid table_mod setting foo'],
    ['vacancy', 'Vacancy down value missing'],
    ['vacancy:20', 'Vacancy up value missing'],
    ['vacancy:101,102', 'Invalid vacancy down value "101"'],
    ['vacancy:80,20', 'Invalid vacancy range, vacancy up should be greater than vacancy down (OFPBPC_BAD_VALUE)'],
  ])('%s: %s', (text, error) => {
    expect(parseTableSetting(text)).toBe(error)
  })
  test('are of the versions that have them', () => {
    expect(parseTableSetting('drop')).toMatchObject({ config: { miss: 'drop' }, versions: [2, 3] })
    expect(parseTableSetting('evict')).toMatchObject({ config: { eviction: true }, versions: [5, 6] })
    expect(parseTableSetting('vacancy:20,80')).toMatchObject({
      config: { vacancy: { enabled: true, down: 20, up: 80 } },
    })
  })
})
