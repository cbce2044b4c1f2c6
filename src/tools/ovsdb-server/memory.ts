/** What a server's databases take, as `memory/show` and the log tell of it. */
import type { Server } from '../../ovsdb/index.ts'
import type { Table } from '../../ovsdb/table.ts'
import { type Cancel, type Clock, every, type Log, second } from '../../runtime/index.ts'

/** Values, fields and references of all databases, in the order of their names: `atoms:14 cells:20 monitors:0 n-weak-refs:0`. */
export const memoryUse = (server: Server): string => {
  const counts: Record<string, number> = { atoms: 0, cells: 0, monitors: 0, 'n-weak-refs': 0, sessions: 0, triggers: 0 }
  const add = (name: string, count: number): void => {
    counts[name] = (counts[name] ?? 0) + count
  }
  for (const name of server.databases()) {
    for (const table of server.database(name)?.database.tables.values() ?? []) {
      const { atoms, weak } = countTable(table)
      add('atoms', atoms)
      add('cells', table.rows.size * table.columns.length)
      add('n-weak-refs', weak)
    }
  }
  for (const session of server.connected) {
    add('sessions', 1)
    add('monitors', session.monitorCount)
    add('triggers', session.waitingCount)
  }
  const always = ['atoms', 'cells', 'monitors', 'n-weak-refs']
  return Object.entries(counts)
    .filter(([name, count]) => count > 0 || always.includes(name))
    .map(([name, count]) => `${name}:${count}`)
    .join(' ')
}

const countTable = ({ rows, weak: weakColumns }: Table): { atoms: number; weak: number } => {
  let atoms = 0
  let weak = 0
  for (const { values } of rows.values()) {
    for (const { keys, values: others } of values) atoms += keys.length * (others === undefined ? 1 : 2)
    for (const { index, type } of weakColumns) {
      const parts = Number(type.key.weak === true) + Number(type.value?.weak === true)
      weak += (values[index]?.keys.length ?? 0) * parts
    }
  }
  return { atoms, weak }
}

const firstLook = 10 * second
const period = 30 * second

/** Tells the log of the most memory that there was, after a while and whenever it has grown by half. */
export const watchMemory = (clock: Clock, peak: () => number, use: () => string, log: Log): Cancel => {
  const tell = (text: string): void => {
    log('memory', 'info', text)
    log('memory', 'info', use())
  }
  let last = 0
  let lastAt = 0
  let cancelPeriod: Cancel | undefined
  const cancelFirst = clock.at(clock.now() + firstLook, () => {
    last = peak()
    lastAt = clock.now()
    tell(`${last} kB peak resident set size after 10.0 seconds`)
    cancelPeriod = every(clock, period, () => {
      const now = peak()
      if (now < last * 1.5) return
      const seconds = ((clock.now() - lastAt) / second).toFixed(1)
      const growth = Math.floor(((now - last) * 100) / last)
      tell(`peak resident set size grew ${growth}% in last ${seconds} seconds, from ${last} kB to ${now} kB`)
      last = now
      lastAt = clock.now()
    })
  })
  return () => {
    cancelFirst()
    cancelPeriod?.()
  }
}
