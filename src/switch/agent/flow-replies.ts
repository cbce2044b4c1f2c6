import { Writer } from '../../openflow/bytes.ts'
import { type EncodeOptions, encodeMessage } from '../../openflow/message-wire.ts'
import { FlowsWriter, type ToldFlow } from '../../openflow/messages/flow-stats.ts'
import { longestMessage } from './split.ts'

/**
 * The messages of an OFPST_FLOW reply: the next begins where the next flow would make one too long. A table may have a
 * million flows, so they are asked for one after the other, and none is used after the next was asked for.
 */
export function* encodeFlows(flows: Iterable<ToldFlow>, options: EncodeOptions): Generator<Uint8Array, undefined> {
  const { version, nxm = false } = options
  const head = encodeMessage({ type: 'flow_reply', flows: [] }, options) as Uint8Array
  const writer = new FlowsWriter(version, version === 1 && nxm)
  const out = new Writer(2 * longestMessage)
  out.raw(encodeMessage({ type: 'flow_reply', flows: [], more: true }, options) as Uint8Array)
  for (const flow of flows) {
    const start = out.at
    writer.write(flow, out)
    if (out.at <= longestMessage) continue
    const size = out.at - start
    if (head.length + size > longestMessage) {
      // One that is too long by itself is left out.
      out.at = start
      continue
    }
    yield sealed(out, start)
    out.bytes.copyWithin(head.length, start, start + size)
    out.at = head.length + size
  }
  out.bytes.set(head)
  yield sealed(out, out.at)
  return undefined
}

/** A copy of the first bytes, with their number as the message's length. */
const sealed = (out: Writer, length: number): Uint8Array => {
  out.put16(2, length)
  return out.bytes.slice(0, length)
}
