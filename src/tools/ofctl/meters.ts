/** The commands about meters. */
import type { OfBody } from '../../openflow/message.ts'
import { type MeterMod, OfMeter } from '../../openflow/meter.ts'
import { parseMeter } from '../../openflow/meter-parse.ts'
import { type Protocols, protocol } from '../../openflow/protocol.ts'
import type { Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommand, type OfctlCommands } from './command.ts'
import { openForFlows } from './flow-format.ts'
import { dumpTransaction, tellOrFail } from './transact.ts'

/** Versions that have meters. */
const usable: Protocols = protocol.since13

function* readMeter(call: Call, text: string, command: MeterMod['command']): Task<MeterMod> {
  const read = parseMeter(text, command)
  return read.ok ? read.mod : yield* fatal(call, read.error)
}

function* meterMod(call: Call, command: MeterMod['command']): Task<number> {
  const [name = '', text] = call.args
  const all: MeterMod = { command, meter: OfMeter.all, flags: noFlags, bands: [] }
  const mod = text === undefined ? all : yield* readMeter(call, text, command)
  const connection = yield* openForFlows(call, name, usable)
  yield* tellOrFail(call, connection, [connection.request({ type: 'meter_mod', ...mod })])
  connection.close()
  return 0
}
const noFlags = { kbps: false, pktps: false, burst: false, stats: false }

/** Asks about the meter that the command line names, or all. */
function* ask(call: Call, bodyOf: (meter: number) => OfBody): Task<number> {
  const [name = '', text] = call.args
  const meter = text === undefined ? OfMeter.all : (yield* readMeter(call, text, 'delete')).meter
  const connection = yield* openForFlows(call, name, usable)
  yield* dumpTransaction(call, connection, connection.request(bodyOf(meter)))
  connection.close()
  return 0
}

const changes = (command: MeterMod['command'], min: 1 | 2): OfctlCommand => ({
  min,
  max: 2,
  readWrite: true,
  run: call => meterMod(call, command),
})
const asks = (bodyOf: (meter: number) => OfBody, max: 1 | 2 = 2): OfctlCommand => ({
  min: 1,
  max,
  run: call => ask(call, bodyOf),
})
const config = asks(meter => ({ type: 'meter_config_request', meter }))

export const meterCommands: OfctlCommands = {
  'add-meter': changes('add', 2),
  'mod-meter': changes('modify', 2),
  'del-meter': changes('delete', 1),
  'del-meters': changes('delete', 1),
  'dump-meter': config,
  'dump-meters': config,
  'meter-stats': asks(meter => ({ type: 'meter_request', meter })),
  'meter-features': asks(() => ({ type: 'meter_features_request' }), 1),
}
