import type { Task } from '../../runtime/index.ts'
import type { Node } from './node.ts'
import type { Output } from './output.ts'

/** What one ping gave: packets, and times in ms. */
export type PingResult = {
  sent: number
  received: number
  rttmin: number
  rttavg: number
  rttmax: number
  rttdev: number
}

const lost: PingResult = { sent: 1, received: 0, rttmin: 0, rttavg: 0, rttmax: 0, rttdev: 0 }

/** Reads what `ping` printed; undefined if that says neither what was sent nor that nothing could be. */
export const parsePing = (text: string): PingResult | undefined => {
  if (/[uU]nreachable/.test(text) && !/ packets transmitted/.test(text)) return lost
  const counts = /(\d+) packets transmitted, (\d+)( packets)? received/.exec(text)
  if (counts === null) return undefined
  const [sent, received] = [Number(counts[1]), Number(counts[2])]
  const times = /rtt min\/avg\/max\/mdev = ([\d.]+)\/([\d.]+)\/([\d.]+)\/([\d.]+) ms/.exec(text)
  if (times === null) return { ...lost, sent, received }
  const [rttmin, rttavg, rttmax, rttdev] = times.slice(1).map(Number) as [number, number, number, number]
  return { sent, received, rttmin, rttavg, rttmax, rttdev }
}

/** One ping, from a node to another; undefined where the other has no interface. */
export function* pingOnce(node: Node, dest: Node, output: Output, timeout?: string): Task<PingResult | undefined> {
  if (dest.intfs.size === 0) return undefined
  const words = ['ping', '-c1', ...(timeout === undefined ? [] : ['-W', timeout]), dest.IP() ?? dest.name]
  const { text } = yield* node.box.exec(words, node.namespace)
  const result = parsePing(text)
  if (result !== undefined) return result
  output.error(`*** Error: could not parse ping output: ${text}\n`)
  return lost
}

/** Pings of each to each, printed as they come: a name for an answer, `X` for none. */
export function* pingEach(
  hosts: readonly Node[],
  output: Output,
  timeout: string | undefined,
  told: (node: Node, dest: Node, result: PingResult | undefined) => void,
  rowEnded: () => void = () => {},
): Task<void> {
  for (const node of hosts) {
    output.output(`${node.name} -> `)
    for (const dest of hosts) {
      if (node === dest) continue
      const result = yield* pingOnce(node, dest, output, timeout)
      told(node, dest, result)
      output.output(result !== undefined && result.received > 0 ? `${dest.name} ` : 'X ')
    }
    output.output('\n')
    rowEnded()
  }
}
