/** What `mdb/show` prints. */
import { formatPort } from '../../openflow/port-text.ts'
import { second } from '../../runtime/clock.ts'
import { formatIp4, formatIp6 } from '../../wire/address.ts'
import type { Group } from './group.ts'
import type { GroupTable } from './table.ts'

export const formatGroup = (group: Group): string => (typeof group === 'number' ? formatIp4(group) : formatIp6(group))

const age = (now: number, heard: number): string => String(Math.floor((now - heard) / second)).padStart(3)
const place = (port: number, vlan: number): string => `${formatPort(port).padStart(5)}  ${String(vlan).padStart(4)}  `

export const showGroups = (table: GroupTable, now: number): string =>
  [
    ' port  VLAN  GROUP                Age',
    ...[...table.list()].map(
      ({ port, vlan, group, heard }) => `${place(port, vlan)}${formatGroup(group)}         ${age(now, heard)}`,
    ),
    ...[...table.routers()].map(
      ({ port, vlan, heard }) => `${place(port, vlan)}querier             ${age(now, heard)}`,
    ),
  ]
    .map(line => `${line}\n`)
    .join('')
