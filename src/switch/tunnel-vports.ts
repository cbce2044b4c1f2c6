import type { PortNumber } from '../datapath/action.ts'
import type { Datapath } from '../datapath/datapath.ts'
import type { FlowKey, TunnelRow } from '../flow/layout.ts'
import type { Frame } from '../wire/frame.ts'
import type { BridgePort } from './port.ts'
import type { OpenTunnel } from './switch-options.ts'
import type { BridgeView, PortRef } from './view.ts'

/** Where a tunnel's frames go when they come up from the network. */
export type Deliver = (port: PortNumber, frame: Frame, row: TunnelRow) => void

/** Tunnel ports of all bridges: those of one kind and UDP port share one port of the datapath. */
export class TunnelVports {
  constructor(_datapath: Datapath, _openTunnel: OpenTunnel | undefined, _deliver: Deliver) {}

  open(
    _bridge: BridgeView,
    _name: string,
    _ofport: number,
    _options: Readonly<Record<string, string>>,
  ): PortNumber | string {
    return 'no tunnels'
  }

  close(_bridge: BridgeView, _ofport: number): void {}

  inputPort(_key: FlowKey, _mask: FlowKey): PortRef | undefined {
    return undefined
  }

  output(_port: BridgePort, _flow: FlowKey, _mask: FlowKey): string | undefined {
    return 'no tunnels'
  }
}
