import type { Duplex, Task } from '../../runtime/index.ts'
import type { Box } from './box.ts'
import { Controller, type ControllerParams, isListening } from './controller.ts'

/** A controller that somebody else runs, in the lab or outside of it; nothing of it is started or stopped here. */
export class RemoteController extends Controller {
  static override readonly params: readonly string[] = ['ip', 'port']
  private readonly portGiven: boolean

  constructor(box: Box, name: string, params: ControllerParams = {}) {
    super(box, name, params)
    this.portGiven = params.port !== undefined || params.ip?.includes(':') === true
  }

  override async start(): Promise<void> {}

  override async stop(): Promise<void> {}

  /** Says so if nobody answers; without a port, looks for one of the two usual ones. */
  override async checkListening(): Promise<void> {
    const { output } = this.box
    if (this.portGiven) {
      await this.answers(this.port)
      return
    }
    for (const port of [6653, 6633]) {
      if (!(await this.answers(port))) continue
      this.port = port
      output.info(`Connecting to remote controller at ${this.ip}:${port}\n`)
      return
    }
    this.port = 6653
    output.warn(`Setting remote controller to ${this.ip}:${this.port}\n`)
  }

  private async answers(port: number): Promise<boolean> {
    const isThere = isListening(this, port) || (await this.box.calls.run(this.dial(port)))
    if (!isThere) this.box.output.warn(`Unable to contact the remote controller at ${this.ip}:${port}\n`)
    return isThere
  }

  /** Whether somebody outside answers a call. */
  private *dial(port: number): Task<boolean> {
    const answer: { duplex?: Duplex } = {}
    yield resume =>
      this.box.network.outside.dial(`tcp:${this.ip}:${port}`, given => {
        if (typeof given !== 'string') answer.duplex = given
        resume()
      })
    answer.duplex?.close()
    return answer.duplex !== undefined
  }
}
