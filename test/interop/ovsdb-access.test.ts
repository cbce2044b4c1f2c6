/** Who comes by TLS, with a role or to a remote that is read-only: `weft ovsdb-server` and ovsdb-server let them do the same. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JsonObject, printJson, schemaFromJson } from '../../src/ovsdb/index.ts'
import { freePort } from './controllers/controller.testing.ts'
import { hasOvs } from './ovs.testing.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

const text = { type: 'string' }
const texts = { type: { key: 'string', min: 0, max: 'unlimited' } }
const reference = (refTable: string) => ({ type: 'uuid', refTable })
const schema: JsonObject = {
  name: 'R',
  version: '1.0.0',
  tables: {
    Root: {
      isRoot: true,
      columns: { connections: { type: { key: reference('Connection'), min: 0, max: 'unlimited' } } },
    },
    Connection: {
      columns: { target: text, role: text, read_only: { type: { key: 'boolean', min: 0, max: 1 } } },
    },
    RBAC_Role: {
      isRoot: true,
      columns: {
        name: text,
        permissions: {
          type: {
            key: 'string',
            value: { ...reference('RBAC_Permission'), refType: 'weak' },
            min: 0,
            max: 'unlimited',
          },
        },
      },
    },
    RBAC_Permission: {
      isRoot: true,
      columns: { table: text, authorization: texts, insert_delete: { type: 'boolean' }, update: texts },
    },
    A: {
      isRoot: true,
      columns: {
        name: text,
        owner: { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } },
        x: { type: 'integer' },
        s: texts,
      },
    },
    B: { isRoot: true, columns: { name: text, x: { type: 'integer' } } },
  },
}

const insert = (table: string, row: JsonObject, name?: string): JsonObject => ({
  op: 'insert',
  table,
  row,
  ...(name !== undefined && { 'uuid-name': name }),
})
const where = (name?: string) => (name === undefined ? [] : [['name', '==', name]])
const update = (table: string, name: string | undefined, row: JsonObject): JsonObject => ({
  op: 'update',
  table,
  where: where(name),
  row,
})
const mutate = (table: string, name: string | undefined, ...mutations: (string | number)[][]): JsonObject => ({
  op: 'mutate',
  table,
  where: where(name),
  mutations,
})
const remove = (table: string, name?: string): JsonObject => ({ op: 'delete', table, where: where(name) })

const owned = (by: string): JsonObject => ({ name: 'z', owner: ['map', [['id', by]]] })
const operations: readonly JsonObject[] = [
  insert('A', { name: 'n' }),
  insert('A', { name: 'client' }),
  insert('A', owned('client')),
  insert('A', owned('other')),
  insert('A', { nope: 1 }),
  insert('B', { name: 'n' }),
  insert('Root', {}),
  update('A', 'client', { x: 9 }),
  update('A', 'client', {}),
  update('A', 'client', { name: 'q', x: 9 }),
  update('A', 'other', { x: 9 }),
  update('A', 'third', { x: 3 }),
  update('A', undefined, { x: 9 }),
  update('A', 'none', { name: 'q' }),
  update('B', undefined, { name: 'q', x: 7 }),
  update('Root', undefined, {}),
  mutate('A', 'client', ['x', '+=', 1]),
  mutate('A', 'client'),
  mutate('A', 'client', ['x', '+=', 1], ['s', 'insert', 'u']),
  mutate('A', 'third', ['x', '+=', 1]),
  mutate('A', 'none', ['s', 'insert', 'u']),
  mutate('B', undefined, ['x', '+=', 1]),
  mutate('Root', undefined),
  remove('A', 'client'),
  remove('A', 'third'),
  remove('A', 'none'),
  remove('A'),
  remove('B', 'none'),
  remove('B'),
  remove('Root'),
  remove('RBAC_Role'),
  { op: 'select', table: 'A', where: [], columns: ['name'], sort: ['name'] },
]

const permissions = [
  insert('RBAC_Permission', {
    table: 'A',
    authorization: ['set', ['name', 'owner:id']],
    insert_delete: true,
    update: ['set', ['x']],
  }),
  insert('RBAC_Permission', { table: 'B', authorization: '', insert_delete: false, update: ['set', ['x', 'name']] }),
].map((operation, i) => ({ ...operation, 'uuid-name': `p${i}` }))
const filling: readonly JsonObject[] = [
  ...permissions,
  insert('RBAC_Role', {
    name: 'some',
    permissions: [
      'map',
      [
        ['A', ['named-uuid', 'p0']],
        ['B', ['named-uuid', 'p1']],
      ],
    ],
  }),
  insert('A', { name: 'client', x: 1 }),
  insert('A', { name: 'other', owner: ['map', [['id', 'client']]], x: 2 }),
  insert('A', { name: 'third', x: 3 }),
  insert('B', { name: 'b', x: 3 }),
]

let weft: WeftCli
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  weft = await buildWeft()
  folder = mkdtempSync(join(tmpdir(), 'weft-access-'))
  writeFileSync(join(folder, 'schema'), printJson(schema))
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  for (const name of ['client', 'server']) {
    const words = `req -x509 ${key} -days 9 -keyout ${name}.key -out ${name}.pem -subj /O=x/CN=${name}`
    execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' })
  }
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  weft.close()
  rmSync(folder, { recursive: true, force: true })
})

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const keys = (own: string, other: string): string[] => ['-p', `${own}.key`, '-c', `${own}.pem`, '-C', `${other}.pem`]

const start = async (program: string, file: string, schemaFile: string, ...words: string[]): Promise<void> => {
  execFileSync('ovsdb-tool', ['create', file, schemaFile], { cwd: folder })
  const [command = '', ...before] = program.split(' ')
  const args = [...before, file, `--remote=punix:${join(folder, file)}.sock`, ...keys('server', 'client'), ...words]
  children.push(spawn(command, [...args, '--unixctl=none', '-vconsole:off'], { cwd: folder, stdio: 'ignore' }))
  for (let i = 0; i < 1000 && !existsSync(join(folder, `${file}.sock`)); i++) await later(20)
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const run = (program: string, ...words: string[]): string => {
  const { stdout, stderr, status } = spawnSync(program, words, { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  return `${status} ${stdout}${stderr}`.replace(uuid, 'UUID').replaceAll(/ours|theirs/g, 'NAME')
}
const client = (...words: string[]): string => run('ovsdb-client', ...keys('client', 'server'), ...words)
const transaction = (...list: JsonObject[]): string => printJson(['R', ...list])

/** All that clients of four remotes are told. */
const told = async (program: string, name: string): Promise<string[]> => {
  await start(program, name, 'schema', '--remote=db:R,Root,connections')
  const ports = await Promise.all([1, 2, 3, 4].map(() => freePort()))
  const rows = [{ role: 'some' }, { role: 'some' }, { role: 'none' }, { read_only: true }]
  const targets = ports.map((port, i) => `${i === 0 ? 'ssl' : 'tcp'}:127.0.0.1:${port}`)
  const connections = rows.map((row, i) =>
    insert('Connection', { ...row, target: `p${i === 0 ? 'ssl' : 'tcp'}:${ports[i]}:127.0.0.1` }, `c${i}`),
  )
  const root = insert('Root', { connections: ['set', rows.map((_, i) => ['named-uuid', `c${i}`])] })
  const lines = [client('transact', `unix:${join(folder, name)}.sock`, transaction(...filling, ...connections, root))]
  await later(500)
  for (const [i, target] of targets.entries()) {
    // Without a certificate nothing depends on the rows.
    const chosen = i === 0 ? operations : operations.filter((_, at) => at % 4 === i)
    for (const operation of chosen) {
      const request = transaction(operation, { op: 'abort' })
      lines.push(`${i} ${request}: ${client('transact', target, request)}`)
    }
    if (i < 3) lines.push(client('convert', target, 'schema').replace(/^.*transaction/m, ''))
  }
  return lines
}

test.runIf(hasOvs())('a role, and a remote that is read-only, allow the same', async () => {
  expect(schemaFromJson(schema)).toMatchObject({ name: 'R' })
  const theirs = await told('ovsdb-server', 'theirs')
  expect(theirs.filter(line => line.includes('permission error')).length).toBeGreaterThan(20)
  expect(await told(weft.tool('ovsdb-server'), 'ours')).toEqual(theirs)
})

test.runIf(hasOvs())('ovs-vsctl configures by TLS; a stranger does not', async () => {
  const seen = async (program: string, name: string): Promise<string[]> => {
    const port = await freePort()
    const schemaFile = '/usr/share/openvswitch/vswitch.ovsschema'
    await start(program, name, schemaFile, `--remote=pssl:${port}:127.0.0.1`)
    const vsctl = (own: string, ...words: string[]): string =>
      run('ovs-vsctl', ...keys(own, 'server'), '-t', '5', '--no-wait', `--db=ssl:127.0.0.1:${port}`, ...words)
    return [
      vsctl('client', 'add-br', 'br0', '--', 'add-port', 'br0', 'p1'),
      vsctl('client', 'show').split('\n').sort().join('\n'),
      vsctl('client', 'del-br', 'nope'),
      vsctl('server', 'show').slice(0, 2),
    ]
  }
  const theirs = await seen('ovsdb-server', 'theirs-tls')
  expect(theirs[0]).toBe('0 ')
  expect(await seen(weft.tool('ovsdb-server'), 'ours-tls')).toEqual(theirs)
})
