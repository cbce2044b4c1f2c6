/** The tables and columns of hardware_vtep, version 1.7.0, as vtep(5) describes them: what a VTEP's controller writes. */
import { type BaseType, ephemeral, fixed, map, one, optional, set, some, type TableType } from '../column.ts'
import type { DatabaseSchema } from '../schema.ts'

const text: BaseType = { type: 'string' }
const integer: BaseType = { type: 'integer' }
const vlan: BaseType = { type: 'integer', min: 0, max: 4095 }
const to = (table: string): BaseType => ({ type: 'uuid', table })

/** A MAC seen behind a locator, or behind each of a set of them. */
const macs = (locator: Record<string, BaseType>): TableType => ({
  root: true,
  columns: {
    MAC: one(text),
    ipaddr: one(text),
    logical_switch: one(to('Logical_Switch')),
    ...Object.fromEntries(Object.entries(locator).map(([name, type]) => [name, one(type)])),
  },
})
const unicast = macs({ locator: to('Physical_Locator') })
const multicast = macs({ locator_set: to('Physical_Locator_Set') })
const arpSources: TableType = { root: true, columns: { locator: one(to('Physical_Locator')), src_mac: one(text) } }

export const hardwareVtep: DatabaseSchema = {
  name: 'hardware_vtep',
  version: '1.7.0',
  cksum: '353943336 11434',
  tables: {
    Global: {
      root: true,
      maxRows: 1,
      columns: {
        managers: set(to('Manager')),
        other_config: map(text, text),
        switches: set(to('Physical_Switch')),
      },
    },
    Manager: {
      indexes: [['target']],
      columns: {
        inactivity_probe: optional(integer),
        is_connected: ephemeral(one({ type: 'boolean' })),
        max_backoff: optional({ type: 'integer', min: 1000 }),
        other_config: map(text, text),
        status: ephemeral(map(text, text)),
        target: one(text),
      },
    },
    Physical_Switch: {
      indexes: [['name']],
      columns: {
        description: one(text),
        management_ips: set(text),
        name: one(text),
        other_config: map(text, text),
        ports: set(to('Physical_Port')),
        switch_fault_status: ephemeral(set(text)),
        tunnel_ips: set(text),
        tunnels: set(to('Tunnel')),
      },
    },
    Tunnel: {
      columns: {
        bfd_config_local: map(text, text),
        bfd_config_remote: map(text, text),
        bfd_params: map(text, text),
        bfd_status: ephemeral(map(text, text)),
        local: one(to('Physical_Locator')),
        remote: one(to('Physical_Locator')),
      },
    },
    Physical_Port: {
      columns: {
        acl_bindings: map(vlan, to('ACL')),
        description: one(text),
        name: one(text),
        other_config: map(text, text),
        port_fault_status: ephemeral(set(text)),
        vlan_bindings: map(vlan, to('Logical_Switch')),
        vlan_stats: ephemeral(map(vlan, to('Logical_Binding_Stats'))),
      },
    },
    Logical_Binding_Stats: {
      columns: {
        bytes_from_local: ephemeral(one(integer)),
        bytes_to_local: ephemeral(one(integer)),
        packets_from_local: ephemeral(one(integer)),
        packets_to_local: ephemeral(one(integer)),
      },
    },
    Logical_Switch: {
      root: true,
      indexes: [['name']],
      columns: {
        description: one(text),
        name: one(text),
        other_config: map(text, text),
        replication_mode: optional({ type: 'string', oneOf: ['service_node', 'source_node'] }),
        tunnel_key: optional(integer),
      },
    },
    Ucast_Macs_Local: unicast,
    Ucast_Macs_Remote: unicast,
    Mcast_Macs_Local: multicast,
    Mcast_Macs_Remote: multicast,
    Logical_Router: {
      root: true,
      indexes: [['name']],
      columns: {
        LR_fault_status: ephemeral(set(text)),
        acl_binding: map(text, to('ACL')),
        description: one(text),
        name: one(text),
        other_config: map(text, text),
        static_routes: map(text, text),
        switch_binding: map(text, to('Logical_Switch')),
      },
    },
    Arp_Sources_Local: arpSources,
    Arp_Sources_Remote: arpSources,
    Physical_Locator_Set: { columns: { locators: fixed(some(to('Physical_Locator'))) } },
    Physical_Locator: {
      indexes: [['encapsulation_type', 'dst_ip', 'tunnel_key']],
      columns: {
        dst_ip: fixed(one(text)),
        encapsulation_type: fixed(one({ type: 'string', oneOf: ['vxlan_over_ipv4'] })),
        tunnel_key: optional(integer),
      },
    },
    ACL_entry: {
      root: true,
      columns: {
        acle_fault_status: ephemeral(set(text)),
        action: one({ type: 'string', oneOf: ['deny', 'permit'] }),
        dest_ip: optional(text),
        dest_mac: optional(text),
        dest_mask: optional(text),
        dest_port_max: optional(integer),
        dest_port_min: optional(integer),
        direction: one({ type: 'string', oneOf: ['egress', 'ingress'] }),
        ethertype: optional(text),
        icmp_code: optional(integer),
        icmp_type: optional(integer),
        protocol: optional(integer),
        sequence: one(integer),
        source_ip: optional(text),
        source_mac: optional(text),
        source_mask: optional(text),
        source_port_max: optional(integer),
        source_port_min: optional(integer),
        tcp_flags: optional(integer),
        tcp_flags_mask: optional(integer),
      },
    },
    ACL: {
      root: true,
      indexes: [['acl_name']],
      columns: {
        acl_entries: some(to('ACL_entry')),
        acl_fault_status: ephemeral(set(text)),
        acl_name: one(text),
      },
    },
  },
}
