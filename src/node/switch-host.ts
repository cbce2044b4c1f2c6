/** What a switch's program needs of this machine: sockets, files of packets, chance, and the clock. */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { systemStatistics } from '../linux/index.ts'
import { ovsdbPort } from '../runtime/index.ts'
import type { SwitchHost } from '../tools/vswitchd/index.ts'
import { openFlowNetwork } from './openflow-network.ts'
import { openRemote } from './openflow-sockets.ts'
import { systemRandom } from './ovsdb-host.ts'
import type { Pace } from './pace.ts'
import { sentence } from './sentence.ts'

export const switchHost = (pace: Pace): SwitchHost => {
  const enter = (happen: () => void): void => pace.enter(happen)
  return {
    random: systemRandom(),
    cores: cpus().length,
    peakMemory: () => process.resourceUsage().maxRSS,
    systemStatistics: (directory, pidFile) =>
      process.platform === 'linux' ? systemStatistics(directory, { self: process.pid, pidFile }) : {},
    dial(remote, tls, done) {
      const trying = new AbortController()
      void openRemote(remote, enter, { tls, port: ovsdbPort, signal: trying.signal }).then(result => {
        if (!trying.signal.aborted) enter(() => done(result))
        else if (typeof result !== 'string') result.close()
      })
      return () => trying.abort()
    },
    network: tls => openFlowNetwork(enter, tls),
    openCapture(path) {
      try {
        const file = openSync(path, 'a', 0o644)
        return {
          size: fstatSync(file).size,
          write: bytes => void writeSync(file, bytes),
          close: () => closeSync(file),
        }
      } catch (error) {
        return sentence(error)
      }
    },
    time: {
      stop: () => pace.halt(),
      warp: duration => pace.warp(duration),
      *turn() {
        yield resume => {
          // What came in is heard in the next turn; what is said to it goes out in the one after.
          const soon = setImmediate(() => setImmediate(() => enter(resume)))
          return () => clearImmediate(soon)
        }
      },
    },
  }
}
