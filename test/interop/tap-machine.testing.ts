/** A machine of ours, in real time, at the other end of the cable of a host of the kernel's. */
import { Kernel } from '../../src/host/index.ts'
import { commands, Machine } from '../../src/machine/index.ts'
import { Pace } from '../../src/node/pace.ts'
import { seeded, start, VirtualClock } from '../../src/runtime/index.ts'
import { Frame } from '../../src/wire/frame.ts'
import { startTapHost, type TapHost } from './tap-host.testing.ts'
import { until } from './waiting.testing.ts'

export class TapMachine {
  readonly pace: Pace
  readonly machine: Machine
  private host: TapHost | undefined

  constructor() {
    const clock = new VirtualClock()
    const random = seeded(1)
    const kernel = new Kernel({ clock, random, name: 'm' })
    this.pace = new Pace(clock)
    this.machine = new Machine({ kernel, clock, random, hostname: 'm', commands })
  }

  /** Has the machine's `e0` reach `k0` of a host of the kernel's with these addresses. */
  async plug(name: string, ...addresses: string[]): Promise<TapHost> {
    const host = await startTapHost(name, ...addresses)
    this.host = host
    const link = this.machine.kernel.root.links.add('eth', 'e0')
    if (!link.ok) throw new Error(link.errno)
    host.heard = bytes => this.pace.enter(() => link.value.deliver(Frame.from(bytes)))
    link.value.plug({ send: frame => host.send(Uint8Array.from(frame.content())) })
    return host
  }

  /** Runs a line on the machine; gives what it printed. */
  async run(line: string): Promise<string> {
    let printed: string | undefined
    const done = ({ stdout, stderr }: { stdout: string; stderr: string }): void => {
      printed = stdout + stderr
    }
    this.pace.enter(() => start(this.machine.exec(line), { done }))
    await until(() => this.pace.enter(() => printed !== undefined), line, 100_000)
    return printed ?? ''
  }

  close(): void {
    this.pace.stop()
    this.host?.close()
  }
}
