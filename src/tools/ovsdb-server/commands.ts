/** What a database server's control socket answers beside what all do (ovsdb-server(1), "Runtime Management Commands"). */
import type { Server } from '../../ovsdb/index.ts'
import type { Log } from '../../runtime/index.ts'
import { type Reply, refuse, reply } from '../../vswitchd/unixctl/dispatch.ts'
import { answering, type ControlCommands } from '../control-commands.ts'
import type { Databases } from './databases.ts'
import { memoryUse } from './memory.ts'
import type { Remotes } from './remotes.ts'
import type { Replication } from './replication.ts'
import type { TableLog } from './table-log.ts'

export type Commanded = {
  server: Server
  databases: Databases
  remotes: Remotes
  tableLog: TableLog
  replication: Replication
  log: Log
  /** Settles what follows from a change of databases or remotes. */
  reconfigure(): void
  exit(): void
}

const done = reply('')
const orDone = (wrong: string | undefined): Reply => (wrong === undefined ? done : refuse(wrong))
const none = { usage: '', min: 0, max: 0 }

const databaseCommands = ({ server, databases, reconfigure, log }: Commanded): ControlCommands => ({
  'ovsdb-server/add-db': answering({ usage: 'DB', min: 1, max: 1 }, ([name = '']) => {
    const wrong = databases.open(name)
    if (wrong === undefined) reconfigure()
    return orDone(wrong)
  }),
  'ovsdb-server/remove-db': answering({ usage: 'DB', min: 1, max: 1 }, ([name = '']) => {
    if (server.database(name) === undefined) return refuse('Failed to find the database.')
    if (name.startsWith('_')) return refuse('Cannot remove reserved database.')
    databases.remove(name)
    reconfigure()
    return done
  }),
  'ovsdb-server/list-dbs': answering(none, () => reply(inLines(server.databases()))),
  'ovsdb-server/get-db-storage-status': answering({ usage: 'DB', min: 1, max: 1 }, ([name = '']) =>
    server.database(name) === undefined
      ? refuse('Failed to find the database.')
      : reply(`status: ${databases.failure(name) ?? 'ok'}`),
  ),
  'ovsdb-server/compact': answering({ usage: '', min: 0, max: 1 }, ([name]) => {
    if (name?.startsWith('_')) return refuse('cannot compact built-in databases')
    if (name !== undefined && server.database(name) === undefined) return refuse('no database by that name')
    const wrong: string[] = []
    for (const each of name === undefined ? databases.names : [name]) {
      log('ovsdb_server', 'info', `compacting ${each} database by user request`)
      const failure = databases.compact(each)
      if (failure !== undefined) wrong.push(failure)
    }
    return wrong.length === 0 ? done : refuse(wrong.join('\n'))
  }),
  'ovsdb-server/memory-trim-on-compaction': answering({ usage: 'on|off', min: 1, max: 1 }, ([word]) => {
    if (word !== 'on' && word !== 'off') return refuse('invalid argument')
    log('ovsdb_server', 'info', `memory trimming after compaction ${word === 'on' ? 'enabled' : 'disabled'}.`)
    return done
  }),
})

const remoteCommands = ({ server, remotes, reconfigure }: Commanded): ControlCommands => ({
  'ovsdb-server/add-remote': answering({ usage: 'REMOTE', min: 1, max: 1 }, ([name = '']) => {
    const wrong = remotes.add(name)
    if (wrong === undefined) reconfigure()
    return orDone(wrong)
  }),
  'ovsdb-server/remove-remote': answering({ usage: 'REMOTE', min: 1, max: 1 }, ([name = '']) => {
    if (!remotes.remove(name)) return refuse('no such remote')
    reconfigure()
    return done
  }),
  'ovsdb-server/list-remotes': answering(none, () => reply(inLines(remotes.names))),
  'ovsdb-server/reconnect': answering(none, () => {
    remotes.reconnect('user ran ovsdb-server/reconnect')
    return done
  }),
  'ovsdb-server/disable-monitor-cond': answering(none, () => {
    server.hasConditions = false
    remotes.reconnect('user ran ovsdb-server/disable-monitor')
    return done
  }),
})

const syncCommands = ({ replication }: Commanded): ControlCommands => ({
  'ovsdb-server/set-active-ovsdb-server': answering({ usage: '', min: 1, max: 1 }, ([name = '']) => {
    replication.source = name
    return done
  }),
  'ovsdb-server/get-active-ovsdb-server': answering(none, () => reply(replication.source ?? '')),
  'ovsdb-server/connect-active-ovsdb-server': answering(none, () => {
    if (replication.source === undefined) return reply('Unable to connect: active server is not specified.')
    return reply(replication.begin() ?? '')
  }),
  'ovsdb-server/disconnect-active-ovsdb-server': answering(none, () => {
    replication.end()
    return done
  }),
  'ovsdb-server/set-active-ovsdb-server-probe-interval': answering({ usage: '', min: 1, max: 1 }, ([text = '']) => {
    if (!/^[ ]*[-+]?[0-9]+$/.test(text)) return reply('Invalid probe interval, integer value expected')
    replication.setProbeInterval(Number(text))
    return done
  }),
  'ovsdb-server/set-sync-exclude-tables': answering({ usage: '', min: 0, max: 1 }, ([tables = '']) =>
    reply(replication.exclude(tables) ?? ''),
  ),
  'ovsdb-server/get-sync-exclude-tables': answering(none, () => reply(replication.excluded)),
  'ovsdb-server/sync-status': answering(none, () => reply(replication.status())),
})

export const serverCommands = (commanded: Commanded): ControlCommands => {
  const { server, tableLog, exit } = commanded
  return {
    ...databaseCommands(commanded),
    ...remoteCommands(commanded),
    ...syncCommands(commanded),
    'memory/show': answering(none, () => reply(memoryUse(server))),
    'ovsdb-server/perf-counters-show': answering(none, () =>
      reply('performance counter is not supported on this platform'),
    ),
    'ovsdb-server/perf-counters-clear': answering(none, () => done),
    'ovsdb-server/tlog-set': answering({ usage: 'DB:TABLE on|off', min: 2, max: 2 }, ([place = '', state = '']) =>
      orDone(tableLog.set(place, state)),
    ),
    'ovsdb-server/tlog-list': answering(none, () => reply(tableLog.list())),
    exit: answering(none, () => {
      exit()
      return done
    }),
  }
}

const inLines = (names: readonly string[]): string => names.map(name => `${name}\n`).join('')
