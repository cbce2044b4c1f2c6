/** How tools reach database servers. */
import type { Dial } from '../ovsdb/client/connection.ts'
import { start } from '../runtime/index.ts'
import type { Connect, Secure } from './program.ts'

/** The port of OVSDB (RFC 7047 §7). */
const usualPort = 6640

/** A remote with its port: `tcp:HOST`, `ssl:[2001:db8::1]` get the usual one. */
export const withPort = (remote: string): string =>
  /^(tcp|ssl):(\[[^\]]*\]|[^:[\]]+)$/.test(remote) ? `${remote}:${usualPort}` : remote

/** The remotes in a list as `--db` takes it. */
export const remotesIn = (list: string): string[] => list.split(/,(?=[a-z]+:)/)

export const databaseSocket = ({ runDirectory }: Connect): string => `unix:${runDirectory}/db.sock`

export const dialer =
  (connect: Connect, secure: Secure): Dial =>
  (remote, done) => {
    const dialing = start(connect.open(withPort(remote), secure), { done })
    return () => dialing.stop()
  }
