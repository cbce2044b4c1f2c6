import { formatActions } from '../../datapath/actions-text.ts'
import { type FieldName, fullMask, readField } from '../../flow/fields.ts'
import { word } from '../../flow/layout.ts'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import { Bed } from '../switch.testing.ts'
import { formatTrace } from '../trace-text.ts'
import { recordTree } from './recorder.ts'

/** What one flow with these actions makes of a frame with these fields from port 1, on a bridge with ports 1 to 3. */
export const run = (
  actions: string,
  fields: Partial<Record<FieldName, bigint>> = {},
  prepare: (bed: Bed) => void = () => {},
): {
  /** Datapath actions as text; port n of the bridge is n. */
  out: string
  /** The mask of a field. */
  looked: (name: FieldName) => bigint
  /** The whole of a field is in the mask. */
  whole: (name: FieldName) => boolean
  trace: string
  dropReason: string | undefined
} => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  const byPort = new Map(
    [1, 2, 3].map(number => [bed.port(bridge, `p${number}`, {}, number).datapathPort, String(number)]),
  )
  prepare(bed)
  const parsed = parseActions(actions)
  if (typeof parsed === 'string') throw new Error(parsed)
  bridge.flows.add({ match: matchOf({}), actions: parsed })
  const { key } = matchOf({ in_port: 1n, ...fields } as Parameters<typeof matchOf>[0])
  if ((key[word.vlan]! & 0x1000) !== 0) key[word.vlan] = key[word.vlan]! | (0x8100 << 16)
  const { recorder, steps } = recordTree()
  const translation = bed.switch.explainIn(bridge, key, recorder)
  return {
    out: formatActions(translation.actions, translation.finalKey, port => byPort.get(port)),
    looked: name => readField(translation.mask, name),
    whole: name => readField(translation.mask, name) === fullMask(name),
    trace: formatTrace(key, translation, steps),
    dropReason: translation.dropReason,
  }
}

export const ipv4 = {
  eth_type: 0x0800n,
  ip_src: 0x0a000001n,
  ip_dst: 0x0a000002n,
  nw_proto: 253n,
  nw_ttl: 64n,
} as const
export const tcp = { ...ipv4, nw_proto: 6n, tcp_src: 1000n, tcp_dst: 80n } as const
export const solicit = { eth_type: 0x86ddn, nw_proto: 58n, icmpv6_type: 135n, nd_sll: 5n } as const
