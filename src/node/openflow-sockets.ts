/** Where OpenFlow is spoken: unix sockets, TCP and TLS, active and passive, named as in ovsdb(7) and ovs-ofctl(8). */
import { existsSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { type ActiveRemote, type Duplex, isPassive, openFlowPort, parseRemote } from '../runtime/index.ts'
import type { Secure, TlsWords } from '../tools/index.ts'
import { builtIn } from './built-in.ts'
import { sentence } from './sentence.ts'
import { type Enter, socketDuplex } from './socket-duplex.ts'
import { handshakeText, isMissing, learnAuthority, missesKeys, secureContext, trustsAnyone } from './tls.ts'

/** Says what is wrong with a remote that cannot be read: as the original, which puts a port behind what has fewer than three parts. */
const sayWrong = (text: string, usualPort: number | undefined, log: Secure['log']): void => {
  const type = /^(tcp|ssl):/.exec(text)?.[1]
  if (type === undefined) return
  const isShort = text.split(':').filter(part => part !== '').length < 3
  if (isShort && usualPort === undefined) log('stream', portChanged)
  const whole = isShort ? `${text}:${usualPort ?? openFlowPort}` : text
  const address = whole.slice(type.length + 1)
  const [, port] = /^(?:\[[^\]]*\]|[^:[]*):([^:]+)$/.exec(address) ?? []
  if (port === undefined) log('socket_util', `${address}: port must be specified`, 'ERR')
  else if (!isShort) log('socket_util', `${address}: bad port number "${port}"`, 'ERR')
  log(`stream_${type}`, `${whole}: connect: ${addressFamily}`, 'ERR')
}

const addressFamily = 'Address family not supported by protocol'

/** Who has no keys cannot speak TLS. */
const notAvailable = 'Protocol not available'
const protocolError = 'Protocol error'
const portChanged = 'The default OpenFlow port number has changed from 6633 to 6653'

/** `patience` is ms, 0 for the system's own; `port` is for those that name none, OpenFlow's unless said otherwise. */
export type OpenOptions = {
  tls?: TlsWords | undefined
  log?: Secure['log']
  patience?: number
  signal?: AbortSignal
  port?: number
}

/** Connects; a text says why it cannot be, in the system's words. */
export const openRemote = (
  text: string,
  enter: Enter,
  { tls = {}, log = () => {}, patience = 0, signal, port }: OpenOptions = {},
): Promise<Duplex | string> => {
  const remote = parseRemote(text, port)
  if (remote === undefined) sayWrong(text, port, log)
  if (remote === undefined || isPassive(remote)) return Promise.resolve(addressFamily)
  if (port === undefined && remote.type !== 'unix' && !/:[0-9]+$/.test(text)) log('stream', portChanged)
  const learns = remote.type === 'ssl' && tls.bootstrap === true && isMissing(tls)
  const needed = learns ? { ...tls, caCertificate: trustsAnyone } : tls
  if (remote.type === 'ssl' && missesKeys({ tls: needed, log })) return Promise.resolve(notAvailable)
  if (learns)
    return learnAuthority(remote, tls).then(
      why => why ?? openRemote(text, enter, { tls, log, patience, ...(signal && { signal }), ...(port && { port }) }),
    )
  return new Promise(resolve => {
    let socket: Socket
    try {
      socket = begin(remote, tls)
    } catch (error) {
      resolve(sentence(error))
      return
    }
    const ready = remote.type === 'ssl' ? 'secureConnect' : 'connect'
    const fail = (error: unknown): void => {
      socket.destroy()
      const why = remote.type === 'ssl' ? handshakeText(error) : undefined
      if (why !== undefined) {
        log('stream_ssl', `SSL_connect: ${why}`)
        resolve(protocolError)
      } else if (remote.type !== 'unix' && isUnknownHost(error)) {
        log(`stream_${remote.type}`, `${remote.type}:${remote.host}:${remote.port}: connect: ${addressFamily}`, 'ERR')
        resolve(addressFamily)
      } else if (isBusy(error)) resolve(protocolError)
      else resolve(sentence(error))
    }
    // One that comes after the first has nothing to add.
    socket.on('error', () => {})
    const abort = (): void => fail({ code: 'ETIMEDOUT', message: '' })
    signal?.addEventListener('abort', abort, { once: true })
    if (patience > 0) socket.setTimeout(patience, abort)
    socket.once('error', fail)
    socket.once(ready, () => {
      signal?.removeEventListener('abort', abort)
      socket.setTimeout(0)
      socket.off('error', fail)
      if (remote.type !== 'unix') socket.setNoDelay(true)
      const duplex = identified(socketDuplex(socket, enter), socket)
      socket.on('error', error => {
        const text = remote.type === 'ssl' ? handshakeText(error) : undefined
        if (text !== undefined) log('stream_ssl', `SSL_read: ${text}`)
        duplex.failure = text === undefined ? sentence(error) : 'Input/output error'
      })
      resolve(duplex)
    })
  })
}

/** With the name that the peer's certificate gives it, if an authority that is trusted has signed one. */
const identified = (duplex: Duplex, socket: Socket): Duplex => {
  const names: unknown = isSecure(socket) && socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined
  // Of several names the last one is the most specific.
  const name: unknown = Array.isArray(names) ? names.at(-1) : names
  if (typeof name === 'string') duplex.identity = name
  return duplex
}

const isSecure = (socket: Socket): socket is TLSSocket => 'getPeerCertificate' in socket

/** Too many wait for who listens at a unix socket. */
const isBusy = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN'

const isUnknownHost = (error: unknown): boolean =>
  ['ENOTFOUND', 'EAI_AGAIN'].includes((error as NodeJS.ErrnoException).code ?? '')

const begin = (remote: ActiveRemote, tls: TlsWords): Socket => {
  if (remote.type === 'unix') return connect(remote.path)
  const { host, port } = remote
  if (remote.type === 'tcp') return connect(port, host)
  // A switch's certificate names no host: that the authority is the right one is all there is to check.
  return builtIn('node:tls').connect({ host, port, ...secureContext(tls), checkServerIdentity: () => undefined })
}

/** Node says that it may not where there is no directory. */
const bindError = (path: string, error: Error): string =>
  sentence(existsSync(dirname(path)) ? error : { code: 'ENOENT', message: error.message })

/** What listens. `port` is the number it got, for TCP; after `stop` nobody else is let in. */
export type Listening = { port: number | undefined; close(): void; stop(): void }

/**
 * Waits for connections; each is given with the peer's name. A text says why it cannot be. `usualPort` is that of `ptcp:`
 * alone.
 */
export const listenRemote = (
  text: string,
  enter: Enter,
  accept: (duplex: Duplex, name: string) => void,
  tls: TlsWords | (() => TlsWords) = {},
  usualPort = openFlowPort,
): Promise<Listening | string> => {
  const remote = parseRemote(text, usualPort)
  if (remote === undefined || !isPassive(remote)) return Promise.resolve(addressFamily)
  const open = new Set<Duplex>()
  let count = 0
  const take = (socket: Socket): void => {
    if (remote.type !== 'punix') socket.setNoDelay(true)
    count++
    const scheme = remote.type.slice(1)
    const name =
      remote.type === 'punix' ? `unix#${count}` : `${scheme}:${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`
    const duplex = identified(socketDuplex(socket, enter), socket)
    open.add(duplex)
    socket.on('close', () => open.delete(duplex))
    enter(() => accept(duplex, name))
  }
  // Keys that may change are those of the moment, for each connection.
  const secured = (socket: Socket): void => {
    try {
      const keys = secureContext(typeof tls === 'function' ? tls() : tls)
      builtIn('node:tls')
        .createServer({ ...keys, requestCert: true }, take)
        .emit('connection', socket)
    } catch {
      socket.destroy()
    }
  }
  return new Promise(resolve => {
    if (remote.type === 'pssl' && typeof tls !== 'function') {
      try {
        secureContext(tls)
      } catch (error) {
        resolve(sentence(error))
        return
      }
    }
    const server = createServer(remote.type === 'pssl' ? secured : take)
    const close = (): void => {
      server.close()
      // What was said before still reaches the peers.
      for (const duplex of open) duplex.close()
    }
    server.once('error', error => resolve(remote.type === 'punix' ? bindError(remote.path, error) : sentence(error)))
    const started = (): void => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      resolve({ port, close, stop: () => void server.close() })
    }
    if (remote.type === 'punix') {
      // A socket that someone left behind is nobody's.
      rmSync(remote.path, { force: true })
      // Others are to be kept out from the beginning.
      const before = process.umask(0o007)
      process.umask(before | 0o007)
      server.listen(remote.path, started)
      process.umask(before)
    } else server.listen({ port: remote.port, host: remote.host }, started)
  })
}
