import { OfPort } from '../../openflow/action.ts'
import type { BridgePort } from '../port.ts'
import { inputRefusal, inputTags, vlanOf } from '../vlan.ts'
import { type Context, portOf, record } from './context.ts'

/** Whether it is what a controller, or the switch itself, made. */
export const isFromNobody = (inPort: number): boolean => inPort === OfPort.none || inPort === OfPort.controller

/** The port that a frame came in at, which Open vSwitch says if there is none. */
export const knownPort = (context: Context, ofport: number): BridgePort | undefined => {
  const port = portOf(context, ofport)
  if (port === undefined) record(context, { kind: 'detail', detail: { what: 'unknown_port', ofport } })
  return port
}

type Refusal = NonNullable<ReturnType<typeof inputRefusal>>

/** Why a frame whose outer tag is in this VLAN, 0 without one, may not come in at a port, and says so; or undefined. */
export const refusalAt = (
  context: Context,
  { name: port, vlan: settings }: Pick<BridgePort, 'name' | 'vlan'>,
  vlan: number,
): Refusal | undefined => {
  const what = inputRefusal(settings, vlan)
  switch (what) {
    case 'tagged_on_access':
      record(context, { kind: 'detail', detail: { what, vlan, port, tag: settings.tag } })
      break
    case 'vlan_excluded':
      record(context, { kind: 'detail', detail: { what, vlan, port } })
      break
    case 'vlan_not_trunked':
      record(context, { kind: 'detail', detail: { what, vlan: vlanOf(inputTags(settings, [vlan, 0])[0]), port } })
  }
  return what
}
