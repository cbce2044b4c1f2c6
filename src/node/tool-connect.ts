import { existsSync, readFileSync } from 'node:fs'
import type { Duplex, VirtualClock } from '../runtime/index.ts'
import type { Connect, System } from '../tools/index.ts'
import { openRemote } from './openflow-sockets.ts'
import { sentence } from './sentence.ts'
import type { Enter } from './socket-duplex.ts'

/** What Open vSwitch's tools reach on this machine: sockets and files, no daemon of ours. `clock` follows real time. */
export const toolConnect = (clock: VirtualClock, enter: Enter, runDirectory: string, system?: System): Connect => ({
  clock,
  vswitchd: () => undefined,
  runDirectory,
  exists: existsSync,
  *open(remote, secure) {
    const result: { value?: Duplex | string } = {}
    const trying = new AbortController()
    yield resume => {
      void openRemote(remote, enter, { ...secure, signal: trying.signal }).then(value =>
        enter(() => {
          if (trying.signal.aborted) {
            if (typeof value !== 'string') value.close()
            return
          }
          result.value = value
          resume()
        }),
      )
      return () => trying.abort()
    }
    return result.value as Duplex | string
  },
  readFile(path) {
    try {
      return readFileSync(path)
    } catch (error) {
      return sentence(error)
    }
  },
  wallTime: Date.now,
  ...(system === undefined ? {} : { system }),
})
