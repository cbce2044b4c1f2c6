/** How tools reach database servers. */
import { type Dial, isPassive } from '../ovsdb/client/connection.ts'
import { type Duplex, start, type Task } from '../runtime/index.ts'
import type { Connect, Secure } from './program.ts'

/** The port of OVSDB (RFC 7047 §7). */
const usualPort = 6640

/** A remote with its port: `tcp:HOST`, `ssl:[2001:db8::1]` get the usual one. */
const withPort = (remote: string): string =>
  /^(tcp|ssl):(\[[^\]]*\]|[^:[\]]+)$/.test(remote) ? `${remote}:${usualPort}` : remote

/** The remotes in a list as `--db` takes it. */
export const remotesIn = (list: string): string[] => list.split(/,(?=[a-z]+:)/)

export const databaseSocket = ({ runDirectory }: Connect): string => `unix:${runDirectory}/db.sock`

/** What is logged, once, of a remote that `withPort` gives a port. */
const portChanged = `The default OVSDB port number has changed from 6632 to ${usualPort}`

/** `listens` is told of a remote that is waited for, once it can call. */
export const dialer = (connect: Connect, secure: Secure, listens?: (remote: string) => void): Dial => {
  let isSaid = false
  return (remote, done) => {
    const full = withPort(remote)
    if (full !== remote && !isSaid) secure.log('stream', portChanged)
    isSaid ||= full !== remote
    const task = isPassive(remote) ? called(connect, remote, secure, listens) : connect.open(full, secure)
    const dialing = start(task, { done })
    return () => dialing.stop()
  }
}

/** Waits until a server calls. */
function* called(
  { system }: Connect,
  remote: string,
  secure: Secure,
  listens?: (remote: string) => void,
): Task<Duplex | string> {
  const result = system === undefined ? noFamily : yield* system.awaitCall(remote, secure, () => listens?.(remote))
  if (typeof result === 'string')
    sayListenFailure(
      (module, level, text) => secure.log(module, text, level === 'warn' ? 'WARN' : 'ERR'),
      remote,
      result,
    )
  return result
}

const noFamily = 'Address family not supported by protocol'

/** What the original logs where it cannot listen at a remote. */
export const sayListenFailure = (
  log: (module: string, level: 'warn' | 'err', text: string) => void,
  remote: string,
  why: string,
): void => {
  const address = remote.slice(remote.indexOf(':') + 1)
  if (remote.startsWith('punix:')) {
    if (why === 'No such file or directory') log('fatal_signal', 'warn', `could not unlink "${address}" (${why})`)
    log('stream_unix', 'err', `${address}: binding failed: ${why}`)
    return
  }
  const [port = ''] = address.split(':')
  const isPort = /^[0-9]*$/.test(port)
  log('socket_util', 'err', `${address}: ${isPort ? `bind: ${why}` : `bad port number "${port}"`}`)
}
