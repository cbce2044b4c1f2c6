import { describe, expect, test } from 'vitest'
import { seeded, utf8, VirtualClock } from '../runtime/index.ts'
import { map, one } from './column.ts'
import { Database } from './database.ts'
import { type Fault, IoFault } from './fault.ts'
import { type JsonObject, member } from './json.ts'
import { JsonStream } from './json-stream.ts'
import { printJson } from './json-text.ts'
import type { DatabaseSchema } from './schema.ts'
import type { Storage } from './served.ts'
import { type DatabaseOptions, Server } from './server.ts'
import type { Session, SessionOptions } from './session.ts'

const schema: DatabaseSchema = {
  name: 'T',
  tables: {
    A: { root: true, columns: { s: one({ type: 'string' }), m: map({ type: 'string' }, { type: 'integer' }) } },
  },
}

const start = (options: DatabaseOptions = {}): { server: Server; clock: VirtualClock } => {
  const clock = new VirtualClock()
  const server = new Server(clock, seeded(1))
  server.add(new Database(schema, seeded(2)), options)
  return { server, clock }
}
const say = (session: Session, method: string, params: JsonObject[] | unknown[], id: unknown = 1): void =>
  session.receive(utf8(printJson({ id, method, params } as JsonObject)))
const heard = (session: Session): JsonObject[] => {
  const stream = new JsonStream(1e6)
  const all: JsonObject[] = []
  for (let text = session.take(); text !== ''; text = session.take())
    all.push(...(stream.push(utf8(text)).values as JsonObject[]))
  return all
}
const insert = (s: string): JsonObject => ({ op: 'insert', table: 'A', row: { s } })
const wait = { op: 'wait', table: 'A', where: [], columns: ['s'], until: '==', rows: [{ s: 'z' }] }

describe('what a slow client does not read', () => {
  test('changes of a row become one, and rows that came and went none', () => {
    const { server } = start()
    const [slow, busy] = [server.connect(), server.connect()]
    say(slow, 'monitor_cond', ['T', 'm', { A: {} }])
    heard(slow)
    say(busy, 'transact', ['T', insert('x')])
    for (let i = 0; i < 1000; i++) {
      const row = { m: ['map', [['count', i]]] }
      say(busy, 'transact', ['T', { op: 'update', table: 'A', where: [['s', '==', 'x']], row }])
      say(busy, 'transact', ['T', insert('passing')])
      say(busy, 'transact', ['T', { op: 'delete', table: 'A', where: [['s', '==', 'passing']] }])
      busy.take()
    }
    const updates = heard(slow)
    expect(updates.length).toBe(1)
    const rows = Object.values((updates[0]!.params as [string, { A: JsonObject }])[1].A)
    expect(rows).toMatchObject([{ insert: { s: 'x', m: ['map', [['count', 999]]] } }])
  })

  test('answers wait up to a limit; then is no time to receive more', () => {
    const session = start().server.connect({ limits: { answers: 100 } })
    say(session, 'echo', ['x'.repeat(50)])
    expect(session.ready).toBe(true)
    say(session, 'echo', ['x'.repeat(50)])
    expect(session.ready).toBe(false)
    session.take()
    expect(session.ready).toBe(true)
  })

  test('of messages that came together, those without room for their answers wait', () => {
    const session = start().server.connect({ limits: { answers: 100 } })
    const texts = [1, 2, 3, 4].map(id => JSON.stringify({ id, method: 'echo', params: ['x'.repeat(60)] }))
    session.receive(utf8(`${texts.join('')}}`))
    const ids = () => [...session.take().matchAll(/"id":(\d)/g)].map(([, id]) => Number(id))
    expect([session.ended, ids(), ids()]).toEqual([undefined, [1, 2], [3, 4]])
    expect(session.ended).toContain('error parsing stream')
  })

  test.each([
    ['transactions', 'transact', (i: number) => [i, ['T', wait]]],
    ['monitors', 'monitor', (i: number) => [i, ['T', i, {}]]],
    ['locks', 'lock', (i: number) => [i, [`l${i}`]]],
  ] as const)('only so many %s', (what, method, request) => {
    const session = start().server.connect({ limits: { [what]: 2 } } as SessionOptions)
    for (let i = 0; i < 3; i++) {
      const [id, params] = request(i)
      say(session, method, params as unknown[], id)
    }
    expect(heard(session).at(-1)).toMatchObject({ id: 2, error: { error: 'resources exhausted' } })
  })
})

describe('the state after a commit', () => {
  test('has no name without a history', () => {
    const session = start().server.connect()
    say(session, 'monitor_cond_since', ['T', 'm', { A: {} }, '00000000-0000-0000-0000-000000000000'])
    expect(heard(session)[0]?.result).toEqual([false, '00000000-0000-0000-0000-000000000000', {}])
  })

  test('is where monitor_cond_since goes on', () => {
    const { server } = start({ history: 2 })
    const ask = (last: string): [boolean, string, JsonObject] => {
      const session = server.connect()
      say(session, 'monitor_cond_since', ['T', 'm', { A: { columns: ['s'] } }, last])
      return heard(session)[0]?.result as [boolean, string, JsonObject]
    }
    const [, first] = ask('00000000-0000-0000-0000-000000000000')
    const busy = server.connect()
    say(busy, 'transact', ['T', insert('a')])
    const [, second] = ask(first)
    say(busy, 'transact', ['T', insert('b')])
    say(busy, 'transact', ['T', { op: 'delete', table: 'A', where: [['s', '==', 'b']] }])
    expect(ask(second)).toMatchObject([true, expect.any(String), {}])
    // Three commits are more than it remembers.
    const [found, , all] = ask(first)
    expect(found).toBe(false)
    expect(Object.values(member(all, 'A') as JsonObject)).toEqual([{ initial: { s: 'a' } }])
  })
})

test('a database that was converted remembers no state from before', () => {
  const { server } = start({ history: 10 })
  const session = server.connect()
  const ask = (id: string, last: string): [boolean, string, JsonObject] => {
    say(session, 'monitor_cond_since', ['T', id, { A: {} }, last])
    return heard(session)[0]?.result as [boolean, string, JsonObject]
  }
  const [, first] = ask('a', '00000000-0000-0000-0000-000000000000')
  say(session, 'transact', ['T', insert('a')])
  heard(session)
  expect(ask('b', first)[0]).toBe(true)
  say(session, 'set_db_change_aware', [true])
  say(session, 'convert', ['T', { name: 'T', tables: { A: { columns: { s: { type: 'string' } } } } }])
  expect(heard(session).filter(({ method }) => method === 'monitor_canceled').length).toBe(2)
  const [found, last, all] = ask('c', first)
  expect([found, last === first]).toEqual([false, false])
  expect(Object.values(member(all, 'A') as JsonObject)).toMatchObject([{ initial: { s: 'a' } }])
})

test('a wait ends with the commit that it waits for, or with its time', () => {
  const { server, clock } = start()
  const [waiting, busy] = [server.connect(), server.connect()]
  say(waiting, 'transact', ['T', wait, insert('after')], 'w')
  say(waiting, 'transact', ['T', { ...wait, rows: [{ s: 'never' }], timeout: 30 }], 't')
  expect(heard(waiting)).toEqual([])
  say(busy, 'transact', ['T', insert('z')])
  expect(heard(waiting)).toMatchObject([{ id: 'w', result: [{}, { uuid: ['uuid', expect.any(String)] }] }])
  clock.runUntil(30e6)
  expect(heard(waiting)).toMatchObject([{ id: 't', result: [{ details: '"wait" timed out after 30 ms' }] }])
})

/** Answers of the disk wait in `done`; `full` is why it takes no more. */
const disk = (done: ((failure?: Fault) => void)[], full: { why?: Fault }): Storage => ({
  write: () => full.why,
  sync: kept => void done.push(kept),
  rewrite: () => full.why,
})
const durable = { op: 'commit', durable: true }

test('a durable commit is answered when it is kept, others at once', () => {
  const done: ((failure?: Fault) => void)[] = []
  const { server } = start({ storage: disk(done, {}) })
  const session = server.connect()
  say(session, 'transact', ['T', insert('x'), durable])
  say(session, 'transact', ['T', insert('y'), durable], 2)
  say(session, 'transact', ['T', insert('z')], 3)
  expect(heard(session)).toMatchObject([{ id: 3, result: [{}] }])
  done[0]?.()
  done[1]?.(new IoFault('t.db: fsync failed', 'Input/output error'))
  expect(heard(session)).toMatchObject([
    { id: 1, result: [{}, {}] },
    {
      id: 2,
      result: [{}, {}, { error: 'I/O error', details: 't.db: fsync failed', 'io-error': 'Input/output error' }],
    },
  ])
})

test('what cannot be written down is not done', () => {
  const full: { why?: Fault } = {}
  const { server } = start({ storage: disk([], full) })
  const session = server.connect()
  say(session, 'transact', ['T', insert('x')])
  full.why = new IoFault('t.db: write failed', 'No space left on device')
  say(session, 'transact', ['T', insert('y')])
  say(session, 'transact', ['T', { op: 'select', table: 'A', where: [], columns: ['s'] }])
  expect(heard(session)).toMatchObject([
    { result: [{}] },
    { result: [{}, { error: 'I/O error', 'io-error': 'No space left on device' }] },
    { result: [{ rows: [{ s: 'x' }] }] },
  ])
})

test('a read-only client may look only', () => {
  const session = start().server.connect({ readOnly: true })
  say(session, 'transact', ['T', insert('x')])
  say(session, 'transact', ['T', { op: 'select', table: 'A', where: [] }])
  expect(heard(session)).toMatchObject([
    {
      result: [
        { error: 'not allowed', details: 'insert operation not allowed when database server is in read only mode' },
      ],
    },
    { result: [{ rows: [] }] },
  ])
})

test('who goes leaves its locks and what it waited for', () => {
  const { server } = start()
  const [first, second] = [server.connect(), server.connect()]
  say(first, 'lock', ['L'])
  say(second, 'lock', ['L'])
  heard(second)
  say(first, 'transact', ['T', wait], 'w')
  first.end('closed')
  expect(heard(second)).toEqual([{ id: null, method: 'locked', params: ['L'] }])
  say(second, 'transact', ['T', insert('z')])
  expect(heard(first)).toHaveLength(1)
})

test('a removed database is gone from _Server, and who does not expect it is disconnected', () => {
  const { server } = start()
  const [aware, other] = [server.connect(), server.connect()]
  say(aware, 'set_db_change_aware', [true])
  say(aware, 'monitor', ['_Server', 's', { Database: { columns: ['name'] } }])
  heard(aware)
  expect(server.remove('T')).toBe(true)
  expect(server.remove('_Server')).toBe(false)
  expect(heard(aware)).toMatchObject([{ method: 'update', params: ['s', { Database: expect.any(Object) }] }])
  expect(other.ended).toBe('database T removed')
})

test('what is no message ends the session', () => {
  const session = start().server.connect()
  session.receive(utf8('{"id":1,"foo":2}'))
  expect(session.ended).toBe('received bad JSON-RPC message: message has unexpected member "foo"')
})
