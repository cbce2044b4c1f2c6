import { expect, test } from 'vitest'
import { duplexPair, fromUtf8, seeded, utf8, VirtualClock } from '../runtime/index.ts'
import { type Holder, Ledger } from './ledger.ts'
import { Service } from './serve.ts'
import { Server } from './server.ts'

const holders = (): { make: (name: string, weight: number) => Holder & { weight: number }; dropped: string[] } => {
  const dropped: string[] = []
  const make = (name: string, weight: number) => ({
    weight,
    drop(): void {
      dropped.push(name)
      this.weight = 0
    },
  })
  return { make, dropped }
}

test('who holds most drops it when all together hold too much, and the others keep theirs', () => {
  const ledger = new Ledger(100)
  const { make, dropped } = holders()
  const [small, large, late] = [make('small', 20), make('large', 70), make('late', 10)]
  for (const holder of [small, large, late]) ledger.note(holder)
  expect(dropped).toEqual([])
  late.weight = 11
  ledger.note(late)
  expect(dropped).toEqual(['large'])
  ledger.note(small, 90)
  expect(dropped).toEqual(['large'])
  small.weight = 90
  ledger.note(small)
  expect(dropped).toEqual(['large', 'small'])
})

test('what was given back meanwhile does not count', () => {
  const ledger = new Ledger(100)
  const { make, dropped } = holders()
  const [first, second] = [make('first', 90), make('second', 90)]
  ledger.note(first)
  first.weight = 5
  ledger.note(second)
  expect(dropped).toEqual([])
})

test('of many holders those that hold nothing any more are forgotten', () => {
  const ledger = new Ledger(1e9)
  const { make } = holders()
  let looks = 0
  const gone = {
    get weight() {
      looks++
      return looks === 1 ? 1 : 0
    },
    drop: () => undefined,
  }
  ledger.note(gone)
  for (let i = 0; i < 5000; i++) ledger.note(make(`${i}`, 1))
  // Once when it was told of, once when there were many.
  expect(looks).toBe(2)
})

/** A server whose clients may together hold `room` bytes, and what became of each. */
const serve = (room: number) => {
  const service = new Service(new Server(new VirtualClock(), seeded(1)), room)
  const ends: string[] = []
  const connect = (name: string) => {
    const [client, side] = duplexPair(1e9)
    service.accept(side, {}, why => ends.push(`${name}: ${why}`))
    return client
  }
  return { connect, ends }
}
const why = 'too much waits to be read or sent, disconnecting'

test('of clients who send messages without end the one that sent most goes, and others are answered', () => {
  const { connect, ends } = serve(1e6)
  const [endless, busy] = [connect('endless'), connect('busy')]
  const piece = utf8('x'.repeat(100_000))
  for (const client of [endless, busy]) client.output.offer(utf8('{"id":"'))
  for (let i = 0; i < 4; i++) endless.output.offer(piece)
  expect(ends).toEqual([])
  for (let i = 0; i < 3; i++) busy.output.offer(piece)
  endless.output.offer(piece)
  busy.output.offer(piece)
  expect(ends).toEqual([`endless: ${why}`])
  busy.output.offer(utf8('","method":"echo","params":[]}'))
  expect(busy.input.size).toBeGreaterThan(400_000)
})

test('of clients who do not read the one that asked most goes', () => {
  const { connect, ends } = serve(1e5)
  const [deaf, small] = [connect('deaf'), connect('small')]
  small.output.offer(utf8('{"id":1,"method":"echo","params":["y"]}'))
  const ask = utf8(`{"id":1,"method":"echo","params":["${'x'.repeat(20_000)}"]}`)
  for (let i = 0; i < 10; i++) deaf.output.offer(ask)
  expect(ends).toEqual([`deaf: ${why}`])
  expect(fromUtf8(small.input.take())).toBe('{"id":1,"result":["y"],"error":null}')
})

test('a wait that is asked for again and again', () => {
  const { connect, ends } = serve(1e5)
  const client = connect('waiting')
  const rows = [{ name: 'z'.repeat(1000) }]
  const wait = { op: 'wait', table: 'Database', where: [], columns: ['name'], until: '==', rows }
  for (let id = 0; id < 200; id++) {
    client.output.offer(utf8(JSON.stringify({ id, method: 'transact', params: ['_Server', wait] })))
  }
  expect(ends).toEqual([`waiting: ${why}`])
})
