import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { duplexPair, second } from '../runtime/index.ts'
import type { Dial } from './client/connection.ts'
import type { Changes } from './client/replica.ts'
import type { Row } from './client/row.ts'
import { ClientWorld, contents, treeSchema } from './client.testing.ts'
import type { Client } from './client.ts'
import { mapOf, setOf } from './datum.ts'

const rootOf = (client: Client) => client.rows('Root')[0]!
const plant = (client: Client): void => {
  const transaction = client.transaction()
  transaction.insert('Root')
  transaction.commit()
  expect(transaction.status).toBe('success')
}
const addNode = (client: Client, name: string): string => {
  const transaction = client.transaction()
  const node = transaction.insert('Node', { name: setOf(name) })
  transaction.mutate(rootOf(client), 'children', 'insert', setOf(node))
  transaction.commit()
  expect(transaction.status).toBe('success')
  return transaction.realUuid(node)!
}
const agrees = (client: Client, world: ClientWorld): void => {
  for (const table of ['Root', 'Node']) expect(contents(client.rows(table))).toEqual(world.rows(table))
}

test('a row is found by a value as a look at all rows finds it, whatever a transaction has done', () => {
  const name = fc.constantFrom('', 'a', 'b', 'c')
  const step = fc.record({ kind: fc.constantFrom('insert', 'rename', 'resize', 'remove'), name, at: fc.nat(9) })
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.array(step, { maxLength: 30 }), (planted, steps) => {
      const world = new ClientWorld()
      const client = world.client()
      plant(client)
      for (const each of planted) addNode(client, each)
      const transaction = client.transaction()
      for (const { kind, name, at } of steps) {
        const rows = transaction.rows('Node')
        const row = rows[at % Math.max(rows.length, 1)]
        if (kind === 'insert') transaction.insert('Node', { name: setOf(name) })
        else if (kind === 'rename' && row !== undefined) transaction.update(row, { name: setOf(name) })
        else if (kind === 'resize' && row !== undefined) transaction.update(row, { size: setOf(at) })
        else if (row !== undefined) transaction.remove(row)
        for (const [column, text] of [
          ['name', name],
          ['size', String(at)],
          ['size', ''],
        ] as const)
          for (const all of [transaction, client])
            expect(all.rowWith('Node', column, text)).toBe(
              all.rows('Node').find(({ columns }) => String(columns[column]?.keys[0] ?? '') === text),
            )
      }
      expect(transaction.isEmpty).toBe(
        planted.length === transaction.rows('Node').length &&
          transaction.rows('Node').every(node => client.row('Node', node.uuid) === node || unchanged(client, node)),
      )
    }),
  )
})

const unchanged = (client: Client, node: Row): boolean =>
  JSON.stringify(client.row('Node', node.uuid)) === JSON.stringify(node)

describe('a replica', () => {
  test('is synced when start returns, in one process', () => {
    const world = new ClientWorld()
    const client = world.client()
    expect(client.isSynced).toBe(true)
    expect(client.isFollowing).toBe(true)
    expect(world.clock.pending).toBe(0)
  })

  test('takes a server that it knows as it is', () => {
    const world = new ClientWorld()
    const client = world.client({ isKnownServer: true, lock: 'L' })
    plant(client)
    addNode(client, 'n1')
    agrees(client, world)
    world.cut()
    world.clock.runUntil(second)
    addNode(client, 'n2')
    agrees(client, world)
  })

  test('tells of each commit once, with rows as they were and are', () => {
    const world = new ClientWorld()
    const [one, two] = [world.client(), world.client()]
    plant(one)
    const told: Changes[] = []
    two.watch(changes => told.push(changes))
    const uuid = addNode(one, 'n1')
    expect(told).toHaveLength(1)
    expect(told[0]!.get(uuid)).toMatchObject({ old: undefined, now: { columns: { name: { keys: ['n1'] } } } })
    expect(told[0]!.get(rootOf(two).uuid)!.old!.columns.children).toEqual(setOf())
    expect(rootOf(two).columns.children).toEqual(setOf(uuid))
  })

  test('has only columns that were asked for, and of those the server lacks the default', () => {
    const { Root, Node } = treeSchema.tables
    const { size: _, ...columns } = Node!.columns
    const old = { ...treeSchema, tables: { Root: Root!, Node: { ...Node!, columns } } }
    const world = new ClientWorld({}, old)
    const client = world.client({ tables: { Root: 'all', Node: ['name', 'size'] } })
    plant(client)
    const uuid = addNode(client, 'n1')
    expect(client.row('Node', uuid)!.columns).toEqual({ name: setOf('n1'), size: setOf() })
    const transaction = client.transaction()
    transaction.update(client.row('Node', uuid)!, { size: setOf(5) })
    transaction.commit()
    expect(transaction.status).toBe('unchanged')
    expect(client.row('Node', uuid)!.columns.size).toEqual(setOf())
  })

  test.each([[['monitor_cond_since']], [['monitor_cond_since', 'monitor_cond']]])(
    'follows a server that does not know %s',
    unknown => {
      const world = new ClientWorld()
      const writer = world.client()
      plant(writer)
      world.unknownMethods = unknown
      const client = world.client()
      const uuid = addNode(writer, 'n1')
      const transaction = writer.transaction()
      transaction.update(writer.row('Node', uuid)!, { words: setOf('a', 'b') })
      transaction.commit()
      addNode(writer, 'n2')
      agrees(client, world)
    },
  )

  test('stays while the server is away, and is told of what differs when it is back', () => {
    const world = new ClientWorld()
    const [one, two] = [world.client(), world.client()]
    plant(one)
    const kept = addNode(one, 'kept')
    addNode(one, 'gone')
    world.cut()
    expect(two.isFollowing).toBe(false)
    expect(two.rows('Node')).toHaveLength(2)
    world.clock.runUntil(second)
    const told: Changes[] = []
    expect(two.isFollowing).toBe(true)
    world.cut()
    world.refuses = true
    two.watch(changes => told.push(changes))
    world.clock.runUntil(4 * second)
    world.refuses = false
    world.clock.runUntil(20 * second)
    expect(told).toEqual([])
    expect(two.row('Node', kept)!.columns.name).toEqual(setOf('kept'))
    agrees(two, world)
  })
})

describe('a transaction', () => {
  test('sees its own changes, others do not until it is committed', () => {
    const world = new ClientWorld()
    const client = world.client()
    plant(client)
    addNode(client, 'n1')
    const transaction = client.transaction()
    const node = transaction.insert('Node', { name: setOf('n2') })
    transaction.mutate(rootOf(client), 'children', 'insert', setOf(node))
    transaction.remove(client.rows('Node')[0]!)
    expect(transaction.rows('Node').map(row => row.uuid)).toEqual([node])
    expect(transaction.row('Root', rootOf(client).uuid)!.columns.children!.keys).toHaveLength(2)
    expect(client.rows('Node').map(row => row.columns.name!.keys[0])).toEqual(['n1'])
  })

  test('that changes nothing is not sent', () => {
    const world = new ClientWorld()
    const client = world.client()
    plant(client)
    const transaction = client.transaction()
    transaction.verify(rootOf(client), 'children')
    transaction.update(rootOf(client), { count: setOf(0) })
    transaction.commit()
    expect(transaction.status).toBe('unchanged')
  })

  test('is to be tried again if what it read is not so any more', () => {
    const world = new ClientWorld()
    const [one, two] = [world.client(), world.client()]
    plant(one)
    const late = two.transaction()
    late.verify(rootOf(two), 'children', 'count')
    late.update(rootOf(two), { count: setOf(7) })
    addNode(one, 'n1')
    late.commit()
    expect(late.status).toBe('try again')
    expect(rootOf(one).columns.count).toEqual(setOf(0))
  })

  test('says in the words of the server what is wrong', () => {
    const client = new ClientWorld().client()
    plant(client)
    const transaction = client.transaction()
    transaction.insert('Root')
    transaction.commit()
    expect(transaction.status).toBe('error')
    expect(JSON.parse(transaction.error!)).toMatchObject({ error: 'constraint violation' })
  })

  test('adds on the server, and knows what came of it', () => {
    const world = new ClientWorld()
    const [one, two] = [world.client(), world.client()]
    plant(one)
    for (const [client, sum] of [
      [one, 1],
      [two, 2],
    ] as const) {
      const transaction = client.transaction()
      const root = rootOf(client)
      transaction.increment(root, 'count')
      transaction.commit()
      expect([transaction.status, transaction.sumOf(root, 'count')]).toEqual(['success', sum])
    }
  })

  test('may be a trial', () => {
    const client = new ClientWorld().client()
    const transaction = client.transaction()
    transaction.insert('Root')
    transaction.dryRun()
    transaction.commit()
    expect([transaction.status, client.rows('Root')]).toEqual(['success', []])
  })

  test('is to be tried again when the connection is lost before its answer, or there is none', () => {
    const world = new ClientWorld()
    const client = world.client()
    world.cut()
    const transaction = client.transaction()
    transaction.insert('Root')
    transaction.commit()
    expect(transaction.status).toBe('try again')
  })

  test('needs the lock, if there is one to have', () => {
    const world = new ClientWorld()
    const [one, two] = [world.client({ lock: 'L' }), world.client({ lock: 'L' })]
    expect([one.hasLock, two.hasLock, two.isContended]).toEqual([true, false, true])
    const refused = two.transaction()
    refused.insert('Root')
    refused.commit()
    expect(refused.status).toBe('not locked')
    one.close()
    expect(two.hasLock).toBe(true)
    plant(two)
  })
})

test('calls the remotes one after the other, and waits only when it has called all', () => {
  const world = new ClientWorld()
  world.refuses = true
  world.client({ remotes: ['tcp:a', 'tcp:b', 'tcp:c'], shuffle: false })
  world.clock.runUntil(0.5 * second)
  expect(world.dialled).toEqual(['tcp:a', 'tcp:b', 'tcp:c'])
  world.clock.runUntil(1.5 * second)
  expect(world.dialled.at(-1)).toBe('tcp:a')
})

test('a server that does not answer is given up and called again, one that is to call is waited for', () => {
  const world = new ClientWorld()
  const calls: string[] = []
  const given: string[] = []
  const dial: Dial = remote => {
    calls.push(`${remote} ${world.clock.now() / second}`)
    return () => void given.push(remote)
  }
  const client = world.client({ remotes: ['tcp:a', 'tcp:b'], shuffle: false, dial })
  world.clock.runUntil(7.5 * second)
  expect(calls).toEqual(['tcp:a 0', 'tcp:b 1', 'tcp:a 3', 'tcp:b 6'])
  expect(given).toEqual(['tcp:a', 'tcp:b', 'tcp:a'])
  expect(client.lastError).toBe('')
  client.close()
  expect(given.at(-1)).toBe('tcp:b')
  calls.splice(0)
  const said: string[] = []
  const log = (_module: string, _level: string, text: string): void => void said.push(text)
  const passive = world.client({ remotes: ['ptcp:6640'], dial, log })
  world.clock.runUntil(3600 * second)
  expect(calls).toEqual(['ptcp:6640 7.5'])
  expect([passive.state, ...said]).toEqual(['connecting', 'ptcp:6640: listening...'])
  passive.close()
})

test('a server that says nothing is asked for a word, then left', () => {
  const world = new ClientWorld()
  const silent = world.client({ remotes: ['tcp:a'], dial: deaf })
  world.clock.runUntil(5 * second)
  expect(silent.state).toBe('active')
  world.clock.runUntil(10 * second)
  expect(silent.lastError).toBe('no response to inactivity probe after 5 seconds, disconnecting')
  const heard = world.client({ remotes: ['tcp:a'] })
  world.clock.runUntil(60 * second)
  expect(heard.state).toBe('active')
})

const deaf: Dial = (_, done) => {
  done(duplexPair()[0])
  return () => undefined
}

type Step =
  | { do: 'add'; name: number }
  | { do: 'remove' | 'words' | 'notes' | 'size' | 'befriend'; which: number; what: number }
  | { do: 'cut' | 'wait' }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), name: fc.nat(30) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('remove' as const, 'words' as const, 'notes' as const, 'size' as const, 'befriend' as const),
      which: fc.nat(9),
      what: fc.nat(200),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'wait' as const) }) },
)

const carryOut = (client: Client, each: Step): void => {
  const transaction = client.transaction()
  const root = rootOf(client)
  if (each.do === 'add') {
    const node = transaction.insert('Node', { name: setOf(`n${each.name}`) })
    transaction.mutate(root, 'children', 'insert', setOf(node))
  } else if ('which' in each) {
    const nodes = client.rows('Node')
    const node = nodes[each.which % Math.max(1, nodes.length)]
    if (node === undefined) return
    const { what } = each
    if (each.do === 'remove') transaction.mutate(root, 'children', 'delete', setOf(node.uuid))
    else if (each.do === 'words')
      transaction.mutate(node, 'words', what % 3 > 0 ? 'insert' : 'delete', setOf(`w${what}`))
    else if (each.do === 'notes') transaction.mutate(node, 'notes', 'insert', mapOf([[`k${what % 20}`, what]]))
    else if (each.do === 'size') transaction.update(node, { size: what % 4 === 0 ? setOf() : setOf(what) })
    else
      transaction.update(node, {
        friends: setOf(...nodes.filter((_, i) => (what >> (i % 8)) & 1).map(row => row.uuid)),
      })
  }
  transaction.commit()
  expect(['success', 'unchanged', 'try again', 'error']).toContain(transaction.status)
}

test.each([0, 5, 1000])('replicas are what the database is, whatever is cut; history of %s', history => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), step), { maxLength: 120 }), steps => {
      const world = new ClientWorld({ history })
      const clients = [world.client(), world.client(), world.client()]
      plant(clients[0]!)
      for (const [who, each] of steps) {
        if (each.do === 'cut') world.cut()
        else if (each.do === 'wait') world.clock.runUntil(world.clock.now() + second)
        else carryOut(clients[who]!, each)
      }
      world.clock.runUntil(world.clock.now() + 20 * second)
      for (const client of clients) agrees(client, world)
    }),
    { numRuns: 60 },
  )
})
