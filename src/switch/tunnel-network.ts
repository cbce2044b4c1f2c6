import { OfPort } from '../openflow/action.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Bridge } from './bridge.ts'
import type { NativeTunnels } from './native-tunnels.ts'
import { neighbourRequest } from './neighbour-request.ts'
import type { Translation } from './translate/translation.ts'

/** Sees to what translations say of the network that tunnels go through, and want of it. */
export class TunnelNetwork {
  private readonly clock: Clock
  private readonly native: NativeTunnels | undefined
  private readonly bridgeOf: (name: string) => Bridge | undefined

  /** `changed` is called when translations may come out differently. */
  constructor(
    { clock, native }: { clock: Clock; native?: NativeTunnels },
    bridgeOf: (name: string) => Bridge | undefined,
    changed: () => void,
  ) {
    this.clock = clock
    this.native = native
    this.bridgeOf = bridgeOf
    if (native !== undefined) native.onChange = changed
  }

  /** A frame did what a translation says. */
  apply(translation: Translation): void {
    for (const news of translation.tunnelNews)
      if (news.type === 'neighbour') this.native?.learn(news.bridge, news.ip, news.mac)
    this.ask(translation)
  }

  /** Asks for neighbours, from the bridge's own port. */
  ask({ tunnelNews }: Translation): void {
    for (const news of tunnelNews) {
      if (news.type !== 'ask') continue
      const { bridge, mac, source, ip } = news
      const actions = [{ type: 'output' as const, port: OfPort.table }]
      // Not now: what is being decided may change flows that are not there yet.
      this.clock.at(this.clock.now(), () =>
        this.bridgeOf(bridge)?.packetOut(neighbourRequest(mac, source, ip), OfPort.local, actions),
      )
    }
  }
}
