/** Clients of a database that add ports, each the next one when the last is there: what `bench/ovsdb.ts` measures servers with. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { isObject, type Json, JsonStream, printJson } from '../src/ovsdb/index.ts'
import { median } from './harness.ts'

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

/** Ports in one bridge, before the next gets them: a switch may well have so many. */
const portsOfBridge = 5000
const bridgeOf = (port: number): string => `br${Math.floor(port / portsOfBridge)}`

const addPort = (name: string, bridge: string, durable: boolean): string =>
  transact([
    { op: 'insert', table: 'Interface', row: { name }, 'uuid-name': 'i' },
    { op: 'insert', table: 'Port', row: { name, interfaces: ['named-uuid', 'i'] }, 'uuid-name': 'p' },
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['name', '==', bridge]],
      mutations: [['ports', 'insert', ['named-uuid', 'p']]],
    },
    { op: 'commit', durable },
  ])

/** The bridges for so many ports. */
const addBridges = (count: number): string => {
  const names = Array.from({ length: Math.ceil(count / portsOfBridge) }, (_, i) => bridgeOf(i * portsOfBridge))
  const bridges = names.map((_, i) => ['named-uuid', `b${i}`])
  return transact([
    ...names.map((name, i) => ({ op: 'insert', table: 'Bridge', row: { name }, 'uuid-name': `b${i}` })),
    { op: 'insert', table: 'Open_vSwitch', row: { bridges: ['set', bridges] } },
  ])
}

const isDone = (answer: Json): boolean =>
  isObject(answer) &&
  Array.isArray(answer.result) &&
  !answer.result.some(result => result !== null && isObject(result) && 'error' in result)

/** Clients of one server that add ports. */
type Adders = {
  /** Adds so many more; how many could not be added. */
  add(count: number): Promise<number>
  close(): void
}

/** So many clients, for `most` ports; they wait until each is on the disk if they are to be `durable`. */
const openAdders = async (path: string, most: number, clients: number, durable: boolean): Promise<Adders> => {
  const sockets = Array.from({ length: clients }, () => connect(path))
  const asks = sockets.map(answerOf)
  const [first] = asks
  if (first === undefined || !isDone(await first(addBridges(most)))) throw new Error('no bridges')
  let next = 0
  return {
    async add(count) {
      const until = next + count
      let failed = 0
      const work = async (ask: (text: string) => Promise<Json>): Promise<void> => {
        while (next < until) {
          const port = next++
          if (!isDone(await ask(addPort(`p${port}`, bridgeOf(port), durable)))) failed++
        }
      }
      await Promise.all(asks.map(work))
      return failed
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Seconds in which a process had a processor; the ticks of its clock are hundredths. */
export const processorTime = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Fills a database: `SOCKET COUNT CLIENTS`. Gives the exit status. */
export const ovsdbFill = async ([path = '', count, clients]: string[]): Promise<number> => {
  const adders = await openAdders(path, Number(count), Number(clients), false)
  const failed = await adders.add(Number(count))
  adders.close()
  return failed === 0 ? 0 : 1
}

/** Ports that are added to one server before it is the other's turn: what else the machine and its disk do slows both alike. */
const turn = 100

/**
 * Races servers: `COUNT CLIENTS EARLY`, then `SOCKET PID` of each. Prints a line for each: the seconds that a turn of durable
 * commits took, the median of those after the early ones, and those of its processor that all of them took.
 */
export const ovsdbRace = async ([count = '', clients, early, ...servers]: string[]): Promise<number> => {
  const most = Number(early) + Number(count)
  const racers: { adders: Adders; pid: number; walls: number[] }[] = []
  for (let i = 0; i < servers.length; i += 2) {
    const adders = await openAdders(servers[i] as string, most, Number(clients), true)
    racers.push({ adders, pid: Number(servers[i + 1]), walls: [] })
  }
  let failed = 0
  for (const { adders } of racers) failed += await adders.add(Number(early))
  const began = racers.map(({ pid }) => processorTime(pid))
  for (let done = 0; done < Number(count); done += turn) {
    for (const { adders, walls } of racers) {
      const start = performance.now()
      failed += await adders.add(turn)
      walls.push((performance.now() - start) / 1000)
    }
  }
  for (const [i, { adders, pid, walls }] of racers.entries()) {
    process.stdout.write(`${median(walls)} ${processorTime(pid) - (began[i] ?? 0)}\n`)
    adders.close()
  }
  return failed === 0 ? 0 : 1
}
