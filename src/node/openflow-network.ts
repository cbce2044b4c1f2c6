import type { Duplex } from '../runtime/index.ts'
import type { Network } from '../switch/agent/controllers.ts'
import type { TlsWords } from '../tools/index.ts'
import { type Listening, listenRemote, openRemote } from './openflow-sockets.ts'
import type { Enter } from './socket-duplex.ts'

/**
 * The controllers that this machine reaches, for bridges that are to call them or to wait for them: `tcp:`, `ssl:`, `unix:`
 * and their passive forms, TLS with keys of their own or
 * with `usual` ones. What comes from them happens by `enter`. `close` ends all connections, and all attempts.
 */
export const openFlowNetwork = (enter: Enter, usual?: TlsWords): Network & { close(): void } => {
  const connections = new Set<Duplex>()
  /** What ends an attempt, or waiting for connections. */
  const others = new Set<() => void>()
  const opened = (duplex: Duplex): Duplex => {
    for (const old of connections) if (old.input.closed && old.output.closed) connections.delete(old)
    connections.add(duplex)
    return duplex
  }
  return {
    dial(target, done, tls = usual) {
      const trying = new AbortController()
      const abort = (): void => trying.abort()
      others.add(abort)
      void openRemote(target, enter, { tls, signal: trying.signal }).then(result => {
        others.delete(abort)
        if (!trying.signal.aborted) enter(() => done(typeof result === 'string' ? result : opened(result)))
        else if (typeof result !== 'string') result.close()
      })
      return abort
    },
    listen(target, accept, tls) {
      let stopped = false
      let listening: Listening | string | undefined
      void listenRemote(
        target,
        enter,
        (duplex, name) => accept(opened(duplex), name),
        () => tls?.() ?? usual ?? {},
      ).then(result => {
        listening = result
        if (stopped && typeof result !== 'string') result.close()
      })
      const stop = (): void => {
        others.delete(stop)
        stopped = true
        if (typeof listening === 'object') listening.close()
      }
      others.add(stop)
      return stop
    },
    close() {
      for (const end of [...others]) end()
      for (const duplex of connections) duplex.close()
      connections.clear()
    },
  }
}
