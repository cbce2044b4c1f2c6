/** Spanning trees and multicast snooping in the Bridge and Port tables: what is wanted, and what became of it. */

import { strtoull, wholeInt } from '../openflow/c-number.ts'
import type { Datum } from '../ovsdb/datum.ts'
import { mapOf, recordOf } from '../ovsdb/datum.ts'
import type { Bridge } from '../switch/bridge.ts'
import type { BridgeOptions } from '../switch/bridge-options.ts'
import type { BridgePort } from '../switch/port.ts'
import { rstpPortStatistics, rstpPortStatus, rstpStatus } from '../switch/rstp/show.ts'
import type { QuerierOptions } from '../switch/snooping/querier.ts'
import type { SnoopingPortOptions } from '../switch/snooping/table.ts'
import { stpPortStatistics, stpPortStatus, stpStatus } from '../switch/stp/show.ts'
import type { TreePortOptions } from '../switch/tree-options.ts'
import { parseIp4, parseMac } from '../wire/address.ts'
import type { Row } from './row.ts'

type Config = Readonly<Record<string, string>>

const configOf = (row: Row): Config => {
  const other = row.columns.other_config
  return other === undefined ? {} : recordOf(other)
}

/** Whole numbers only: any other text is as none. */
const number = (config: Config, key: string): number | undefined => {
  const text = config[key]
  return text === undefined ? undefined : wholeInt(text)
}
/** Of ports Open vSwitch takes what stands at the beginning of the text, in other words 0, and of it some bits. */
const leading = (config: Config, key: string, base: 0 | 10, bits: number): number | undefined => {
  const text = config[key]
  return text === undefined ? undefined : Number(BigInt.asUintN(bits, strtoull(text, base)))
}
const mac = (config: Config, key: string): number | 'invalid' | undefined => {
  const text = config[key]
  return text === undefined ? undefined : (parseMac(text) ?? 'invalid')
}
const isOn = (row: Row, column: string): boolean => row.columns[column]?.keys[0] === true

/** The keys that have values, so that what is not set does not look like a change. */
const present = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

export const treeColumns = (bridge: Row): Pick<BridgeOptions, 'stp' | 'rstp' | 'snooping'> => {
  const config = configOf(bridge)
  const of = (key: string): number | undefined => number(config, key)
  return present({
    stp: isOn(bridge, 'stp_enable')
      ? present({
          systemId: mac(config, 'stp-system-id'),
          priority: of('stp-priority'),
          helloTime: of('stp-hello-time'),
          maxAge: of('stp-max-age'),
          forwardDelay: of('stp-forward-delay'),
        })
      : undefined,
    rstp: isOn(bridge, 'rstp_enable')
      ? present({
          address: mac(config, 'rstp-address'),
          priority: of('rstp-priority'),
          forceVersion: of('rstp-force-protocol-version'),
          maxAge: of('rstp-max-age'),
          forwardDelay: of('rstp-forward-delay'),
          holdCount: of('rstp-transmit-hold-count'),
        })
      : undefined,
    snooping: isOn(bridge, 'mcast_snooping_enable')
      ? present({
          agingTime: of('mcast-snooping-aging-time'),
          tableSize: of('mcast-snooping-table-size'),
          disableFloodUnregistered: config['mcast-snooping-disable-flood-unregistered'] === 'true',
          querier: querierColumns(config),
        })
      : undefined,
  })
}

/** Open vSwitch has no such thing, so the keys say whose they are. */
const querierColumns = (config: Config): QuerierOptions | undefined => {
  if (config['weft-mcast-snooping-querier'] !== 'true') return undefined
  const of = (key: string): number | undefined => number(config, `weft-mcast-snooping-querier-${key}`)
  return present<QuerierOptions>({
    interval: of('interval'),
    address: parseIp4(config['weft-mcast-snooping-querier-address'] ?? ''),
    igmpVersion: of('igmp-version') === 2 ? 2 : undefined,
    mldVersion: of('mld-version') === 1 ? 1 : undefined,
  })
}

export type PortColumns = { tree: TreePortOptions; snooping: SnoopingPortOptions }

export const treePortColumns = (port: Row): PortColumns => {
  const config = configOf(port)
  return {
    tree: {
      stp: present({
        enabled: config['stp-enable'] === 'false' ? false : undefined,
        number: leading(config, 'stp-port-num', 0, 64),
        priority: leading(config, 'stp-port-priority', 0, 8),
        pathCost: leading(config, 'stp-path-cost', 10, 16),
      }),
      rstp: present({
        enabled: config['rstp-enable'] === 'false' ? false : undefined,
        number: leading(config, 'rstp-port-num', 0, 64),
        priority: leading(config, 'rstp-port-priority', 0, 8),
        pathCost: leading(config, 'rstp-path-cost', 10, 32),
        adminEdge: config['rstp-port-admin-edge'] === 'true' ? true : undefined,
        autoEdge: config['rstp-port-auto-edge'] === 'false' ? false : undefined,
        mcheck: config['rstp-port-mcheck'] === 'true' ? true : undefined,
      }),
    },
    snooping: present({
      flood: config['mcast-snooping-flood'] === 'true' ? true : undefined,
      floodReports: config['mcast-snooping-flood-reports'] === 'true' ? true : undefined,
    }),
  }
}

const texts = (record: Record<string, string>): Datum => mapOf(Object.entries(record))
const counts = (record: Record<string, number>): Datum => mapOf(Object.entries(record))

/** Columns of the Bridge row. */
export const treeStatus = (bridge: Bridge): Record<string, Datum> => ({
  status: texts(stpStatus(bridge)),
  rstp_status: texts(rstpStatus(bridge)),
})

/** Columns of the Port row, at time `now`. */
export const treePortStatus = (bridge: Bridge, port: BridgePort, now: number): Record<string, Datum> => ({
  status: texts(stpPortStatus(bridge, port, now)),
  rstp_status: texts(rstpPortStatus(bridge, port)),
  statistics: counts(stpPortStatistics(bridge, port)),
  rstp_statistics: counts(rstpPortStatistics(bridge, port, now)),
})
