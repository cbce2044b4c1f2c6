import type { Version } from '../../src/openflow/protocol.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { actionList, type Category, lastTable } from './actions.ts'
import type { Kind } from './kinds.ts'
import { chance, pick, portNumbers } from './values.ts'

/** Groups 1 to 12, as `ovs-ofctl add-group` takes them; 13 to 15 are not there. Later ones may lead to earlier ones. */
export const randomGroups = (random: Random, bridge: number, version: Version, category: Category): string[] =>
  Array.from({ length: 12 }, (_, i) => randomGroup(random, i + 1, bridge, version, category))

const types = ['all', 'all', 'select', 'select', 'select', 'indirect', 'ff'] as const

const randomGroup = (random: Random, id: number, bridge: number, version: Version, category: Category): string => {
  const type = pick(random, types)
  const parts = [`group_id=${id}`, `type=${type}`]
  if (type === 'select' && version >= 6) parts.push(...randomMethod(random))
  const count = type === 'indirect' ? 1 : below(random, 4)
  for (let i = 0; i < count; i++) {
    const bucket: string[] = []
    if (type === 'select' && chance(random, 0.6)) bucket.push(`weight:${pick(random, [0, 1, 5, 10, 100, 1000])}`)
    if (type === 'ff')
      bucket.push(
        chance(random, 0.85) || id === 1
          ? `watch_port:${pick(random, [...portNumbers, 99])}`
          : `watch_group:${1 + below(random, id - 1)}`,
      )
    else if (type === 'select' && chance(random, 0.1)) bucket.push(`watch_port:${pick(random, [2, 99])}`)
    bucket.push(bucketActions(random, id, bridge, version, category))
    parts.push(`bucket=${bucket.join(',')}`)
  }
  return parts.join(',')
}

const randomMethod = (random: Random): string[] => {
  const how = below(random, 4)
  if (how === 0) return []
  if (how === 1)
    return [`selection_method=dp_hash${chance(random, 0.5) ? `,selection_method_param=${below(random, 9)}` : ''}`]
  const fields = pick(random, [
    'eth_src',
    'eth_src,eth_dst,eth_type',
    'ip_src',
    'ip_src,ip_dst,nw_proto,tcp_src,tcp_dst',
    'reg0,in_port',
    'ip_dst=255.255.255.0,eth_src',
    'vlan_tci',
    'ipv6_src,ipv6_dst',
  ])
  return [`selection_method=hash,selection_method_param=${below(random, 9)},fields(${fields})`]
}

const bucketActions = (random: Random, id: number, bridge: number, version: Version, category: Category): string => {
  if (id > 1 && chance(random, 0.2)) return `group:${1 + below(random, id - 1)}`
  const kind = pick(random, ['any', 'any', 'any', 'ip', 'tcp', 'mpls'] as const satisfies readonly Kind[])
  const match = { parts: [], kind, tagged: false }
  return actionList(
    { random, match, table: lastTable, bridge, version, depth: 1 },
    chance(random, 0.5) ? category : 'mixed',
    1 + below(random, 3),
  )
}
