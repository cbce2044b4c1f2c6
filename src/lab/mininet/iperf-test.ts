import { elapsed, first, type Task } from '../../runtime/index.ts'
import { isListening } from './controller.ts'
import type { Node } from './node.ts'

/** How `iperf` is run. */
export type IperfOptions = {
  l4Type?: 'TCP' | 'UDP'
  /** What UDP is to send, in iperf's words: `10M`. */
  udpBw?: string
  /** iperf's `-f`. */
  fmt?: string
  seconds?: number
  port?: number
}

const rate = /([\d.]+ \w+\/sec)/g

/** The last rate that iperf printed; undefined if it printed none. */
export const parseIperf = (text: string): string | undefined => text.match(rate)?.at(-1)

/** Longest wait for a server to listen, and for its last words, ns. */
const patience = 10e9

/** Runs iperf between two nodes; what server and client printed. */
export function* runIperf(client: Node, server: Node, options: IperfOptions): Task<{ server: string; client: string }> {
  const { l4Type = 'TCP', udpBw = '10M', fmt, seconds = 5, port = 5001 } = options
  const { box } = server
  const common = ['-p', `${port}`, ...(l4Type === 'UDP' ? ['-u'] : []), ...(fmt === undefined ? [] : ['-f', fmt])]
  const serving = server.popen(['iperf', ...common, '-s'])
  const { clock } = box
  try {
    const limit = clock.now() + patience
    while (l4Type === 'TCP' && !isListening(server, port)) {
      if (serving.poll() !== undefined || clock.now() >= limit) throw new NotListening(port, serving.said())
      yield first(serving.news, elapsed(clock, 10e6))
    }
    const words = ['iperf', ...common, '-t', `${seconds}`, '-c', server.IP() ?? server.name]
    if (l4Type === 'UDP') words.push('-b', udpBw)
    const { text } = yield* box.exec(words, client.namespace)
    const end = clock.now() + patience
    while (parseIperf(serving.said()) === undefined && serving.poll() === undefined && clock.now() < end)
      yield first(serving.news, elapsed(clock, end - clock.now()))
    return { server: serving.said(), client: text }
  } finally {
    serving.kill()
  }
}

/** The server did not come up. */
export class NotListening extends Error {
  override name = 'NotListening'

  constructor(port: number, said: string) {
    super(`Could not connect to iperf on port ${port}${said === '' ? '' : `: ${said.trimEnd()}`}`)
  }
}
