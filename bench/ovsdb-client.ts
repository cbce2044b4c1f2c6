/** Clients of a database that add ports, each the next one when the last is there: what `bench/ovsdb.ts` measures servers with. */
import { connect, type Socket } from 'node:net'
import { isObject, type Json, JsonStream, printJson } from '../src/ovsdb/index.ts'

const answerOf = (socket: Socket): ((text: string) => Promise<Json>) => {
  const stream = new JsonStream(1e9)
  let answered: (value: Json) => void = () => undefined
  socket.on('data', bytes => {
    for (const value of stream.push(bytes).values) answered(value)
  })
  return text => {
    socket.write(text)
    return new Promise(resolve => {
      answered = resolve
    })
  }
}

const transact = (operations: Json[]): string =>
  printJson({ id: 0, method: 'transact', params: ['Open_vSwitch', ...operations] })

const addPort = (name: string, durable: boolean): string =>
  transact([
    { op: 'insert', table: 'Interface', row: { name }, 'uuid-name': 'i' },
    { op: 'insert', table: 'Port', row: { name, interfaces: ['named-uuid', 'i'] }, 'uuid-name': 'p' },
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['name', '==', 'br0']],
      mutations: [['ports', 'insert', ['named-uuid', 'p']]],
    },
    { op: 'commit', durable },
  ])

const addBridge = transact([
  { op: 'insert', table: 'Bridge', row: { name: 'br0' }, 'uuid-name': 'b' },
  { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['named-uuid', 'b'] } },
])

const isDone = (answer: Json): boolean =>
  isObject(answer) &&
  Array.isArray(answer.result) &&
  !answer.result.some(result => result !== null && isObject(result) && 'error' in result)

/** Adds `count` ports by so many clients, who wait until they are on the disk if they are to be `durable`; gives the exit status. */
export const ovsdbClient = async (path: string, count: number, clients: number, durable: boolean): Promise<number> => {
  const sockets = Array.from({ length: clients }, () => connect(path))
  const asks = sockets.map(answerOf)
  const [first] = asks
  if (first === undefined || !isDone(await first(addBridge))) return 1
  let next = 0
  let done = 0
  const work = async (ask: (text: string) => Promise<Json>): Promise<void> => {
    while (next < count) if (isDone(await ask(addPort(`p${next++}`, durable)))) done++
  }
  await Promise.all(asks.map(work))
  for (const socket of sockets) socket.destroy()
  return done === count ? 0 : 1
}
