/** Whether what came in at a port gets to the tables. */
import { type FlowKey, hasTunnel, word } from '../../flow/layout.ts'
import { congestion } from '../../tunnel/ports.ts'
import type { BridgePort } from '../port.ts'
import type { BridgeView } from '../view.ts'
import type { Context } from './context.ts'
import { isForMirrors } from './mirror.ts'
import { isDeaf, refuses, takesBpdu } from './tree.ts'

/** Why the tables do not see what came in at a port, if they do not. */
export const whyRefused = (context: Context, bridge: BridgeView, port: BridgePort | undefined): string | undefined => {
  const { flow, mask } = context
  if (port !== undefined && takesBpdu(context, port)) return 'bpdu'
  if (port !== undefined && isForMirrors(bridge, port)) return 'mirror_port'
  if (hasTunnel(flow) && isLostToCongestion(flow, mask)) return 'tunnel_congestion'
  if (port !== undefined && refuses(port, flow, mask)) return 'no_receive'
  return port !== undefined && isDeaf(port) ? 'not_forwarding' : undefined
}

/** RFC 6040: a mark that the outer packet got on its way is the inner packet's, which is lost if it knows no marks. */
const isLostToCongestion = (flow: FlowKey, mask: FlowKey): boolean => {
  const what = congestion(flow, mask)
  if (what === 'mark') flow[word.ip] = flow[word.ip]! | 0x030000
  return what === 'drop'
}
