import type { FlowKey } from '../flow/layout.ts'
import { LogLimit } from '../runtime/log-limit.ts'
import type { Switch } from '../switch/switch.ts'
import { traceFlow } from '../switch/trace.ts'
import { failures } from '../switch/trace-detail.ts'
import { formatFlow } from '../switch/trace-text.ts'
import type { Failure } from '../switch/translate/recorder.ts'

/** How often a minute the log tells of such frames, and how often in full. */
const mostLines = 5
const mostTraces = 1

/** Tells the log of frames whose translation had to be given up: what went wrong, and now and then all of the way there. */
export const warnOfTranslations = (sw: Switch): ((failure: Failure, key: FlowKey) => void) => {
  const lines = new LogLimit(mostLines, sw.clock.now())
  const traces = new LogLimit(mostTraces, sw.clock.now())
  return (failure, datapathKey) => {
    const ref = sw.inputPort(datapathKey)
    const bridge = ref && sw.bridges.get(ref.bridge.name)
    if (ref === undefined || bridge === undefined) return
    const key = datapathKey.slice()
    key[0] = ref.port.ofport
    const now = sw.clock.now()
    const { name, remark } = failures[failure]
    const text = `${remark || name} on bridge ${bridge.name} while processing ${formatFlow(key)}`
    lines.log(sw.log, now, 'ofproto_dpif_xlate', 'warn', text)
    traces.log((...line) => sw.log(...line), now, 'ofproto_dpif_upcall', 'warn', traceFlow(sw, bridge, key).trimEnd())
  }
}
