/** Calls of os-ken's `ofctl` libraries, which its REST interface and many applications are made of; see `ofctl_calls.py`. */

/** A call and the versions, as numbers on the wire, that have it. */
type Row = readonly [call: unknown, from?: number | undefined, to?: number | undefined]

const output = (port: number | string): unknown => ({ type: 'OUTPUT', port })
const add = 'OFPFC_ADD'

/** Where 1.5 says instructions, those before say actions. */
const flow = (rest: object, actions: unknown[]): Row[] => [
  [['mod_flow_entry', { ...rest, actions }, add], 1, 5],
  [['mod_flow_entry', { ...rest, instructions: [{ type: 'APPLY_ACTIONS', actions }] }, add], 6],
]

const changed = (command: string, rest: object, actions: unknown[]): Row[] =>
  flow(rest, actions).map(([call, ...versions]) => [(call as unknown[]).with(2, command), ...versions])

const dumps: Row[] = [[['get_flow_stats'], 1], [['get_flow_desc_stats'], 6], [['get_aggregate_flow_stats']]]

const descriptions: Row[] = [
  [['get_desc_stats']],
  [['get_table_stats']],
  // At 1.4 and 1.5 os-ken needs half a minute to read the answer, whoever gives it.
  [['get_table_features'], 4, 4],
  [['get_port_stats']],
  [['get_port_stats', 1]],
  [['get_port_stats', 'LOCAL']],
  [['get_port_stats', 77]],
  [['get_port_desc']],
  [['get_port_desc', 2], 6],
  [['get_queue_stats']],
  [['get_queue_stats', 1]],
  [['get_queue_stats', 1, 5]],
  [['get_queue_stats', 77]],
  [['get_queue_config', 1], 2, 4],
  [['get_queue_config'], 2, 4],
  [['get_queue_desc'], 5],
  [['get_queue_desc', 1], 5],
  [['get_group_features'], 2],
  // At 1.5 os-ken expects more than there is, of Open vSwitch too.
  [['get_meter_features'], 4, 5],
  [['get_role'], 3],
]

const matches10 = [
  { in_port: 1, dl_src: '00:00:00:00:00:01', dl_dst: '00:00:00:00:00:02' },
  { dl_vlan: 5, dl_vlan_pcp: 3 },
  { dl_type: 2048, nw_src: '10.0.0.0/8', nw_dst: '10.1.2.3', nw_proto: 6, tp_src: 80, tp_dst: 8080 },
  { dl_type: 2048, nw_tos: 4, nw_proto: 1, tp_src: 8, tp_dst: 0 },
  { dl_type: 2054, nw_proto: 1, nw_src: '10.0.0.1' },
  { dl_type: 2048, nw_src: '10.0.0.0/33' },
]
const actions10: unknown[][] = [
  [
    output(2),
    output('LOCAL'),
    output('FLOOD'),
    output('ALL'),
    output('IN_PORT'),
    output('CONTROLLER'),
    output('NORMAL'),
  ],
  [{ type: 'SET_VLAN_VID', vlan_vid: 9 }, { type: 'SET_VLAN_PCP', vlan_pcp: 3 }, { type: 'STRIP_VLAN' }, output(1)],
  [{ type: 'SET_DL_SRC', dl_src: '02:00:00:00:00:01' }, { type: 'SET_DL_DST', dl_dst: '02:00:00:00:00:02' }, output(1)],
  [
    { type: 'SET_NW_SRC', nw_src: '1.2.3.4' },
    { type: 'SET_NW_DST', nw_dst: '1.2.3.5' },
    { type: 'SET_NW_TOS', nw_tos: 16 },
    { type: 'SET_TP_SRC', tp_src: 1 },
    { type: 'SET_TP_DST', tp_dst: 2 },
    output(2),
  ],
  [{ type: 'ENQUEUE', port: 2, queue_id: 1 }],
  [{ type: 'ENQUEUE', port: 77, queue_id: 1 }],
  [output(0)],
  [output(77)],
  [],
]

const flows10: Row[] = [
  ...matches10.map((match, i): Row => [['mod_flow_entry', { priority: i, match, actions: [output(2)] }, add], 1, 1]),
  ...actions10.map(
    (actions, i): Row => [
      ['mod_flow_entry', { priority: 100 + i, match: { dl_type: 2048, nw_proto: 6 }, actions }, add],
      1,
      1,
    ],
  ),
]

const matches: object[] = [
  { in_port: 1, eth_src: '00:00:00:00:00:01', eth_dst: '00:00:00:00:00:02/ff:ff:ff:00:00:00' },
  { in_port: 'LOCAL' },
  { metadata: '0x10/0xf0' },
  { vlan_vid: 5, vlan_pcp: 3 },
  { vlan_vid: '0x1000/0x1000' },
  { vlan_vid: '0x0000' },
  { eth_type: 2048, ipv4_src: '10.0.0.0/8', ipv4_dst: '10.1.2.3/255.0.255.0', ip_proto: 6, tcp_src: 80, tcp_dst: 8080 },
  { eth_type: 2048, ip_dscp: 4, ip_ecn: 1, ip_proto: 17, udp_src: 53, udp_dst: 53 },
  { eth_type: 2048, ip_proto: 132, sctp_src: 1, sctp_dst: 2 },
  { eth_type: 2048, ip_proto: 1, icmpv4_type: 8, icmpv4_code: 0 },
  { eth_type: 2054, arp_op: 1, arp_spa: '10.0.0.1', arp_tpa: '10.0.0.0/24', arp_sha: '00:00:00:00:00:01' },
  { eth_type: 34525, ipv6_src: '2001::1', ipv6_dst: '2001::/16', ipv6_flabel: 5, ip_proto: 58, icmpv6_type: 135 },
  {
    eth_type: 34525,
    ip_proto: 58,
    icmpv6_type: 135,
    icmpv6_code: 0,
    ipv6_nd_target: 'fe80::1',
    ipv6_nd_sll: '00:00:00:00:00:05',
  },
  { eth_type: 34887, mpls_label: 3, mpls_tc: 5 },
  { ip_proto: 6 },
  { eth_type: 2048, tcp_dst: 80 },
  { vlan_pcp: 3 },
]
const actionLists: unknown[][] = [
  [
    output(2),
    output('LOCAL'),
    output('FLOOD'),
    output('ALL'),
    output('IN_PORT'),
    output('CONTROLLER'),
    output('NORMAL'),
  ],
  [{ type: 'OUTPUT', port: 'CONTROLLER', max_len: 99 }],
  [{ type: 'PUSH_VLAN', ethertype: 33024 }, { type: 'SET_FIELD', field: 'vlan_vid', value: 4105 }, output(1)],
  [{ type: 'POP_VLAN' }, output(1)],
  [{ type: 'PUSH_MPLS', ethertype: 34887 }, { type: 'SET_FIELD', field: 'mpls_label', value: 7 }, output(1)],
  [{ type: 'POP_MPLS', ethertype: 2048 }, output(1)],
  [{ type: 'SET_NW_TTL', nw_ttl: 9 }, { type: 'DEC_NW_TTL' }, output(1)],
  [{ type: 'COPY_TTL_OUT' }, { type: 'COPY_TTL_IN' }, output(1)],
  [{ type: 'SET_FIELD', field: 'eth_src', value: '02:00:00:00:00:01' }, output(1)],
  [
    { type: 'SET_FIELD', field: 'ipv4_src', value: '1.2.3.4' },
    { type: 'SET_FIELD', field: 'tcp_dst', value: 5 },
    output(1),
  ],
  [{ type: 'SET_FIELD', field: 'udp_dst', value: 5 }],
  [{ type: 'SET_QUEUE', queue_id: 7 }, output(2)],
  [{ type: 'GROUP', group_id: 5 }],
  [{ type: 'GROUP', group_id: 99 }],
  [{ type: 'PUSH_PBB', ethertype: 35047 }],
  [{ type: 'PUSH_VLAN', ethertype: 2048 }],
  [{ type: 'EXPERIMENTER', experimenter: 4, data: 'abcdefgh' }],
  [{ type: 'METER', meter_id: 1 }, output(1)],
  [{ type: 'METER', meter_id: 9 }, output(1)],
  [
    { type: 'COPY_FIELD', n_bits: 16, src_offset: 0, dst_offset: 0, src_oxm_id: 'tcp_src', dst_oxm_id: 'tcp_dst' },
    output(1),
  ],
  [output(0)],
  [output(77)],
  [output('TABLE')],
  [output('ANY')],
  [],
]
const instructions: unknown[][] = [
  [{ type: 'WRITE_ACTIONS', actions: [output(1), { type: 'POP_VLAN' }] }],
  [{ type: 'CLEAR_ACTIONS' }],
  [{ type: 'GOTO_TABLE', table_id: 9 }],
  [{ type: 'GOTO_TABLE', table_id: 0 }],
  [{ type: 'GOTO_TABLE', table_id: 254 }],
  [{ type: 'WRITE_METADATA', metadata: '0x12', metadata_mask: '0xff' }],
  [{ type: 'METER', meter_id: 1 }, output(1)],
  [{ type: 'METER', meter_id: 9 }],
  [{ type: 'WRITE_ACTIONS', actions: [output(1)] }, { type: 'GOTO_TABLE', table_id: 3 }, { type: 'CLEAR_ACTIONS' }],
]

const flows: Row[] = [
  ...matches.flatMap((match, i) =>
    flow({ priority: i, match, table_id: 1 }, [output(2)]).map(
      ([call, from, to]): Row => [call, Math.max(3, from ?? 1), to],
    ),
  ),
  ...actionLists.flatMap((actions, i) =>
    flow({ priority: 100 + i, table_id: 2, match: { eth_type: 2048, ip_proto: 6 } }, actions).map(
      ([call, from, to]): Row => [call, Math.max(3, from ?? 1), to],
    ),
  ),
  ...instructions.flatMap((list, i): Row[] => [
    [['mod_flow_entry', { priority: 200 + i, table_id: 0, match: { in_port: 1 }, actions: list }, add], 3, 5],
    [['mod_flow_entry', { priority: 200 + i, table_id: 0, match: { in_port: 1 }, instructions: list }, add], 6],
  ]),
]

/** os-ken can say COPY_FIELD but not read it: a dump with such a flow would be lost. */
const copies = actionLists.findIndex(list => (list[0] as { type?: string } | undefined)?.type === 'COPY_FIELD')
const unreadable: Row[] = changed(
  'OFPFC_DELETE_STRICT',
  { priority: 100 + copies, table_id: 2, match: { eth_type: 2048, ip_proto: 6 } },
  [],
).filter(([, from]) => from === 6)

const changes: Row[] = [
  ...flow({ priority: 1, cookie: 7, idle_timeout: 100, hard_timeout: 200, flags: 1, match: { in_port: 3 } }, [
    output(1),
  ]),
  ...flow({ priority: 1, cookie: 7, flags: 3, match: { in_port: 3 } }, [output(1)]),
  ...flow({ priority: 1, flags: 0x1f, table_id: 4, match: { in_port: 2 } }, [output(1)]),
  ...flow({ priority: 1, importance: 9, table_id: 5, match: { in_port: 2 } }, [output(1)]),
  ...flow({ priority: 1, table_id: 254, match: { in_port: 2 } }, [output(1)]),
  ...flow({ priority: 1, table_id: 255, match: { in_port: 2 } }, [output(1)]),
  ...flow({ priority: 1, buffer_id: 17, match: { in_port: 2 } }, [output(1)]),
  ...changed('OFPFC_MODIFY', { buffer_id: 17, match: { in_port: 3 } }, [output(2)]),
  ...changed('OFPFC_DELETE', { buffer_id: 17, match: { in_port: 3 } }, [output(2)]),
  ...changed('OFPFC_MODIFY', { match: { in_port: 3 } }, [output(2)]),
  ...changed('OFPFC_MODIFY_STRICT', { priority: 1, match: { in_port: 3 } }, [output(3)]),
  [['get_flow_stats', { match: { in_port: 3 } }]],
  [['get_flow_stats', { match: { in_port: 3 }, out_port: 3, table_id: 0 }]],
  [['get_aggregate_flow_stats', { cookie: 7, cookie_mask: 7 }]],
  ...changed('OFPFC_DELETE_STRICT', { priority: 2, match: { in_port: 3 } }, []),
  ...changed('OFPFC_DELETE_STRICT', { priority: 1, match: { in_port: 3 } }, []),
  ...changed('OFPFC_DELETE', { cookie: 7, cookie_mask: 7 }, []),
]

const group = (command: string, rest: object): Row => [['mod_group_entry', rest, command], 3]
const bucket = (port: number, rest: object = {}): object => ({ ...rest, actions: [output(port)] })
const groups: Row[] = [
  group('OFPGC_ADD', { type: 'ALL', group_id: 5, buckets: [bucket(1, { bucket_id: 1 }), bucket(2, { bucket_id: 2 })] }),
  group('OFPGC_ADD', { type: 'ALL', group_id: 5, buckets: [] }),
  group('OFPGC_ADD', { type: 'INDIRECT', group_id: 6, buckets: [bucket(1)] }),
  group('OFPGC_ADD', { type: 'INDIRECT', group_id: 7, buckets: [bucket(1), bucket(2, { bucket_id: 1 })] }),
  [
    [
      'mod_group_entry',
      { type: 'SELECT', group_id: 8, buckets: [bucket(1, { weight: 3 }), bucket(2, { weight: 1 })] },
      'OFPGC_ADD',
    ],
    3,
    5,
  ],
  [
    [
      'mod_group_entry',
      {
        type: 'SELECT',
        group_id: 8,
        buckets: [
          bucket(1, { bucket_id: 4, properties: [{ type: 'WEIGHT', weight: 3 }] }),
          bucket(2, { bucket_id: 5, properties: [{ type: 'WEIGHT', weight: 1 }] }),
        ],
      },
      'OFPGC_ADD',
    ],
    6,
  ],
  [
    [
      'mod_group_entry',
      { type: 'FF', group_id: 9, buckets: [bucket(1, { watch_port: 1 }), bucket(2, { watch_group: 5 })] },
      'OFPGC_ADD',
    ],
    3,
    5,
  ],
  [
    [
      'mod_group_entry',
      {
        type: 'FF',
        group_id: 9,
        buckets: [
          bucket(1, { bucket_id: 4, properties: [{ type: 'WATCH_PORT', watch: 1 }] }),
          bucket(2, { bucket_id: 5, properties: [{ type: 'WATCH_GROUP', watch: 5 }] }),
        ],
      },
      'OFPGC_ADD',
    ],
    6,
  ],
  group('OFPGC_ADD', { type: 'FF', group_id: 10, buckets: [bucket(1)] }),
  group('OFPGC_ADD', { type: 'ALL', group_id: 11, buckets: [{ actions: [{ type: 'GROUP', group_id: 5 }] }] }),
  group('OFPGC_ADD', { type: 'ALL', group_id: 12, buckets: [{ actions: [{ type: 'GROUP', group_id: 99 }] }] }),
  group('OFPGC_MODIFY', { type: 'ALL', group_id: 5, buckets: [bucket(2, { bucket_id: 3 })] }),
  group('OFPGC_MODIFY', { type: 'ALL', group_id: 55, buckets: [bucket(2)] }),
  [
    [
      'mod_group_entry',
      { type: 'ALL', group_id: 5, command_bucket_id: '0xfffffffe', buckets: [bucket(1, { bucket_id: 9 })] },
      'OFPGC_INSERT_BUCKET',
    ],
    6,
  ],
  [['mod_group_entry', { type: 'ALL', group_id: 5, command_bucket_id: 3, buckets: [] }, 'OFPGC_REMOVE_BUCKET'], 6],
  [['mod_group_entry', { type: 'ALL', group_id: 5, command_bucket_id: 33, buckets: [] }, 'OFPGC_REMOVE_BUCKET'], 6],
  [['get_group_stats'], 2],
  [['get_group_stats', 5], 2],
  [['get_group_stats', 77], 2],
  [['get_group_desc'], 2],
  [['get_group_desc', 8], 5],
]
const groupsGo: Row[] = [
  group('OFPGC_DELETE', { group_id: 6 }),
  group('OFPGC_DELETE', { group_id: 'ALL' }),
  [['get_group_desc'], 2],
]

const meter = (command: string, rest: object): Row => [['mod_meter_entry', rest, command], 4]
const meters: Row[] = [
  meter('OFPMC_ADD', { meter_id: 1, flags: ['KBPS'], bands: [{ type: 'DROP', rate: 1000 }] }),
  meter('OFPMC_ADD', { meter_id: 1, flags: ['KBPS'], bands: [{ type: 'DROP', rate: 1000 }] }),
  meter('OFPMC_ADD', {
    meter_id: 2,
    flags: ['PKTPS', 'BURST', 'STATS'],
    bands: [{ type: 'DROP', rate: 10, burst_size: 3 }],
  }),
  meter('OFPMC_ADD', {
    meter_id: 3,
    flags: ['KBPS'],
    bands: [{ type: 'DSCP_REMARK', rate: 10, burst_size: 3, prec_level: 1 }],
  }),
  meter('OFPMC_ADD', {
    meter_id: 4,
    flags: ['KBPS'],
    bands: [{ type: 'EXPERIMENTER', rate: 1, burst_size: 1, experimenter: 5 }],
  }),
  meter('OFPMC_ADD', { meter_id: 0, flags: ['KBPS'], bands: [] }),
  meter('OFPMC_ADD', { meter_id: 5, flags: [], bands: [] }),
  meter('OFPMC_ADD', { meter_id: 6, flags: ['KBPS', 'PKTPS'], bands: [{ type: 'DROP', rate: 1 }] }),
  meter('OFPMC_ADD', { meter_id: 7, flags: ['STATS'], bands: [{ type: 'DROP', rate: 1 }] }),
  meter('OFPMC_ADD', { meter_id: 13, flags: ['STATS'], bands: [{ type: 'DSCP_REMARK', rate: 1, prec_level: 1 }] }),
  meter('OFPMC_ADD', { meter_id: 8, flags: ['BURST'], bands: [{ type: 'DROP', rate: 1 }] }),
  meter('OFPMC_ADD', { meter_id: 9, flags: ['KBPS', 'BURST'], bands: [{ type: 'DROP', rate: 5 }] }),
  meter('OFPMC_ADD', { meter_id: 10, flags: ['KBPS'], bands: [{ type: 'DROP', rate: 5, burst_size: 6 }] }),
  meter('OFPMC_ADD', { meter_id: 11, flags: ['KBPS'], bands: [] }),
  meter('OFPMC_ADD', { meter_id: 12, flags: ['KBPS'], bands: [{ type: 'DROP', rate: 0 }] }),
  meter('OFPMC_MODIFY', { meter_id: 1, flags: ['PKTPS'], bands: [{ type: 'DROP', rate: 7 }] }),
  meter('OFPMC_MODIFY', { meter_id: 77, flags: ['PKTPS'], bands: [{ type: 'DROP', rate: 7 }] }),
  [['get_meter_config'], 4, 5],
  [['get_meter_config', 2], 4, 5],
  [['get_meter_config', 77], 4, 5],
  [['get_meter_desc'], 6],
  [['get_meter_desc', 2], 6],
  [['get_meter_stats'], 4],
  [['get_meter_stats', 2], 4],
  [['get_meter_stats', 77], 4],
]
const metersGo: Row[] = [
  meter('OFPMC_DELETE', { meter_id: 2 }),
  meter('OFPMC_DELETE', { meter_id: 'ALL' }),
  [['get_meter_stats'], 4],
]

const mac1 = 'MAC 1'
const portMod = (rest: object): Row => [
  ['mod_port_behavior', { port_no: 1, hw_addr: mac1, config: 0, mask: 0, advertise: 0, properties: [], ...rest }],
]
const ports: Row[] = [
  portMod({ config: 1, mask: 1 }),
  [['get_port_desc']],
  portMod({ config: 0, mask: 1 }),
  portMod({ config: 0x20, mask: 0x60 }),
  portMod({ config: 0, mask: 0x7f }),
  portMod({ port_no: 77, hw_addr: '00:00:00:00:00:01', config: 1, mask: 1 }),
  portMod({ hw_addr: '00:00:00:00:00:01', config: 1, mask: 1 }),
  [
    [
      'mod_port_behavior',
      { port_no: 1, hw_addr: mac1, config: 0, mask: 0, properties: [{ type: 'ETHERNET', advertise: 1 }] },
    ],
    5,
  ],
]

const roles: Row[] = [
  [['set_role', { role: 'MASTER' }], 3],
  [['get_role'], 3],
  [['set_role', { role: 'SLAVE' }], 3],
  ...flow({ priority: 1, match: {} }, [output(1)]),
  [['get_role'], 3],
  [['set_role', { role: 'EQUAL' }], 3],
  [['get_role'], 3],
]

const experimenters: Row[] = [
  [['send_experimenter', { experimenter: 5, exp_type: 6, data: 'abcd' }], 3],
  [['send_experimenter', { experimenter: 0x2320, exp_type: 9999, data: 'abcd' }], 3],
]

const last: Row[] = [
  [['delete_flow_entry'], 1, 1],
  ...changed('OFPFC_DELETE', { table_id: 'ALL' }, []).map(([call, , to]): Row => [call, to === undefined ? 6 : 3, to]),
]

const rows: Row[] = [
  ...last,
  group('OFPGC_DELETE', { group_id: 'ALL' }),
  meter('OFPMC_DELETE', { meter_id: 'ALL' }),
  ...descriptions,
  ...groups,
  ...meters,
  ...flows10,
  ...flows,
  ...unreadable,
  ...dumps,
  ...groupsGo,
  ...metersGo,
  ...dumps,
  ...last,
  ...changes,
  ...dumps,
  ...ports,
  ...roles,
  ...experimenters,
  ...last,
]

/** The calls for a version, a number on the wire. */
export const ofctlCalls = (version: number): unknown[] =>
  rows.filter(([, from = 1, to = 6]) => version >= from && version <= to).map(([call]) => call)
