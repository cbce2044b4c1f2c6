import type { Duplex, Task } from '../../runtime/index.ts'
import type { TlsWords } from '../program.ts'

/** How a controller and its switches meet. What cannot be is told by a text in the system's words. */
export interface ControllerHost {
  /** Waits for switches at `ptcp:`, `pssl:` or `punix:`; each is given with its name, as `tcp:10.0.0.1:40000`. */
  listen(
    target: string,
    accept: (duplex: Duplex, name: string) => void,
    tls: TlsWords,
  ): Task<{ close(): void } | string>
  /** Calls a switch at `tcp:`, `ssl:` or `unix:`. */
  dial(target: string, tls: TlsWords): Task<Duplex | string>
}
