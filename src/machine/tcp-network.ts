import { type Errno, errnoText, type Namespace, type TcpSocket, tcpAccept, tcpConnect } from '../host/index.ts'
import { type Cancel, type Duplex, isPassive, openFlowPort, parseRemote, start, type Task } from '../runtime/index.ts'
import type { Network } from '../switch/agent/controllers.ts'
import { formatIp, type Ip, isIp6, parseIp } from '../wire/address.ts'
import { tcpDuplex } from './tcp-duplex.ts'

/** As OpenFlow and OVSDB programs ask for it. */
const backlog = 64
const unknown: Errno = 'EAFNOSUPPORT'

const socketFor = (namespace: Namespace, address: Ip | undefined): TcpSocket => {
  const socket = namespace.tcpSocket(address !== undefined && isIp6(address) ? 6 : 4)
  socket.options.noDelay = true
  return socket
}

/** `tcp:10.0.0.1:40000`, `tcp:[::1]:40000`. */
const nameOf = ({ peer = 0, peerPort }: TcpSocket): string =>
  isIp6(peer) ? `tcp:[${formatIp(peer)}]:${peerPort}` : `tcp:${formatIp(peer)}:${peerPort}`

/** Connects from a namespace to `tcp:ADDRESS:PORT`; the error if it cannot be. Ending the task gives the socket back. */
export function* tcpOpen(namespace: Namespace, target: string, usualPort = openFlowPort): Task<Duplex | Errno> {
  const remote = parseRemote(target, usualPort)
  if (remote?.type !== 'tcp') return unknown
  const address = parseIp(remote.host)
  if (address === undefined) return unknown
  const socket = socketFor(namespace, address)
  let isOpen = false
  try {
    const result = yield* tcpConnect(socket, address, remote.port)
    if (!result.ok) return result.errno
    isOpen = true
    return tcpDuplex(socket)
  } finally {
    if (!isOpen) socket.close()
  }
}

/** Who waits for connections: `port` is the one it got. */
export type TcpListening = { port: number; close(): void }

/** Waits in a namespace at `ptcp:PORT:ADDRESS`; whoever connects is given with its name. A text says why it cannot be. */
export const tcpListen = (
  namespace: Namespace,
  target: string,
  accept: (duplex: Duplex, name: string) => void,
  usualPort = openFlowPort,
): TcpListening | Errno => {
  const remote = parseRemote(target, usualPort)
  if (remote === undefined || !isPassive(remote) || remote.type !== 'ptcp') return unknown
  const address = remote.host === undefined ? undefined : parseIp(remote.host)
  if (address === undefined && remote.host !== undefined) return unknown
  const socket = socketFor(namespace, address)
  socket.options.reuseAddress = true
  const bound = socket.bind(address, remote.port)
  const listening = bound.ok ? socket.listen(backlog) : bound
  if (!listening.ok) {
    socket.close()
    return listening.errno
  }
  function* serve(): Task<void> {
    for (;;) {
      const accepted = yield* tcpAccept(socket)
      if (!accepted.ok) return
      accept(tcpDuplex(accepted.value), nameOf(accepted.value))
    }
  }
  const serving = start(serve())
  return {
    port: socket.port,
    close() {
      serving.stop()
      socket.close()
    },
  }
}

/** What nobody answers in the lab may be answered outside of it. */
const elsewhere: ReadonlySet<Errno> = new Set(['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT'])

/**
 * Controllers that a machine reaches by its own TCP, from the root namespace. Whom nobody is in the lab, a call goes on to
 * `outside`, if there is one; who waits for calls waits outside, too.
 */
export const machineNetwork = (
  namespace: Namespace,
  outside: () => Network | undefined = () => undefined,
): Network => ({
  dial(target, done, tls) {
    let cancelOutside: Cancel | undefined
    const answered = (result: Duplex | Errno): void => {
      const beyond = typeof result === 'string' && elsewhere.has(result) ? outside() : undefined
      if (beyond !== undefined) cancelOutside = beyond.dial(target, done, tls)
      else done(typeof result === 'string' ? errnoText[result] : result)
    }
    const dialing = start(tcpOpen(namespace, target), { done: answered })
    return () => {
      dialing.stop()
      cancelOutside?.()
    }
  },
  listen(target, accept, tls) {
    const inside = tcpListen(namespace, target, accept)
    const beyond = outside()?.listen(target, accept, tls)
    if (typeof inside === 'string') return beyond ?? errnoText[inside]
    return () => {
      inside.close()
      if (typeof beyond === 'function') beyond()
    }
  },
})
