/** `wait`: until a database is there, has joined its cluster, or is gone; the server may come later, too. */
import { Connection, type Json, printJson, type Rpc } from '../../ovsdb/index.ts'
import { Signal, second, seeded, type Task } from '../../runtime/index.ts'
import { flushLog as flush } from '../daemon/index.ts'
import { dialer } from '../db-remotes.ts'
import { type Call, fatal } from './call.ts'
import type { ClientCommands } from './command.ts'
import { checkReply } from './snapshot.ts'
import { remoteOf } from './transact.ts'

/** Columns of the row about the database that must be so; none where there is to be no row. */
const states: Readonly<Record<string, { [column: string]: Json } | 'gone'>> = {
  added: {},
  connected: { connected: true },
  removed: 'gone',
}

const waitFor = (database: string, state: (typeof states)[string]): Json => ({
  op: 'wait',
  table: 'Database',
  where: [['name', '==', database]],
  columns: state === 'gone' ? [] : Object.keys(state),
  until: '==',
  rows: state === 'gone' ? [] : [state],
})

/** What came of it: an answer to the wait, or that there can be none. */
type Outcome = { reply: Json } | { wrong: string }

function* wait(call: Call): Task<number> {
  const { connect, log, tls, args } = call
  const [database = '', word = ''] = args.slice(-2)
  const state = Object.hasOwn(states, word) ? states[word] : undefined
  if (state === undefined) return yield* fatal(call, `${word}: unknown state`)
  const changed = new Signal()
  let outcome: Outcome | undefined
  const tell = (what: Outcome): void => {
    outcome ??= what
    changed.wake()
  }
  const ask = (rpc: Rpc, remote: string): void => {
    rpc.request('set_db_change_aware', [true], answer => {
      if (answer.kind === 'error')
        tell({ wrong: `${remote}: set_db_change_aware failed (${printJson(answer.error, true)})` })
    })
    rpc.request('transact', ['_Server', waitFor(database, state)], answer => {
      // One that is lost is asked again.
      if (answer.kind === 'result') tell({ reply: answer.result })
      else if (answer.kind === 'error') tell({ wrong: `${remote}: transact failed (${printJson(answer.error, true)})` })
    })
  }
  const connection: Connection = new Connection(
    {
      clock: connect.clock,
      random: seeded(0),
      dial: dialer(connect, { tls, log: log.warn }),
      remotes: [remoteOf(call, 2)],
      shuffle: false,
      probeInterval: undefined,
      maxBackoff: 8 * second,
      log: (module, level, text) => {
        log.add(module, level, text)
        changed.wake()
      },
    },
    {
      connected(rpc) {
        ask(rpc, connection.remote)
        return () => undefined
      },
      lost: () => undefined,
    },
  )
  try {
    connection.start()
    while (outcome === undefined) {
      yield* flush(call)
      // What is logged or answered meanwhile has woken nobody.
      if (outcome === undefined && log.lines.length === 0) yield changed.wait
    }
    return yield* conclude(call, outcome)
  } finally {
    connection.close()
  }
}

function* conclude(call: Call, outcome: Outcome): Task<number> {
  if ('wrong' in outcome) return yield* fatal(call, outcome.wrong)
  yield* checkReply(call, outcome.reply)
  yield* flush(call)
  return 0
}

export const waitCommands: ClientCommands = {
  wait: { needs: 'nothing', min: 2, max: 3, run: wait },
}
