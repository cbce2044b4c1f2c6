import type { Namespace } from '../../host/index.ts'
import {
  type Command,
  type Commands,
  type Machine,
  nowhere,
  OpenFile,
  type Process,
  type Stream,
  sink,
} from '../../machine/index.ts'
import { millisecond, sleep, type Task, utf8Decoder, type VirtualClock } from '../../runtime/index.ts'
import type { Vswitchd } from '../../vswitchd/index.ts'
import { Network } from '../network.ts'
import { Calls, FreeDrive } from './calls.ts'
import { Output } from './output.ts'

export type BoxOptions = {
  /** What chance is made of; 1 unless told otherwise. */
  seed?: number
  output?: Output
  /** Its hostname. */
  name?: string
  /** A machine that this one stands beside, to be cabled with: in one lab, at one time. */
  beside?: Box
}

/** Where a program's descriptors lead; `like` is who finds the same directories and has the same share of the processors. */
export type SpawnIo = {
  out: Stream
  err?: Stream
  input?: Stream
  like?: Process | undefined
  /** Programs of its own, which are looked for first. */
  commands?: Commands | undefined
}

/** What a program printed, and its status; `text` is both streams in the order in which they were written. */
export type Ended = { status: number; text: string }

/** More than a lab has, and less than a fork bomb makes. */
const processLimit = 100_000

/** What Mininet 2.3 was seen to need for a link, with the nodes at its ends and their addresses: 15 to 16 ms, of 20, 39 and 60 links. */
const timeOfLink = 16 * millisecond

/** The machine that a Mininet network lives on, and how its programs are run. */
export class Box {
  readonly network: Network
  readonly machine: Machine
  readonly vswitchd: Vswitchd
  readonly calls: Calls
  readonly output: Output

  constructor({ seed = 1, beside, output = beside?.output ?? new Output(), name = 'mininet-vm' }: BoxOptions = {}) {
    this.network = beside?.network ?? new Network({ seed })
    this.machine = this.network.machine(name, { processLimit })
    this.vswitchd = this.network.daemons.get(name) as Vswitchd
    this.calls = beside?.calls ?? new Calls(new FreeDrive(this.network.clock))
    this.output = output
  }

  get clock(): VirtualClock {
    return this.network.clock
  }

  /**
   * Has as much virtual time pass as Mininet needs to make so many links. Meanwhile interfaces find out that their addresses
   * are theirs alone, before there are switches that would carry to all others what they say for that.
   */
  async passTimeOfLinks(count: number): Promise<void> {
    if (this.calls.drive instanceof FreeDrive) await this.calls.run(sleep(this.clock, count * timeOfLink))
  }

  /** Starts a program in a namespace without a shell. Errors go where the rest goes unless `err` is given. */
  spawn(
    words: readonly string[],
    namespace: Namespace,
    { out, err = out, input = nowhere, like, commands }: SpawnIo,
  ): Process {
    const { machine } = this
    const found = machine.find(words[0] ?? '', machine.init)
    const main: Command =
      commands?.[words[0] ?? ''] ??
      (found.kind === 'command'
        ? found.command
        : process => process.fail(`${words[0]}: ${found.kind === 'none' ? found.why : 'is no program'}`, 127))
    const files = new Map([
      [0, new OpenFile(input)],
      [1, new OpenFile(out)],
      [2, new OpenFile(err)],
    ])
    const process = machine.init.spawn(main, {
      args: words,
      files,
      namespace,
      cwd: '/root',
      mounts: like?.mounts,
      cpu: like?.cpu,
    })
    for (const file of files.values()) file.close()
    return process
  }

  /** Runs a program to its end. If the call is ended, so is the program. */
  *exec(words: readonly string[], namespace: Namespace = this.machine.kernel.root, commands?: Commands): Task<Ended> {
    let text = ''
    const decode = utf8Decoder()
    const process = this.spawn(words, namespace, {
      commands,
      out: sink(bytes => {
        text += decode(bytes)
      }),
    })
    try {
      const status = yield* process.wait()
      return { status, text }
    } finally {
      if (!process.ended) process.signal('KILL')
    }
  }
}
