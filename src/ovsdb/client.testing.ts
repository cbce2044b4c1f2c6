import { type Duplex, duplexPair, seeded, VirtualClock } from '../runtime/index.ts'
import type { Dial } from './client/connection.ts'
import { Client, type ClientOptions } from './client.ts'
import { map, one, optional, set } from './column.ts'
import { Database } from './database.ts'
import type { Datum } from './datum.ts'
import type { DatabaseSchema } from './schema.ts'
import { Service } from './serve.ts'
import { type DatabaseOptions, Server } from './server.ts'

export const treeSchema: DatabaseSchema = {
  name: 'T',
  version: '1.0.0',
  tables: {
    Root: {
      root: true,
      maxRows: 1,
      columns: {
        count: one({ type: 'integer' }),
        children: set({ type: 'uuid', table: 'Node' }),
        notes: map({ type: 'string' }, { type: 'string' }),
      },
    },
    Node: {
      indexes: [['name']],
      columns: {
        name: one({ type: 'string' }),
        size: optional({ type: 'integer' }),
        words: set({ type: 'string' }),
        notes: map({ type: 'string' }, { type: 'integer' }),
        friends: set({ type: 'uuid', table: 'Node', weak: true }),
      },
    },
  },
}

/** A server in this process, clients of it, and a knife for their connections. */
export class ClientWorld {
  readonly clock = new VirtualClock()
  readonly server: Server
  readonly database: Database
  private readonly service: Service
  private readonly streams = new Set<Duplex>()
  private seed = 100
  /** What is done to the bytes of clients on their way, if anything: older servers know fewer methods. */
  unknownMethods: readonly string[] = []
  refuses = false
  dialled: string[] = []

  constructor(options: DatabaseOptions = {}, schema = treeSchema) {
    this.server = new Server(this.clock, seeded(1))
    this.database = new Database(schema, seeded(2))
    this.server.add(this.database, options)
    this.service = new Service(this.server)
  }

  readonly dial: Dial = (remote, done) => {
    this.dialled.push(remote)
    if (this.refuses) {
      done('Connection refused')
      return () => undefined
    }
    const [near, far] = duplexPair()
    this.service.accept(this.older(far))
    this.streams.add(far)
    done(near)
    return () => undefined
  }

  client(options: Partial<ClientOptions> = {}): Client {
    const client = new Client({
      clock: this.clock,
      random: seeded(this.seed++),
      dial: this.dial,
      remotes: ['unix:db.sock'],
      schema: treeSchema,
      ...options,
    })
    client.start()
    return client
  }

  /** Ends all connections. */
  cut(): void {
    const streams = [...this.streams]
    this.streams.clear()
    for (const stream of streams) stream.close()
  }

  rows(table: string): Record<string, Record<string, Datum>> {
    return contents(
      [...(this.database.tables.get(table)?.rows.values() ?? [])].map(({ uuid, values, table: { columns } }) => ({
        uuid,
        columns: Object.fromEntries(
          columns.filter(({ name }) => !name.startsWith('_')).map(({ name, index }) => [name, values[index] as Datum]),
        ),
      })),
    )
  }

  private older(duplex: Duplex): Duplex {
    if (this.unknownMethods.length === 0) return duplex
    const { input } = duplex
    const take = input.take.bind(input)
    const blot = (bytes: Uint8Array): Uint8Array => {
      let text = new TextDecoder().decode(bytes)
      for (const method of this.unknownMethods) text = text.replaceAll(`"${method}"`, `"no_${method}"`)
      return new TextEncoder().encode(text)
    }
    return Object.assign(duplex, { input: Object.assign(input, { take: (most?: number) => blot(take(most)) }) })
  }
}

/** Rows by UUID, with columns to be compared by content. */
export const contents = (
  rows: readonly { uuid: string; columns: Readonly<Record<string, Datum>> }[],
): Record<string, Record<string, Datum>> =>
  Object.fromEntries(
    [...rows]
      .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
      .map(({ uuid, columns }) => [
        uuid,
        Object.fromEntries(
          Object.entries(columns).map(([name, { keys, values }]) => [
            name,
            values === undefined ? { keys: [...keys] } : { keys: [...keys], values: [...values] },
          ]),
        ),
      ]),
  )
