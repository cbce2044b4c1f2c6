import { nicira } from '../actions/codec.ts'
import { readCount, writeCount } from '../counter.ts'
import { decoded, refused } from '../error.ts'
import { emptyOxs, putOxs, takeOxs } from '../oxs.ts'
import type { MessageCodec } from './codec.ts'
import { formatRaw } from './group-stats.ts'
import { statsForm, vendorStatsForm } from './stats.ts'

const standard = statsForm('AGGREGATE', 'reply', 2, 1)
const extended = vendorStatsForm('NXST_AGGREGATE', 'reply', nicira, 1, 1, 1)

/** Stands for a number of flows that is not said. */
const unsaid = 0xffffffff

export const aggregateReply: MessageCodec<'aggregate_reply'> = {
  type: 'aggregate_reply',
  forms: [standard, extended],
  choose: (_, { version, nxm }) => (version === 1 && nxm ? extended : standard),
  encode({ packets, bytes, flows }, out, { version }) {
    if (version === 6) {
      putOxs({ ...emptyOxs, packets, bytes, flows }, out)
      return
    }
    writeCount(packets, out)
    writeCount(bytes, out)
    out.u32(flows)
    out.u32(0)
  },
  decode(reader, { version }) {
    if (version < 6) {
      const [packets, bytes, flows] = [readCount(reader), readCount(reader), reader.u32()]
      return decoded({ type: 'aggregate_reply', packets, bytes, flows })
    }
    const oxs = takeOxs(reader)
    if (oxs === undefined) return refused('OFPBMC_BAD_LEN')
    const { packets, bytes, flows = unsaid } = oxs
    return decoded({ type: 'aggregate_reply', packets, bytes, flows })
  },
  print: ({ packets, bytes, flows }) =>
    ` packet_count=${formatRaw(packets)} byte_count=${formatRaw(bytes)} flow_count=${flows}\n`,
}
