/** The commands for what Open vSwitch has beyond OpenFlow: tunnel options, the connection tracker, IPFIX exporters. */
import { parseCtTuples } from '../../openflow/ct-tuple-text.ts'
import type { OfBody } from '../../openflow/message.ts'
import { parseUpTo } from '../../openflow/number.ts'
import { protocol } from '../../openflow/protocol.ts'
import { parseTlvMaps } from '../../openflow/tlv-map-text.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommand, type OfctlCommands } from './command.ts'
import { openConnection } from './connection.ts'
import { openForFlows } from './flow-format.ts'
import { dumpTransaction, tellOrFail } from './transact.ts'

function* tlvMod(call: Call, command: 'add' | 'delete'): Task<number> {
  const [name = '', text] = call.args
  const maps = text === undefined ? [] : parseTlvMaps(text)
  if (maps === undefined) return yield* fatal(call, 'invalid tlv mapping')
  const connection = yield* openForFlows(call, name, protocol.nxm | protocol.oxm)
  const body: OfBody = { type: 'tlv_table_mod', command: text === undefined ? 'clear' : command, maps }
  yield* tellOrFail(call, connection, [connection.request(body)])
  connection.close()
  return 0
}

/** Tells the switch, of whatever version. */
function* tell(call: Call, body: OfBody): Task<number> {
  const connection = yield* openConnection(call, call.args[0] as string)
  yield* tellOrFail(call, connection, [connection.request(body)])
  connection.close()
  return 0
}

function* flushZone(call: Call): Task<number> {
  const [, text = ''] = call.args
  const zone = parseUpTo(text, 0xffff)
  if (zone === undefined) return yield* fatal(call, `invalid zone_id "${text}"`)
  return yield* tell(call, { type: 'ct_flush_zone', zone })
}

/** `ct-flush SWITCH [zone=N] [ORIGINAL [REPLY]]`. */
function* flush(call: Call): Task<number> {
  const [, ...words] = call.args
  const zoneText = words[0]?.startsWith('zone=') === true ? words.shift() : undefined
  const zone = zoneText === undefined ? undefined : /^zone=\s*([+-]?[0-9]+)/.exec(zoneText)?.[1]
  if (zoneText !== undefined && zone === undefined) return yield* fatal(call, 'Failed to parse zone')
  const tuples = parseCtTuples(words)
  if (typeof tuples === 'string') return yield* fatal(call, `Failed to parse ct-tuple: ${tuples}`)
  const number = zone === undefined ? undefined : Number(BigInt.asUintN(16, BigInt(zone)))
  return yield* tell(call, { type: 'ct_flush', zone: number, ...tuples })
}

const asks = (body: OfBody): OfctlCommand => ({
  min: 1,
  max: 1,
  *run(call) {
    const connection = yield* openConnection(call, call.args[0] as string)
    yield* dumpTransaction(call, connection, connection.request(body))
    connection.close()
    return 0
  },
})

export const extensionCommands: OfctlCommands = {
  'add-tlv-map': { min: 2, max: 2, run: call => tlvMod(call, 'add') },
  'del-tlv-map': { min: 1, max: 2, run: call => tlvMod(call, 'delete') },
  'dump-tlv-map': asks({ type: 'tlv_table_request' }),
  'ct-flush-zone': { min: 2, max: 2, run: flushZone },
  'ct-flush': { min: 1, max: 4, run: flush },
  'dump-ipfix-bridge': asks({ type: 'ipfix_bridge_request' }),
  'dump-ipfix-flow': asks({ type: 'ipfix_flow_request' }),
}
