/** Clients of a database that add ports, each the next one when the last is there: what `bench/ovsdb.ts` measures servers with. */
import { readFileSync } from 'node:fs'
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

/**
 * Adds `count` ports by so many clients, who wait until they are on the disk if they are to be `durable`; the first `early`
 * of them before `warm` is called. Gives the exit status.
 */
export const ovsdbClient = async (
  path: string,
  count: number,
  clients: number,
  durable: boolean,
  early = 0,
  warm: () => void = () => undefined,
): Promise<number> => {
  const sockets = Array.from({ length: clients }, () => connect(path))
  const asks = sockets.map(answerOf)
  const [first] = asks
  if (first === undefined || !isDone(await first(addBridges(count)))) return 1
  let next = 0
  let done = 0
  const work = async (ask: (text: string) => Promise<Json>, until: number): Promise<void> => {
    while (next < until) {
      const port = next++
      if (isDone(await ask(addPort(`p${port}`, bridgeOf(port), durable)))) done++
    }
  }
  const all = (until: number): Promise<unknown> => Promise.all(asks.map(ask => work(ask, until)))
  await all(early)
  warm()
  await all(count)
  for (const socket of sockets) socket.destroy()
  return done === count ? 0 : 1
}

/** Seconds in which a process had a processor; the ticks of its clock are hundredths. */
export const processorTime = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/**
 * What the bench asks of a process of its own: `SOCKET COUNT CLIENTS EARLY PID`. Prints the seconds that the commits after
 * the early ones took, all durable, and those of the server's processor; without EARLY nothing, and none is durable.
 */
export const ovsdbCommits = async ([path = '', count, clients, early, pid]: string[]): Promise<number> => {
  if (early === undefined) return ovsdbClient(path, Number(count), Number(clients), false)
  let began = [0, 0]
  const times = (): number[] => [performance.now() / 1000, processorTime(Number(pid))]
  const status = await ovsdbClient(path, Number(count), Number(clients), true, Number(early), () => {
    began = times()
  })
  process.stdout.write(
    `${times()
      .map((time, i) => time - (began[i] ?? 0))
      .join(' ')}\n`,
  )
  return status
}
