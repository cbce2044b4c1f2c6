/**
 * The bridges that both sides have: three with ports of all kinds of VLAN modes, the third with tunnels too, and patches
 * from the second to the others.
 */
export type PortSettings = {
  name: string
  ofport: number
  type: 'dummy' | 'patch' | 'vxlan'
  columns?:
    | undefined
    | {
        tag?: number
        trunks?: number[]
        cvlans?: number[]
        mode?: 'native-tagged' | 'native-untagged' | 'trunk' | 'dot1q-tunnel'
        priorityTags?: 'always' | 'if-nonzero'
      }
  options?: Readonly<Record<string, string>>
}

export const bridgeNames = ['br0', 'br1', 'br2'] as const
export const tunnelBridge = 2

/** The number of the port in mode dot1q-tunnel. */
export const tunnelPort = 8

const columns: readonly PortSettings['columns'][] = [
  {},
  {},
  { tag: 5 },
  { trunks: [5, 7], mode: 'native-tagged', tag: 7 },
  { trunks: [5], mode: 'native-untagged', tag: 7 },
  { tag: 5, priorityTags: 'always' },
  { trunks: [0, 5], priorityTags: 'if-nonzero' },
  { tag: 5, cvlans: [0, 5, 7], mode: 'dot1q-tunnel' },
]

const tunnels: readonly PortSettings[] = [
  { name: 'vx11', ofport: 11, type: 'vxlan', options: { remote_ip: '1.1.1.1', key: 'flow' } },
  {
    name: 'vx12',
    ofport: 12,
    type: 'vxlan',
    options: { remote_ip: 'flow', key: '5', tos: 'inherit', ttl: 'inherit', df_default: 'false' },
  },
  {
    name: 'vx13',
    ofport: 13,
    type: 'vxlan',
    options: {
      remote_ip: '2.2.2.2',
      local_ip: '3.3.3.3',
      in_key: 'flow',
      out_key: '9',
      csum: 'true',
      tos: '0x40',
      exts: 'gbp',
      dst_port: '4790',
    },
  },
]

export const portsOf = (bridge: number): PortSettings[] => {
  const own = columns.map(
    (each, i): PortSettings => ({
      name: `p${bridge}${i + 1}`,
      ofport: i + 1,
      type: 'dummy' as const,
      columns: each,
    }),
  )
  const patches = (bridge === 1 ? ['1-0', '1-2'] : [`${bridge}-1`]).map((name, i) => ({
    name: `patch${name}`,
    ofport: 10 + i,
    type: 'patch' as const,
    options: { peer: `patch${name.split('-').reverse().join('-')}` },
  }))
  return [...own, ...patches, ...(bridge === tunnelBridge ? tunnels : [])]
}

/** The words that add a port to Open vSwitch. */
export const vsctlWords = (
  bridge: number,
  { name, ofport, type, columns: port = {}, options = {} }: PortSettings,
): string[] => {
  const { tag, trunks, cvlans, mode, priorityTags } = port
  return [
    ...['add-port', bridgeNames[bridge] as string, name, '--', 'set', 'port', name, 'other_config:weft=1'],
    ...(tag === undefined ? [] : [`tag=${tag}`]),
    ...(trunks === undefined ? [] : [`trunks=${trunks.join(',')}`]),
    ...(cvlans === undefined ? [] : [`cvlans=${cvlans.join(',')}`]),
    ...(mode === undefined ? [] : [`vlan_mode=${mode}`]),
    ...(priorityTags === undefined ? [] : [`other_config:priority-tags=${priorityTags}`]),
    ...['--', 'set', 'interface', name, `type=${type}`, `ofport_request=${ofport}`],
    ...Object.entries(options).map(([key, value]) => `options:${key}=${value}`),
  ]
}
