import { actionBits, actionsOfBits, formatActionNames } from '../action-set.ts'
import { nicira } from '../actions/codec.ts'
import { decoded } from '../error.ts'
import type { GroupFeatures } from '../message.ts'
import type { MessageCodec } from './codec.ts'
import { formOf, statsForm, vendorStatsForm } from './stats.ts'

const forms = [
  vendorStatsForm('NXST_GROUP_FEATURES', 'reply', nicira, 9, 1, 2),
  statsForm('GROUP_FEATURES', 'reply', 8, 3),
]
const typeNames = ['all', 'select', 'indirect', 'fast failover']
const hex = (number: number): string => `0x${number.toString(16)}`

type Four<T> = readonly [T, T, T, T]
const four = <T>(take: () => T): Four<T> => [take(), take(), take(), take()]

const formatFeatures = ({ types, capabilities, maxGroups, actions }: GroupFeatures): string => {
  const each = typeNames.map((name, i) =>
    (types >>> i) & 1
      ? `    ${name} group:\n       max_groups=${hex(maxGroups[i] as number)}\n       actions: ${formatActionNames(actions[i] as readonly string[])}\n`
      : '',
  )
  return `\n Group table:\n    Types:  ${hex(types)}\n    Capabilities:  ${hex(capabilities)}\n${each.join('')}`
}

/** OFPMP_GROUP_FEATURES: what groups can do. */
export const groupFeaturesReply: MessageCodec<'group_features_reply'> = {
  type: 'group_features_reply',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode({ types, capabilities, maxGroups, actions }, out, { version }) {
    out.u32(types)
    out.u32(capabilities)
    for (const max of maxGroups) out.u32(max)
    for (const names of actions) out.u32(actionBits(names, version))
  },
  decode(bytes, { version }) {
    const types = bytes.u32()
    const capabilities = bytes.u32()
    const maxGroups = four(() => bytes.u32())
    const actions = four(() => actionsOfBits(bytes.u32(), version))
    return decoded({ type: 'group_features_reply', types, capabilities, maxGroups, actions })
  },
  print: formatFeatures,
}
