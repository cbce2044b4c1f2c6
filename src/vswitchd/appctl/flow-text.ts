/** Flows of a datapath as commands of dpctl write them. */
import type { Megaflow } from '../../datapath/action.ts'
import type { Datapath } from '../../datapath/datapath.ts'
import type { FlowKey } from '../../flow/layout.ts'
import { type OdpFlowRead, type PortNumberOf, parseOdpFlow } from '../../flow/odp-parse.ts'

/** Ports of a datapath by name. */
export const portNumberOf =
  (datapath: Datapath): PortNumberOf =>
  name =>
    [...datapath.ports()].find(([, vport]) => vport.name === name)?.[0]

export const readFlow = (text: string, portNumber: PortNumberOf): OdpFlowRead => parseOdpFlow(text, portNumber)

export const formatFlowError = ({ wrong }: { wrong: string }): string => `syntax error at ${wrong}`

/** Whether a frame of this key is one of the flow's. */
export const agreesWith = (flow: Megaflow, key: FlowKey): boolean =>
  flow.key.every((value, i) => ((value ^ key[i]!) & flow.mask[i]!) === 0)
