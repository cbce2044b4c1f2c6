import { decoded, refused } from '../error.ts'
import type { MeterMod } from '../meter.ts'
import { formatMeter } from '../meter-format.ts'
import { allMeterFlags, decodeBands, encodeBands, meterFlagBits, meterFlagsOf } from '../meter-wire.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formOf } from './stats.ts'

const forms: readonly MessageForm[] = [{ name: 'OFPT_METER_MOD', from: 4, to: 6, number: 29 }]
/** OFPMC_*. */
const commands = ['add', 'modify', 'delete'] as const satisfies readonly MeterMod['command'][]
const names: Readonly<Record<MeterMod['command'], string>> = { add: 'ADD', modify: 'MOD', delete: 'DEL' }

export const meterMod: MessageCodec<'meter_mod'> = {
  type: 'meter_mod',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode(mod, out) {
    out.u16(commands.indexOf(mod.command))
    out.u16(meterFlagBits(mod.flags))
    out.u32(mod.meter)
    encodeBands(mod.bands, out)
  },
  decode(bytes) {
    const command = commands[bytes.u16()]
    const flags = bytes.u16()
    const meter = bytes.u32()
    if (command === undefined) return refused('OFPMMFC_BAD_COMMAND')
    // What a meter that goes was like does not matter.
    if (command === 'delete') return decoded({ type: 'meter_mod', command, meter, flags: meterFlagsOf(0), bands: [] })
    // Kilobits and packets cannot both be the unit.
    if (flags > allMeterFlags || (flags & 3) === 3) return refused('OFPMMFC_BAD_FLAGS')
    const bands = decodeBands(bytes)
    if (!bands.ok) return bands
    return decoded({ type: 'meter_mod', command, meter, flags: meterFlagsOf(flags), bands: bands.value })
  },
  print: mod => ` ${names[mod.command]} ${formatMeter(mod)}`,
}
