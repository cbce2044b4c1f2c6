import { errnoText, type Namespace } from '../host/index.ts'
import { Service } from '../ovsdb/index.ts'
import { type Clock, type Log, ovsdbPort, sleep, type UnixSockets } from '../runtime/index.ts'
import { Remotes } from '../tools/ovsdb-server/remotes.ts'
import type { LocalDatabase } from '../vswitchd/index.ts'
import { tcpListen, tcpOpen } from './tcp-network.ts'

/** Where the start scripts of distributions have the server look for its managers. */
const managers = 'db:Open_vSwitch,Open_vSwitch,manager_options'

/**
 * Has a machine's database call its managers, and wait for them, as its rows say (`ovs-vsctl set-manager ptcp:6640`), by the
 * machine's own TCP and its unix sockets. Their rows are told how it went whenever someone comes to read them.
 */
export const serveManagers = (parts: {
  database: LocalDatabase
  namespace: Namespace
  clock: Clock
  log: Log
  sockets: UnixSockets
}): void => {
  const { database, namespace, clock, log, sockets } = parts
  const { server } = database
  let unixClients = 0
  const remotes = new Remotes(server, {
    clock,
    log,
    service: new Service(server),
    readOnly: () => false,
    tls: () => ({}),
    unixName: () => `unix#${unixClients++}`,
    host: {
      *listen(target, accept) {
        const [, path] = /^punix:(.*)$/.exec(target) ?? []
        if (path !== undefined) {
          return { port: undefined, close: sockets.listen(path, duplex => accept(duplex, 'unix')) }
        }
        const listening = tcpListen(namespace, target, accept, ovsdbPort)
        return typeof listening === 'string' ? errnoText[listening] : listening
      },
      *dial(target) {
        // Not within the change that asks for it.
        yield* sleep(clock, 0)
        const [, path] = /^unix:(.*)$/.exec(target) ?? []
        if (path !== undefined) return sockets.connect(path) ?? errnoText.ENOENT
        const result = yield* tcpOpen(namespace, target, ovsdbPort)
        return typeof result === 'string' ? errnoText[result] : result
      },
    },
  })
  remotes.add(managers)
  remotes.update()
  let isDue = false
  server.watch((served, { changes }) => {
    const own = changes.filter(({ row }) => remotes.concerns(served.name, row.table.name))
    if (own.length === 0 || isDue) return
    // A place to listen at is there for the next command; what ends may be the connection that asks for it.
    if (own.every(({ now }) => now !== undefined)) {
      remotes.update()
      return
    }
    isDue = true
    clock.at(clock.now(), () => {
      isDue = false
      remotes.update()
    })
  })
  database.onClient.add(() => remotes.refresh())
}
