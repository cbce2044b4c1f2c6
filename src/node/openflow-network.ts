import type { Network } from '../switch/agent/controllers.ts'
import { type Listening, listenRemote, openRemote, type TlsFiles } from './openflow-sockets.ts'
import type { Enter } from './socket-duplex.ts'

/**
 * The controllers that this machine reaches, for bridges that are to call them or to wait for them: `tcp:`, `ssl:`, `unix:`
 * and their passive forms. What comes from them happens by `enter`.
 */
export const openFlowNetwork = (enter: Enter, tls?: TlsFiles): Network => ({
  dial(target, done) {
    const trying = new AbortController()
    void openRemote(target, enter, { tls, signal: trying.signal }).then(result => {
      if (!trying.signal.aborted) enter(() => done(result))
      else if (typeof result !== 'string') result.close()
    })
    return () => trying.abort()
  },
  listen(target, accept) {
    let stopped = false
    let listening: Listening | string | undefined
    void listenRemote(target, enter, accept, tls).then(result => {
      listening = result
      if (stopped && typeof result !== 'string') result.close()
    })
    return () => {
      stopped = true
      if (typeof listening === 'object') listening.close()
    }
  },
})
