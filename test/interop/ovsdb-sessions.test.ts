import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Database, isObject, type Json, JsonStream, printJson, Server, type Session } from '../../src/ovsdb/index.ts'
import { seeded, utf8, VirtualClock } from '../../src/runtime/index.ts'
import { hasOvs } from './ovs.testing.ts'
import { canonical } from './ovsdb/compare.ts'
import { startServer } from './ovsdb/real-server.ts'
import { type Script, scriptSchema, scripts } from './ovsdb/session-scripts.ts'
import { later, until } from './waiting.testing.ts'

/** ms of a clock of our own, in which a wait of 20 ms ends. */
const settle = 80

/** What each client got after each line, with `closed` at its end. */
type Heard = Record<string, Json[]>[]

type Client = { socket: Socket; heard: Json[] }

const dial = (path: string): Promise<Client> =>
  new Promise(resolve => {
    const made = { socket: connect(path, () => resolve(made)), heard: [] as Json[] }
    const stream = new JsonStream(1e9)
    made.socket.on('data', bytes => made.heard.push(...stream.push(bytes).values))
    made.socket.on('close', () => made.heard.push('closed'))
    made.socket.on('error', () => undefined)
  })

/** As much as is `expected` is waited for, and so long that the server has taken what it was told. */
const playReal = async (script: Script, expected: Heard): Promise<Heard> => {
  const server = startServer([scriptSchema])
  const clients = new Map<string, Client>()
  const other = await dial(server.path)
  /** What came to the server before has been read when it answers who asks later. */
  const answered = async (method = 'echo', params = '[]'): Promise<void> => {
    other.socket.write(`{"id":0,"method":"${method}","params":${params}}`)
    await until(() => other.heard.splice(0).length > 0, `an answer to ${method}`)
  }
  // It is not sent away when a database changes its schema.
  await answered('set_db_change_aware', '[true]')
  const all: Heard = []
  try {
    for (const [name, message] of script) {
      const client = clients.get(name) ?? (await dial(server.path))
      clients.set(name, client)
      client.socket.write(message)
      for (let round = 0; round < 3; round++) await answered()
      const wanted = Object.entries(expected[all.length] ?? {})
      const end = Date.now() + patience
      while (wanted.some(([each, list]) => (clients.get(each)?.heard.length ?? 0) < list.length) && Date.now() < end)
        await later(5)
      all.push(Object.fromEntries([...clients].map(([each, { heard }]) => [each, heard.splice(0)])))
    }
  } finally {
    for (const { socket } of [other, ...clients.values()]) socket.removeAllListeners('close').destroy()
    server.stop()
  }
  return all
}

/** How long is waited for what we tell our clients, ms. */
const patience = 20_000

const playOurs = (script: Script): Heard => {
  const random = seeded(1)
  const clock = new VirtualClock()
  const server = new Server(clock, random)
  server.add(new Database(scriptSchema, random))
  const clients = new Map<string, { session: Session; stream: JsonStream; told: boolean }>()
  const all: Heard = []
  for (const [name, message] of script) {
    const client = clients.get(name) ?? { session: server.connect(), stream: new JsonStream(1e9), told: false }
    clients.set(name, client)
    client.session.receive(utf8(message))
    clock.runUntil(clock.now() + settle * 1e6)
    const heard: Record<string, Json[]> = {}
    for (const [each, state] of clients) {
      const texts: string[] = []
      for (let text = state.session.take(); text !== ''; text = state.session.take()) texts.push(text)
      heard[each] = state.stream.push(utf8(texts.join(''))).values
      if (state.session.ended === undefined || state.told) continue
      state.told = true
      heard[each].push('closed')
    }
    all.push(heard)
  }
  return all
}

/** UUIDs are anyone's, rows told of by UUID come in any order. */
const comparable = (json: Json): Json => {
  if (typeof json === 'string') return json.replace(uuids, '?').replace(/after [0-9]+ ms/, 'after ? ms')
  if (Array.isArray(json)) return json.map(comparable)
  if (!isObject(json)) return json
  const entries = Object.entries(json)
  if (entries.length > 0 && entries.every(([name]) => name.match(uuids))) {
    return entries.map(([, value]) => printJson(comparable(value), true)).sort()
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, comparable(value)]))
}
const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Monitors of one client are told in the order of a hash. */
const inOrder = (texts: string[]): string[] => {
  const updates = texts.filter(text => text.includes('"method":"update')).sort()
  return texts.map(text => (text.includes('"method":"update') ? (updates.shift() as string) : text))
}

const lines = (script: Script, heard: Heard): string[] =>
  script.flatMap(([name, message], i) => [
    `${name}: ${message}`,
    ...Object.entries(heard[i] ?? {}).flatMap(([client, messages]) =>
      inOrder(messages.map(each => `   ${client} hears ${printJson(comparable(canonical(each)), true)}`)),
    ),
  ])

for (const [name, script] of Object.entries(scripts)) {
  test.runIf(hasOvs())(`${name}: clients hear what they hear from ovsdb-server`, async () => {
    const ours = playOurs(script)
    expect(lines(script, ours)).toEqual(lines(script, await playReal(script, ours)))
  })
}
