import type { FieldName } from '../../src/flow/fields.ts'
import { below, type Random } from '../../src/runtime/random.ts'
import { isWritable, setField, twoParts } from './field-actions.ts'
import { has } from './kinds.ts'
import type { RandomMatch } from './match.ts'
import { chance, pick } from './values.ts'

type Spec = { needs: FieldName; text: string }

const specs: readonly Spec[] = [
  { needs: 'eth_src', text: 'NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]' },
  { needs: 'eth_src', text: 'NXM_OF_ETH_SRC[]' },
  { needs: 'eth_src', text: 'NXM_OF_VLAN_TCI[0..11]' },
  { needs: 'eth_src', text: 'eth_type=0x800' },
  { needs: 'eth_src', text: 'eth_type=0x800,ip_dst=10.0.0.1' },
  { needs: 'ip_src', text: 'eth_type=0x800,NXM_OF_IP_DST[]=NXM_OF_IP_SRC[]' },
  { needs: 'ip_src', text: 'eth_type=0x800,nw_proto=6,NXM_OF_IP_SRC[]' },
  { needs: 'ipv6_src', text: 'eth_type=0x86dd,NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[]' },
  { needs: 'tcp_src', text: 'eth_type=0x800,nw_proto=6,NXM_OF_TCP_SRC[]=NXM_OF_TCP_DST[]' },
  { needs: 'reg0', text: 'NXM_NX_REG0[0..3]=5' },
  { needs: 'reg0', text: 'reg1=0x12345678' },
  { needs: 'reg0', text: 'in_port=2' },
  { needs: 'reg0', text: 'output:NXM_OF_IN_PORT[]' },
  { needs: 'reg0', text: 'output:NXM_NX_REG0[0..15]' },
  { needs: 'reg0', text: 'load:NXM_NX_REG0[]->NXM_NX_REG1[]' },
  { needs: 'reg0', text: 'load:0x5->NXM_NX_REG2[3..7]' },
  { needs: 'eth_src', text: 'load:NXM_OF_ETH_SRC[0..15]->NXM_OF_ETH_DST[16..31]' },
  { needs: 'eth_src', text: 'load:NXM_OF_VLAN_TCI[]->NXM_OF_VLAN_TCI[]' },
]

/** Of any fields that frames of this match have. */
const anySpec = (random: Random, match: RandomMatch): string => {
  if (chance(random, 0.3)) {
    // `set_field:VALUE->FIELD` has the words in the other order.
    const [, value = '', name = ''] = /^set_field:(.*)->(.*)$/.exec(setField(random, match, () => true, false)) ?? []
    return chance(random, 0.5) || !/^(\d+|0x[0-9a-f]+)$/.test(value) ? `${name}=${value}` : `load:${value}->${name}`
  }
  if (chance(random, 0.4)) {
    const [from, to] = twoParts(random, match, isWritable)
    return `load:${from}->${to}`
  }
  const [from, to] = twoParts(random, match, () => true)
  return `${to}=${from}`
}

/** `learn(…)` into the last table or another, with specs that this match allows. */
export const learn = (random: Random, { kind, tagged }: RandomMatch, table: number): string => {
  const parts = [`table=${chance(random, 0.7) ? Math.max(table, 4) : below(random, 5)}`]
  if (chance(random, 0.4)) parts.push(`priority=${below(random, 100)}`)
  if (chance(random, 0.3)) parts.push(`cookie=0x${below(random, 5)}`)
  if (chance(random, 0.3)) parts.push(`idle_timeout=${10 + below(random, 60)}`)
  if (chance(random, 0.2)) parts.push(`hard_timeout=${60 + below(random, 60)}`)
  if (chance(random, 0.15)) parts.push('send_flow_rem')
  if (chance(random, 0.15)) parts.push('delete_learned')
  if (chance(random, 0.15)) parts.push(`limit=${1 + below(random, 3)}`)
  if (chance(random, 0.15)) parts.push('fin_idle_timeout=3')
  if (chance(random, 0.1)) parts.push('fin_hard_timeout=7')
  if (chance(random, 0.15)) parts.push('result_dst=NXM_NX_REG3[7]')
  const fitting = specs.filter(({ needs }) => has(kind, needs, tagged))
  for (let i = 1 + below(random, 3); i > 0; i--)
    parts.push(chance(random, 0.3) ? anySpec(random, { parts: [], kind, tagged }) : pick(random, fitting).text)
  return `learn(${parts.join(',')})`
}
