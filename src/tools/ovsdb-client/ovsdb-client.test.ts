import { describe, expect, test } from 'vitest'
import { type Json, JsonStream, printJson } from '../../ovsdb/index.ts'
import { duplexPair, seeded, start, utf8, VirtualClock } from '../../runtime/index.ts'
import { bench, stdioInto, unreachable } from '../bench.testing.ts'
import { programs } from '../index.ts'
import type { Connect } from '../program.ts'
import { type Result, wordsOf } from '../words.testing.ts'
import { ovsdbClient } from './index.ts'

/** What a server says to a method: a result, an error, texts as they are, or that it hangs up. Nothing for other methods. */
type Said = { result: Json } | { error: Json } | { text: readonly string[] } | 'hangs up'
type Script = Readonly<Record<string, Said>>

/** The other end of a connection, which says what the script has. */
const scripted = (script: Script): Connect['open'] =>
  function* () {
    const [ours, theirs] = duplexPair()
    const stream = new JsonStream(1e9)
    const hear = (): void => {
      for (const message of stream.push(ours.input.take()).values) {
        const { method, id = null } = message as { method?: string; id?: Json }
        const said = method !== undefined && Object.hasOwn(script, method) ? script[method] : undefined
        if (said === 'hangs up') ours.close()
        else if (said !== undefined && 'text' in said) for (const text of said.text) ours.output.offer(utf8(text))
        else if (said !== undefined) ours.output.offer(utf8(printJson({ result: null, error: null, ...said, id })))
      }
      ours.input.changed.wait(hear)
    }
    ours.input.changed.wait(hear)
    return theirs
  }

const talk = (line: string, open: Connect['open'], stdin = ''): Result & { end(): void } => {
  const result = { stdout: '', stderr: '', status: -1 }
  const file = utf8('{"name":"b","tables":{"T":{"columns":{"x":{"type":"string"}}}}}')
  const readFile = (path: string): Uint8Array | string => (path === 'b.ovsschema' ? file : 'No such file or directory')
  const connect = { ...unreachable(new VirtualClock()), open, readFile }
  const running = start(ovsdbClient(wordsOf(`ovsdb-client ${line}`), stdioInto(result, stdin), connect), {
    done(status) {
      result.status = status
    },
  })
  return Object.assign(result, { end: () => running.stop() })
}

const talkWith = (line: string, script: Script): Result => {
  const { end, ...result } = talk(line, scripted(script))
  end()
  return result
}

const schema: Script = {
  list_dbs: { result: ['a'] },
  get_schema: { result: { name: 'a', tables: { T: { columns: { x: { type: 'string' }, y: { type: 'integer' } } } } } },
  set_db_change_aware: { result: {} },
}
const uuid = '111111aa-1111-1111-1111-111111111111'
const rows = (...found: Json[]): Script => ({ ...schema, transact: { result: [{ rows: found }] } })
const update = (method: string, ...params: Json[]): string => printJson({ id: null, method, params })
/** The answer to the fourth request, and what comes behind it. */
const monitored = (method: string, result: Json, ...texts: string[]): Script => ({
  ...schema,
  [method]: { text: [printJson({ id: 3, result, error: null }), ...texts] },
})
const staying = -1

/** As Open vSwitch 3.1.0 ended with servers that said this. */
const ends: readonly (readonly [line: string, script: Script, status: number, printed: string])[] = [
  ['list-dbs', { list_dbs: 'hangs up' }, 1, 'ovsdb-client: transaction failed (End of file)\n'],
  ['list-dbs', { list_dbs: { error: 'boo' } }, 1, 'ovsdb-client: transaction returned error: "boo"\n'],
  ['list-dbs', { list_dbs: { result: 5 } }, 1, 'ovsdb-client: list_dbs response is not array\n'],
  ['list-dbs', { list_dbs: { result: [5, 'x'] } }, 1, 'ovsdb-client: list_dbs response 0 is not string\n'],
  ['list-dbs', { list_dbs: { result: ['b', 'a'] } }, 0, 'a\nb\n'],
  [
    'get-schema',
    { list_dbs: { error: { error: 'e', details: 'd' } } },
    1,
    'ovsdb-client: transaction returned error: {"details":"d","error":"e"}\n',
  ],
  [
    'get-schema',
    { list_dbs: { result: ['a', 'b'] } },
    1,
    'ovsdb-client: could not find a default database, please specify a database name\n',
  ],
  [
    'get-schema',
    { list_dbs: { result: ['_b'] } },
    1,
    'ovsdb-client: could not find a default database, please specify a database name\n',
  ],
  [
    'get-schema',
    { ...schema, get_schema: { result: {} } },
    1,
    'ovsdb-client: syntax "{}": syntax error: Parsing database schema failed: Required \'name\' member is missing.\n',
  ],
  ['get-schema-version', schema, 0, '\n'],
  ['get-schema-version', { ...schema, list_dbs: { result: ['a', '_b'] } }, 0, '\n'],
  ['get-schema-cksum', schema, 0, '\n'],
  ['dump', { ...schema, transact: { error: 'foo' } }, 1, 'ovsdb-client: transaction returned error: "foo"\n'],
  ['dump', { ...schema, transact: { result: [] } }, 1, 'ovsdb-client: reply is not array of 1 elements: []\n'],
  [
    'dump',
    { ...schema, transact: { result: [{ rows: 5 }] } },
    1,
    'ovsdb-client: T table reply is not an object with a "rows" member array: {"rows":5}\n',
  ],
  ['dump', rows(5), 1, 'ovsdb-client: row 0 in table T response is not a JSON object: 5\n'],
  ['dump', rows({ x: 'a' }), 1, 'ovsdb-client: row 0 in table T response lacks _uuid column\n'],
  ['dump', rows({ x: 5, y: 1, _uuid: ['uuid', uuid] }), 1, 'ovsdb-client: syntax "5": syntax error: expected string\n'],
  [`transact '["a"]'`, { transact: { result: 5 } }, 0, '5\n'],
  [`query '["a"]'`, { transact: { result: [] } }, 0, '[]\n'],
  [`query '["a",{}]'`, { transact: { result: [1, 2, 3] } }, 0, '[1,2,3]\n'],
  [`query '["a",{}]'`, { transact: { result: [1, null] } }, 0, '[1,null]\n'],
  [`query '["a",{}]'`, { transact: { result: [1, { error: 'aborted', details: 'x' }] } }, 0, '[1]\n'],
  [`query '["a",{}]'`, { transact: { result: [1, { error: 'foo' }] } }, 0, '[1,{"error":"foo"}]\n'],
  [`query '["a",{}]'`, { transact: { result: [1, {}, { error: 'aborted' }] } }, 0, '[1,{},{"error":"aborted"}]\n'],
  ['lock l', { lock: { error: 'x' } }, staying, ''],
  ['lock l', { lock: { result: 5 } }, staying, '5\n'],
  [
    'lock l',
    { lock: 'hangs up' },
    1,
    'ovsdb-client: unix:/var/run/openvswitch/db.sock: receive failed (End of file)\n',
  ],
  [
    'lock l',
    { lock: { text: ['{"id":0,"result":5,"error":null}', update('foo', 1), update('stolen', 'b', 'c')] } },
    staying,
    '5\nfoo\n[1]\nstolen\n["b","c"]\n',
  ],
  [
    'wait a added',
    { set_db_change_aware: { result: {} }, transact: { result: [{ error: 'z' }] } },
    1,
    'ovsdb-client: server returned error reply: {"error":"z"}\n',
  ],
  [
    'wait a added',
    { set_db_change_aware: { result: {} }, transact: { result: 5 } },
    1,
    'ovsdb-client: result is not array\n',
  ],
  [
    'wait a added',
    { set_db_change_aware: { error: 'x' } },
    1,
    'ovsdb-client: unix:/var/run/openvswitch/db.sock: set_db_change_aware failed ("x")\n',
  ],
  ['monitor T', { ...schema, monitor: { error: 'no' } }, staying, ''],
  ['monitor T', { ...schema, monitor: { result: 5 } }, staying, 'ovsdb-client: <table-updates> is not object\n'],
  ['monitor T', { ...schema, monitor: { result: { U: 5 } } }, staying, ''],
  [
    'monitor T',
    { ...schema, monitor: { result: { T: 5 } } },
    staying,
    'ovsdb-client: <table-update> for table T is not object\n',
  ],
  [
    'monitor T x',
    { ...schema, monitor: { result: { T: { x: 5 } } } },
    staying,
    'ovsdb-client: <row-update> is not object\nrow action x\n--- ------ -\n',
  ],
  [
    'monitor T x',
    { ...schema, monitor: { result: { T: { x: { new: 5, old: {} } } } } },
    staying,
    'ovsdb-client: <row> is not object\nrow action x\n--- ------ -\n',
  ],
  [
    'monitor T x',
    { ...schema, monitor: { result: { T: { x: { new: { x: 5 } } } } } },
    staying,
    'row action  x\n--- ------- -\nx   initial 5\n',
  ],
  [
    'monitor T x',
    monitored(
      'monitor',
      {},
      update('update', null),
      update('update2', null, {}),
      update('update', 5, {}),
      update('foo'),
    ),
    staying,
    '',
  ],
  [
    'monitor T x',
    monitored('monitor', {}, update('update', null, { T: { q: { old: { x: 'a' } } } })),
    staying,
    'row action x\n--- ------ -\nq   delete a\n',
  ],
  [
    'monitor T',
    monitored('monitor', {}, update('monitor_canceled', 3)),
    1,
    'ovsdb-client: unix:/var/run/openvswitch/db.sock: a database was removed\n',
  ],
  [
    'monitor T',
    { ...schema, set_db_change_aware: 'hangs up' },
    1,
    'ovsdb-client: unix:/var/run/openvswitch/db.sock: error setting db_change_aware (End of file)\n',
  ],
  [
    'monitor-cond [] T x',
    { ...schema, monitor_cond: { result: { T: { x: 5 } } } },
    staying,
    'ovsdb-client: <row-update2> is not object\nrow action x\n--- ------ -\n',
  ],
  [
    'monitor-cond [] T x',
    { ...schema, monitor_cond: { result: { T: { x: { initial: 5, old: {} } } } } },
    staying,
    'ovsdb-client: <row> is not object\nrow action x\n--- ------ -\n',
  ],
  [
    'monitor-cond-since [] T x',
    { ...schema, monitor_cond_since: { result: [true, 'id', 5] } },
    staying,
    'ovsdb-client: <table-updates2> is not object\nfound: true, last_id: id\n',
  ],
  [
    'monitor-cond-since [] T x',
    monitored('monitor_cond_since', [false, 'i', {}], update('update3', null, 'j', { T: { q: { delete: null } } })),
    staying,
    'found: false, last_id: i\n\nlast_id: jrow action x\n--- ------ -\nq   delete\n',
  ],
  // Here the original ends by a fault.
  [
    'needs-conversion b.ovsschema',
    { ...rows(), get_schema: { error: { error: 'unknown database' } } },
    1,
    'ovsdb-client: transaction returned error: {"error":"unknown database"}\n',
  ],
  [
    'convert b.ovsschema',
    rows({ model: 'clustered', connected: true, leader: false }),
    1,
    'ovsdb-client: no servers were available\n',
  ],
  [
    'needs-conversion b.ovsschema',
    { transact: { error: { error: 'e' } } },
    1,
    'ovsdb-client: transaction returned error: {"error":"e"}\n',
  ],
  [
    'get-schema-version unix:a,unix:b a',
    { ...schema, ...rows({ model: 'clustered', connected: true, leader: false }) },
    1,
    'ovsdb-client: no servers were available\n',
  ],
  [
    '--no-leader-only get-schema-version unix:a,unix:b a',
    { ...schema, ...rows({ model: 'clustered', connected: true, leader: false }) },
    0,
    '\n',
  ],
  [
    'needs-conversion /nope',
    {},
    1,
    'ovsdb-client: failed to read schema: "/nope" could not be read as JSON (error opening "/nope": No such file or directory)\n',
  ],
]

describe('what servers say', () => {
  test.each(ends)('%s, %j', (line, script, status, printed) => {
    const { stdout, stderr, status: ended } = talkWith(line, script)
    // What connections do is logged in front of it.
    const said = stderr.replace(/^.*\|INFO\|.*\n/gm, '')
    expect([ended, `${said}${stdout}`]).toEqual([status, printed])
  })

  test('a message that is none is logged, and ends the command', () => {
    const { stderr, status } = talkWith('list-dbs', { list_dbs: { text: ['{}'] } })
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /\|jsonrpc\|WARN\|unix:[^ ]*: received bad JSON-RPC message: notification must have "method"\novsdb-client: transaction failed \(Protocol error\)\n$/,
    )
  })

  test('whatever it is, nothing is thrown', () => {
    const random = seeded(5)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const any = (depth: number): Json => {
      if (depth === 0 || random() < 0.3)
        return pick<Json>([null, true, 5, -1.5, 2n ** 63n, '', 'x', uuid, 'uuid', 'set'])
      const length = Math.floor(random() * 4)
      if (random() < 0.5) return Array.from({ length }, () => any(depth - 1))
      const names = ['T', 'x', 'rows', '_uuid', 'new', 'old', 'initial', '__proto__', 'error', 'name', 'tables']
      return Object.fromEntries(Array.from({ length }, () => [pick(names), any(depth - 1)]))
    }
    const lines = [
      'list-dbs',
      'get-schema',
      'dump',
      'backup',
      'monitor T',
      'monitor ALL',
      'monitor-cond [] T',
      'monitor-cond-since [] T',
      'lock l',
      `transact '["a"]'`,
      `query '["a",{}]'`,
      'wait a added',
      'get-schema unix:a,unix:b a',
    ]
    const methods =
      'list_dbs get_schema set_db_change_aware transact monitor monitor_cond monitor_cond_since lock'.split(' ')
    for (let i = 0; i < 3000; i++) {
      const script: Record<string, Said> = { ...schema }
      for (const method of methods) {
        if (random() < 0.6 && method in script) continue
        const result = any(5)
        const notes = [update('update', null, any(4)), update('update3', null, any(2), any(4)), update(pick(methods))]
        script[method] = pick<Said>([
          { result },
          { error: result },
          'hangs up',
          { text: [printJson({ id: Math.floor(random() * 4), result, error: null }), ...notes] },
          { text: [printJson(result), 'x', '{'] },
        ])
      }
      expect([staying, 0, 1]).toContain(talkWith(pick(lines), script).status)
    }
  })

  test('of a snapshot what is no whole database is refused', () => {
    const refused = (text: string): string => talk('restore', scripted(schema), text).stderr
    expect(refused('')).toBe('ovsdb-client: ovsdb error: /dev/stdin: cannot identify file type\n')
    expect(refused('garbage')).toBe('ovsdb-client: ovsdb error: /dev/stdin: unexpected file format\n')
  })
})

describe('in a lab', () => {
  const { run } = bench(programs)
  run('ovs-vsctl add-br br0 -- add-port br0 p1 tag=5 -- set bridge br0 fail_mode=secure')

  test.each([
    ['ovsdb-client list-dbs', 0, 'Open_vSwitch\n_Server\n'],
    ['ovsdb-client get-schema-version', 0, '8.3.1\n'],
    ['ovsdb-client dump Bridge name fail_mode', 0, 'Bridge table\nfail_mode name\n--------- ----\nsecure    br0\n'],
    ['ovsdb-client --bare dump Port name tag', 0, 'Port table\nbr0\n\n\np1\n5\n'],
    ['ovsdb-client -f csv --no-headings dump Port name', 0, 'Port table\nbr0\np1\n'],
    ['ovsdb-client dump nothing', 1, 'ovsdb-client: No table "nothing" found.\n'],
    ['ovsdb-client dump Bridge x', 1, 'ovsdb-client: Table "Bridge" has no column x.\n'],
    ['ovsdb-client transact \'["Open_vSwitch"]\'', 0, '[]\n'],
    [
      'ovsdb-client get-schema tcp:10.0.0.1:6640',
      1,
      'ovsdb-client: failed to connect to "tcp:10.0.0.1:6640" (No such file or directory)\n',
    ],
    ['ovsdb-client list-dbs foo', 1, "ovsdb-client: invalid syntax for 'list-dbs' (use --help for help)\n"],
    ['ovsdb-client', 1, 'ovsdb-client: missing command name; use --help for help\n'],
    ['ovsdb-client echo', 1, "ovsdb-client: unknown command 'echo'; use --help for help\n"],
    ['ovsdb-client wait Open_vSwitch nowhere', 1, 'ovsdb-client: nowhere: unknown state\n'],
    ['ovsdb-client -t0 list-dbs', 1, 'ovsdb-client: value 0 on -t or --timeout is invalid\n'],
    ['ovsdb-client --replay list-dbs', 1, 'ovsdb-client: replay files are not supported\n'],
    ['ovsdb-client -V', 0, 'ovsdb-client (Open vSwitch) 3.1.0\n'],
  ] as const)('%s', (line, status, printed) => {
    const { stdout, stderr, ...ended } = run(line)
    expect([ended.status, stdout + stderr]).toEqual([status, printed])
  })

  test('a backup brings back what was there', () => {
    const snapshot = run('ovsdb-client backup').stdout
    run('ovs-vsctl del-br br0')
    expect(run('ovsdb-client restore', snapshot)).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(run('ovs-vsctl list-ports br0').stdout).toBe('p1\n')
    expect(run('ovs-vsctl get port p1 tag').stdout).toBe('5\n')
    const other = snapshot.replaceAll('8.3.1', '8.3.2')
    expect(run('ovsdb-client restore', other).stderr).toMatch(/ should have hash /)
  })

  test('a monitor tells of what comes later', () => {
    const monitor = run('ovsdb-client monitor Bridge name,!initial')
    expect(monitor).toEqual({ stdout: '', stderr: '', status: -1 })
    run('ovs-vsctl add-br br1 -- del-br br0')
    expect(monitor.stdout).toMatch(/^row +action name\n-+ -+ -+\n.{36} (?:insert br1|delete br0)\n/)
  })
})
