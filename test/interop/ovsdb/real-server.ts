import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Json, type JsonObject, JsonStream, printJson, schemaToJson } from '../../../src/ovsdb/index.ts'
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts'

/** An `ovsdb-server` of Open vSwitch with these databases, in a folder of its own. */
export type RealServer = {
  path: string
  client(): Promise<JsonClient>
  addDatabase(schema: DatabaseSchema): void
  /** Also if it has ended by itself. */
  stop(): void
}

export const startServer = (schemas: readonly DatabaseSchema[]): RealServer => {
  const dir = mkdtempSync(join(tmpdir(), 'weft-ovsdb-'))
  const env = { ...process.env, OVS_RUNDIR: dir, OVS_LOGDIR: dir, OVS_DBDIR: dir }
  const create = (schema: DatabaseSchema): string => {
    writeFileSync(`${dir}/schema`, printJson(schemaToJson(schema)))
    const file = `${dir}/${schema.name}.db`
    execFileSync('ovsdb-tool', ['create', file, `${dir}/schema`], { env, stdio: 'pipe' })
    return file
  }
  const files = schemas.map(create)
  const path = `${dir}/db.sock`
  const daemon = ['--detach', `--pidfile=${dir}/pid`, `--log-file=${dir}/log`, '-vconsole:off', `--unixctl=${dir}/ctl`]
  execFileSync('ovsdb-server', [...files, `--remote=punix:${path}`, ...daemon], { env, stdio: 'pipe' })
  return {
    path,
    client: () => JsonClient.open(path),
    addDatabase(schema) {
      const args = ['-t', `${dir}/ctl`, 'ovsdb-server/add-db', create(schema)]
      execFileSync('ovs-appctl', args, { env, stdio: 'pipe' })
    },
    stop() {
      try {
        process.kill(Number(readFileSync(`${dir}/pid`, 'utf8')))
      } catch {
        // It has ended.
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Messages over a unix socket, as they are. */
export class JsonClient {
  private readonly socket: Socket
  private readonly stream = new JsonStream(1e9)
  private readonly waiting = new Map<number, (message: JsonObject) => void>()
  private next = 0
  /** What came without being an answer. */
  readonly notes: JsonObject[] = []
  closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', bytes => {
      for (const value of this.stream.push(bytes).values) this.take(value as JsonObject)
    })
    socket.on('close', () => {
      this.closed = true
      for (const answer of this.waiting.values()) answer({ closed: true })
    })
    socket.on('error', () => undefined)
  }

  static open(path: string): Promise<JsonClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new JsonClient(socket)))
      socket.once('error', reject)
    })
  }

  private take(message: JsonObject): void {
    const answer = 'method' in message ? undefined : this.waiting.get(Number(message.id))
    if (answer === undefined) this.notes.push(message)
    else {
      this.waiting.delete(Number(message.id))
      answer(message)
    }
  }

  send(message: Json): void {
    this.socket.write(printJson(message))
  }

  /** The whole reply. */
  request(method: string, params: Json): Promise<JsonObject> {
    if (this.closed) return Promise.resolve({ closed: true })
    const id = this.next++
    return new Promise(resolve => {
      this.waiting.set(id, resolve)
      this.send({ id, method, params })
    })
  }

  close(): void {
    this.closed = true
    this.socket.destroy()
  }
}
