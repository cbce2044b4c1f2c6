import type { Paint } from '../../flow/paint.ts'
import { Writer } from '../../openflow/bytes.ts'
import { type FileFlow, parseFileLine } from '../../openflow/flow-file.ts'
import { FlowShapes, type LineRead } from '../../openflow/flow-shapes.ts'
import type { FlowRead } from '../../openflow/flow-text.ts'
import { writeMessage } from '../../openflow/message-wire.ts'
import type { Warn } from '../../openflow/port-text.ts'
import type { Protocols } from '../../openflow/protocol.ts'
import { fromUtf8 } from '../../runtime/index.ts'
import type { Speech } from './flow-format.ts'
import { type FlowSource, flowMessage } from './flow-source.ts'

/** The lines of a file of flows as messages without numbers, in one way of saying them. */
export class FlowLines {
  /** Undefined: the flows cannot be said, and nothing is written. */
  speech: Speech | undefined
  private readonly source: FlowSource
  private readonly warn: Warn
  private readonly paint: Paint
  private readonly spare = new Writer()
  private shapes = new FlowShapes(line => this.learn(line))

  constructor(source: FlowSource, warn: Warn, paint: Paint) {
    this.source = source
    this.warn = warn
    this.paint = paint
  }

  speak(speech: Speech | undefined): void {
    this.speech = speech
    // What was learned is in the other way.
    this.shapes = new FlowShapes(line => this.learn(line))
  }

  /** Writes the flow of a line if that is quickly done, and it can be said in all of these protocols; false if not. */
  writeQuickly(out: Writer, from: number, to: number, protocols: Protocols): boolean {
    const shape = this.shapes.find(this.source.bytes, from, to)
    if (shape === undefined || (shape.protocols & protocols) !== protocols) return false
    this.shapes.write(out, shape)
    return true
  }

  /** The flow of a line; undefined if it has none. */
  read(from: number, to: number): FlowRead | undefined {
    const { bytes, command, names } = this.source
    return parseFileLine(fromUtf8(bytes, from, to), command, { ...names, warn: this.warn, paint: this.paint })
  }

  write(out: Writer, flow: FileFlow): boolean {
    return this.speech !== undefined && writeMessage(out, flowMessage(flow), { ...this.speech, xid: 0 })
  }

  private learn(line: string): LineRead | undefined {
    const { command, names } = this.source
    let warned = false
    const warn = (): void => {
      warned = true
    }
    const flow = parseFileLine(line, command, { ...names, warn })
    this.spare.at = 0
    if (flow?.ok !== true || warned || !this.write(this.spare, flow)) return undefined
    return { message: this.spare.done(), protocols: flow.protocols }
  }
}
