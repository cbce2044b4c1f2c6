/**
 * `weft ovsdb-server` that is killed in the midst of its work, or has no room on its disk: what it answered for is there.
 * `CRASHES=200 TRANSACTIONS=50` (per crash) is the long form.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject, JsonStream, printJson } from '../../src/ovsdb/index.ts'
import { below, seeded } from '../../src/runtime/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

const crashes = Number(process.env.CRASHES ?? 4)
const transactions = Number(process.env.TRANSACTIONS ?? 50)
const random = seeded(Number(process.env.SEED ?? 1))

let weft: WeftCli
let folder: string
const children = new Set<ChildProcess>()
beforeAll(async () => {
  weft = await buildWeft()
  folder = mkdtempSync(join(tmpdir(), 'weft-crash-'))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  weft.close()
  rmSync(folder, { recursive: true, force: true })
})

const settle = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Whether someone listens: a socket's file is there a moment before. */
const accepts = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const controlOf = (file: string): string => `${file}.ctl`

/** Has the server write its file anew; whether it does is not waited for. */
const compact = (file: string): void => {
  const socket = connect(controlOf(file))
  socket.on('error', () => undefined)
  socket.end(printJson({ id: 0, method: 'ovsdb-server/compact', params: [] }))
}

/** A server in this process's group, on `FILE.sock`. */
const serve = async (file: string): Promise<ChildProcess> => {
  const [node = '', ...words] = weft.tool('ovsdb-server').split(' ')
  const args = [...words, file, `--remote=punix:${file}.sock`, `--unixctl=${controlOf(file)}`, '-vconsole:err']
  rmSync(`${file}.sock`, { force: true })
  const child = spawn(node, args, { stdio: 'ignore' })
  children.add(child)
  while (child.exitCode === null && !(await accepts(`${file}.sock`))) await settle(25)
  expect(child.exitCode).toBeNull()
  return child
}

const kill = (child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> =>
  new Promise(resolve => {
    children.delete(child)
    child.once('exit', () => resolve())
    child.kill(signal)
  })

class Client {
  private readonly socket: Socket
  private readonly stream = new JsonStream(1e9)
  private readonly answers = new Map<number, (answer: JsonObject | undefined) => void>()
  private next = 0
  private isOver = false

  constructor(path: string) {
    this.socket = connect(path)
    this.socket.on('data', bytes => {
      for (const value of this.stream.push(bytes).values) {
        if (isObject(value)) this.answers.get(Number(value.id))?.(value)
      }
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.isOver = true
      for (const answered of this.answers.values()) answered(undefined)
    })
  }

  /** Undefined if the server went before it answered. */
  transact(...operations: Json[]): Promise<JsonObject | undefined> {
    if (this.isOver) return Promise.resolve(undefined)
    const id = this.next++
    this.socket.write(printJson({ id, method: 'transact', params: ['Open_vSwitch', ...operations] }))
    return new Promise(resolve => this.answers.set(id, resolve))
  }

  close(): void {
    this.socket.destroy()
  }
}

const durable = { op: 'commit', durable: true }
const insertBridge = (name: string): JsonObject => ({ op: 'insert', table: 'Bridge', row: { name }, 'uuid-name': 'b' })
const refer = {
  op: 'mutate',
  table: 'Open_vSwitch',
  where: [],
  mutations: [['bridges', 'insert', ['named-uuid', 'b']]],
}
const select = { op: 'select', table: 'Bridge', where: [], columns: ['name'] }

const isDone = (answer: JsonObject | undefined): boolean =>
  Array.isArray(answer?.result) &&
  !answer.result.some(result => isObject(result ?? null) && 'error' in (result as JsonObject))

const names = (answer: JsonObject | undefined): string[] => {
  const [result] = Array.isArray(answer?.result) ? answer.result : []
  const rows = result !== undefined && isObject(result) && Array.isArray(result.rows) ? result.rows : []
  return rows.map(row => (isObject(row) ? String(row.name) : ''))
}

const create = (file: string): void => {
  execFileSync('ovsdb-tool', ['create', file, '/usr/share/openvswitch/vswitch.ovsschema'])
}
/** What a real tool finds in the file. It throws if it is not content with it. */
const namesInFile = (file: string): string[] => {
  const log = execFileSync('ovsdb-tool', ['show-log', file], { stdio: 'pipe', maxBuffer: 1e9 })
  expect(log.toString()).toMatch(/^record 0: "Open_vSwitch" schema/)
  const query = ['query', file, printJson(['Open_vSwitch', select])]
  const text = execFileSync('ovsdb-tool', query, { stdio: 'pipe', maxBuffer: 1e9 })
  return names({ result: JSON.parse(text.toString()) as Json })
}

test.runIf(hasOvs())(
  'killed at any point, it has what it answered for',
  { timeout: 120_000 + crashes * 10_000 },
  async () => {
    const file = join(folder, 'conf.db')
    create(file)
    const kept = new Set<string>()
    const asked = new Set<string>()
    /** What real tools find once a server has mended the file's end, which it does with its next commit. */
    const check = async (crash: number): Promise<void> => {
      const server = await serve(file)
      const client = new Client(`${file}.sock`)
      const name = `mended ${crash}`
      asked.add(name)
      expect(isDone(await client.transact(insertBridge(name), refer, durable))).toBe(true)
      kept.add(name)
      client.close()
      await kill(server, 'SIGTERM')
      const small = join(folder, `small.${crash}.db`)
      execFileSync('ovsdb-tool', ['compact', file, small], { stdio: 'pipe' })
      for (const each of [file, small]) {
        const present = new Set(namesInFile(each))
        expect([...kept].filter(name => !present.has(name))).toEqual([])
      }
      rmSync(small)
    }
    for (let crash = 0; crash < crashes; crash++) {
      const server = await serve(file)
      // It has the file locked until it is really gone.
      const gone = new Promise(resolve => server.once('exit', resolve))
      const clients = [0, 1, 2].map(() => new Client(`${file}.sock`))
      const answer = await clients[0]?.transact(select)
      expect(answer).toMatchObject({ error: null })
      const present = new Set(names(answer))
      expect([...kept].filter(name => !present.has(name))).toEqual([])
      expect([...present].filter(name => !asked.has(name))).toEqual([])
      if (crash === 0) await clients[0]?.transact({ op: 'insert', table: 'Open_vSwitch', row: {} }, durable)
      let count = 0
      const last = below(random, transactions)
      // Every fourth time it is killed while it writes its file anew, or soon after.
      const isCompacted = crash % 4 === 3
      const work = async (client: Client, number: number): Promise<void> => {
        for (let i = 0; ; i++) {
          const name = `${crash}.${number}.${i}`
          asked.add(name)
          const answer = await client.transact(insertBridge(name), refer, durable)
          if (answer === undefined) return
          if (isDone(answer)) kept.add(name)
          if (count++ !== last) continue
          if (isCompacted) compact(file)
          void settle(random() * (isCompacted ? 100 : 3)).then(() => server.kill('SIGKILL'))
        }
      }
      await Promise.all(clients.map(work))
      await gone
      children.delete(server)
      for (const client of clients) client.close()
      if (crash % 20 === 19) await check(crash)
    }
    await check(crashes)
    expect(kept.size).toBeGreaterThan(crashes)
  },
)

const mayMount = (): boolean => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.runIf(hasOvs() && mayMount())('on a full disk it says so, and loses nothing', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'none', disk])
  try {
    const file = join(disk, 'conf.db')
    create(file)
    const server = await serve(file)
    const client = new Client(`${file}.sock`)
    await client.transact({ op: 'insert', table: 'Open_vSwitch', row: {} }, durable)
    const kept: string[] = []
    let refused: JsonObject | undefined
    for (let i = 0; i < 500 && refused === undefined; i++) {
      const name = `${i}${'x'.repeat(1000)}`
      const answer = await client.transact(insertBridge(name), refer, durable)
      if (isDone(answer)) kept.push(name)
      else refused = answer
    }
    expect(printJson(refused as JsonObject)).toContain(
      `"details":"${file}: write failed","error":"I/O error","io-error":"No space left on device"`,
    )
    expect(kept.length).toBeGreaterThan(20)
    expect(names(await client.transact(select)).sort()).toEqual([...kept].sort())
    // What needs less than was left is still taken.
    expect(isDone(await client.transact(insertBridge('y'), refer, durable))).toBe(true)
    client.close()
    await kill(server)
    expect(namesInFile(file).sort()).toEqual([...kept, 'y'].sort())
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})
