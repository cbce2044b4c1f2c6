import type { Cancel, Duplex, Random, Task } from '../../runtime/index.ts'
import type { Network } from '../../switch/agent/controllers.ts'
import type { CaptureFile } from '../../vswitchd/dummy.ts'
import type { TlsWords } from '../program.ts'

/** What the switch's program needs of the computer, beside what every program needs. What cannot be is told by a text. */
export interface SwitchHost {
  readonly random: Random
  /** The most memory that the process has had, kB. */
  peakMemory(): number
  /** Cores of the computer. */
  readonly cores: number
  /** What `Open_vSwitch.statistics` says of the computer, with the daemons of a run directory; `pidFile` is this one's own. */
  systemStatistics(directory: string, pidFile: string | undefined): Readonly<Record<string, string>>
  /** Connects to a database at `tcp:`, `ssl:` or `unix:`. */
  dial(remote: string, tls: TlsWords, done: (result: Duplex | string) => void): Cancel
  /** Where controllers and streams of frames are; `close` ends all that was opened. */
  network(tls: TlsWords): Network & { close(): void }
  /** Opens a file to write packets to its end. */
  openCapture(path: string): CaptureFile | string
  /** The clock: it follows real time until it is stopped. */
  readonly time: {
    stop(): void
    /** Lets so much time pass at once, ns. */
    warp(duration: number): void
    /** Waits until what was said to this process meanwhile is heard. */
    turn(): Task<void>
  }
}
