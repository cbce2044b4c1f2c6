import { expect, test } from 'vitest'
import { newMatch } from '../flow/match.ts'
import type { BodyOf } from '../openflow/message.ts'
import { agentBed } from './agent/agent.testing.ts'
import type { TableOptions } from './table-settings.ts'

const bed = () => {
  const it = agentBed()
  const talker = it.talk(6)
  const names = (): string[] =>
    talker
      .say({ type: 'table_features_request', tables: [] })
      .flatMap(({ body }) => (body as BodyOf<'table_features_reply'>).tables)
      .slice(2, 5)
      .map(({ name }) => name)
  const features = talker
    .say({ type: 'table_features_request', tables: [] })
    .flatMap(({ body }) => (body as BodyOf<'table_features_reply'>).tables)
  const rename = (table: number, name: string): string | undefined =>
    talker.refusal({ type: 'table_features_request', tables: [{ ...features[table]!, name }] })
  const configure = (...tables: [number, TableOptions][]): void =>
    it.bridge.configure({ failMode: 'secure', hwaddr: 0xaa55aa550000, tables })
  return { ...it, names, rename, configure }
}

test('a controller may name a table unless the database does', () => {
  const { names, rename, configure } = bed()
  expect([rename(3, 'mine'), names()]).toEqual([undefined, ['', 'mine', '']])
  configure([3, { name: 'theirs' }])
  expect(names()).toEqual(['', 'theirs', ''])
  expect([rename(3, 'other'), rename(4, 'other'), names()]).toEqual([
    'OFPTFFC_EPERM',
    undefined,
    ['', 'theirs', 'other'],
  ])
  // The same name, or the beginning of it, changes nothing and is no error.
  expect([rename(3, 'theirs'), rename(3, 'the'), names()]).toEqual([undefined, undefined, ['', 'theirs', 'other']])
  configure()
  expect(names()).toEqual(['', '', 'other'])
  expect([rename(3, 'mine'), names()]).toEqual([undefined, ['', 'mine', 'other']])
})

test('a row limits its table as long as it is there', () => {
  const { bridge, configure } = bed()
  const add = (priority: number) =>
    bridge.flows.add({ table: 3, priority, match: newMatch(), actions: [], hardTimeout: 9 })
  configure([3, { limit: 1 }])
  expect([typeof add(1), add(2)]).toEqual(['object', 'OFPFMFC_TABLE_FULL'])
  configure([3, { limit: 1, evictBy: [] }])
  expect(typeof add(2)).toBe('object')
  expect(bridge.flows.dump({ table: 3 }).map(({ priority }) => priority)).toEqual([2])
  configure()
  expect([typeof add(3), typeof add(4)]).toEqual(['object', 'object'])
})
