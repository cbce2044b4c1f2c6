import type { RowChange } from '../ovsdb/client/row.ts'
import { equalDatum } from '../ovsdb/datum.ts'

/** Columns that the daemon, or a server, writes: they ask nothing of the switch. */
const written: Readonly<Record<string, ReadonlySet<string>>> = {
  Open_vSwitch: new Set([
    'cur_cfg',
    'datapath_types',
    'db_version',
    'dpdk_initialized',
    'dpdk_version',
    'iface_types',
    'ovs_version',
    'statistics',
    'system_type',
    'system_version',
  ]),
  Bridge: new Set(['datapath_id', 'datapath_version', 'rstp_status', 'status']),
  Port: new Set(['bond_active_slave', 'rstp_statistics', 'rstp_status', 'statistics', 'status']),
  Interface: new Set([
    'admin_state',
    'bfd_status',
    'cfm_fault',
    'cfm_fault_status',
    'cfm_flap_count',
    'cfm_health',
    'cfm_remote_mpids',
    'cfm_remote_opstate',
    'duplex',
    'error',
    'ifindex',
    'lacp_current',
    'link_resets',
    'link_speed',
    'link_state',
    'mac_in_use',
    'mtu',
    'ofport',
    'statistics',
    'status',
  ]),
  Controller: new Set(['is_connected', 'role', 'status']),
  Manager: new Set(['is_connected', 'status']),
  Mirror: new Set(['statistics']),
}

/** Whether a change of a row may ask something else of the switch than before. */
export const asksAnew = ({ old, now }: RowChange): boolean => {
  if (old === undefined || now === undefined) return true
  const passive = written[now.table]
  return Object.entries(now.columns).some(
    ([column, value]) => !passive?.has(column) && !equalDatum(old.columns[column] ?? value, value),
  )
}
