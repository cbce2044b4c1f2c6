/** What commands of the control socket set and tell again; it lasts as long as the daemon. */
import type { Datapath, DatapathStats } from '../../datapath/datapath.ts'
import type { Vswitchd } from '../vswitchd.ts'

export type TrackingSettings = {
  mostConnections: number
  checksSequence: boolean
  defaultLimit: number
  /** Connections that a zone may have. */
  readonly zoneLimits: Map<number, number>
  readonly reassembles: Record<'v4' | 'v6', boolean>
  mostFragments: number
  /** Bytes. */
  readonly leastFragment: Record<'v4' | 'v6', number>
}

export type Settings = {
  readonly tracking: TrackingSettings
  /** The datapath's counts when `pmd-stats-clear` was said last. */
  clearedCounts: Pick<DatapathStats, 'hit' | 'missed' | 'lost' | 'cacheHits' | 'maskHits'>
  usesUfid: boolean
  /** What `dpctl/add-dp` made, by name. */
  readonly datapaths: Map<string, Datapath>
  /** Flows that commands added, by their ids, with the identifiers that they gave them. */
  readonly added: WeakMap<Datapath, Map<number, string | undefined>>
}

const usual = (): Settings => ({
  tracking: {
    mostConnections: 3_000_000,
    checksSequence: true,
    defaultLimit: 0,
    zoneLimits: new Map(),
    reassembles: { v4: true, v6: true },
    mostFragments: 1000,
    leastFragment: { v4: 1200, v6: 1280 },
  },
  clearedCounts: { hit: 0, missed: 0, lost: 0, cacheHits: 0, maskHits: 0 },
  usesUfid: true,
  datapaths: new Map(),
  added: new WeakMap(),
})

const known = new WeakMap<object, Settings>()

export const settingsOf = (daemon: Vswitchd): Settings => {
  let settings = known.get(daemon)
  if (settings === undefined) {
    const made = usual()
    settings = made
    known.set(daemon, made)
  }
  return settings
}
