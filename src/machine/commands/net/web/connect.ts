import { errnoText, type TcpSocket, tcpConnect } from '../../../../host/index.ts'
import { elapsed, type Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import type { Process } from '../../../command.ts'
import { Crew } from '../crew.ts'

/** A connection, made within `limit` nanoseconds; or why there is none: `timeout`, or the text of an errno. */
export function* dial(process: Process, ip: Ip, port: number, limit: number): Task<TcpSocket | string> {
  const socket = process.namespace.tcpSocket(isIp6(ip) ? 6 : 4)
  let result: { why: string | undefined } | undefined
  const waiting = new Crew()
  waiting.add(
    (function* (): Task<void> {
      const made = yield* tcpConnect(socket, ip, port)
      result ??= { why: made.ok ? undefined : errnoText[made.errno] }
    })(),
  )
  if (limit < Number.POSITIVE_INFINITY)
    waiting.add(
      (function* (): Task<void> {
        yield elapsed(process.clock, limit)
        result ??= { why: 'timeout' }
      })(),
    )
  try {
    yield* waiting.join(() => result !== undefined)
  } finally {
    waiting.stop()
  }
  if (result?.why === undefined) return socket
  socket.close()
  return result.why
}
