/** Statistics, configuration and features of meters. */
import type { Reader, Writer } from '../bytes.ts'
import { formatDuration, readDuration, writeDuration } from '../counter.ts'
import { type Decoded, decoded, refused } from '../error.ts'
import type { Counted, MeterStats } from '../message.ts'
import type { MeterConfig } from '../meter.ts'
import { formatMeter, formatMeterId } from '../meter-format.ts'
import { decodeBands, encodeBands, meterFlagBits, meterFlags, meterFlagsOf } from '../meter-wire.ts'
import { formatBits } from '../port-desc-text.ts'
import type { MessageCodec, MessageForm } from './codec.ts'
import { formatRaw, readCounted, writeCounted } from './group-stats.ts'
import { formOf, listBody, statsForm, takeEntry, takeList } from './stats.ts'

const meterRequestCodec = <T extends 'meter_request' | 'meter_config_request'>(
  type: T,
  forms: readonly MessageForm[],
): MessageCodec<'meter_request'> & MessageCodec<'meter_config_request'> =>
  ({
    type,
    forms,
    choose: (_, speech) => formOf(forms, speech),
    encode({ meter }, out) {
      out.u32(meter)
      out.zeros(4)
    },
    decode: bytes => decoded({ type, meter: bytes.u32() }),
    print: ({ meter }) => ` meter=${formatMeterId(meter)}`,
  }) as MessageCodec<'meter_request'> & MessageCodec<'meter_config_request'>

export const meterRequest: MessageCodec<'meter_request'> = meterRequestCodec('meter_request', [
  statsForm('METER', 'request', 9, 4),
])
export const meterConfigRequest: MessageCodec<'meter_config_request'> = meterRequestCodec('meter_config_request', [
  statsForm('METER_CONFIG', 'request', 10, 4),
])

const statsForms = [statsForm('METER', 'reply', 9, 4)]
/** ofp13_meter_stats without the bands. */
const statsSize = 40
const bandSize = 16

const takeStats = (bytes: Reader): Decoded<MeterStats> => {
  const start = bytes.at
  const meter = bytes.u32()
  const length = bytes.u16()
  bytes.at = start
  if (length < statsSize || (length - statsSize) % bandSize !== 0) return refused('OFPBRC_BAD_LEN')
  const entry = bytes.part(length)
  if (entry === undefined) return refused('OFPBRC_BAD_LEN')
  entry.skip(12)
  const flows = entry.u32()
  const counted = readCounted(entry)
  const duration = readDuration(entry) ?? 0
  const bands: Counted[] = []
  while (entry.left > 0) bands.push(readCounted(entry))
  return decoded({ meter, flows, ...counted, duration, bands })
}

const putStats = (stats: MeterStats, out: Writer): void => {
  out.u32(stats.meter)
  out.u16(statsSize + bandSize * stats.bands.length)
  out.zeros(6)
  out.u32(stats.flows)
  writeCounted(stats, out)
  writeDuration(stats.duration, out)
  for (const band of stats.bands) writeCounted(band, out)
}

const formatStats = ({ meter, flows, packets, bytes, duration, bands }: MeterStats): string => {
  const each = bands.map(
    (band, i) => `${i}: packet_count:${formatRaw(band.packets)} byte_count:${formatRaw(band.bytes)}\n`,
  )
  return (
    `meter:${formatMeterId(meter)} flow_count:${flows} packet_in_count:${formatRaw(packets)} ` +
    `byte_in_count:${formatRaw(bytes)} duration:${formatDuration(duration)}s bands:\n${each.join('')}`
  )
}

export const meterReply: MessageCodec<'meter_reply'> = {
  type: 'meter_reply',
  forms: statsForms,
  choose: (_, speech) => formOf(statsForms, speech),
  encode({ meters }, out) {
    for (const stats of meters) putStats(stats, out)
  },
  decode(bytes) {
    const read = takeList(bytes, takeStats)
    return listBody({ type: 'meter_reply', meters: read.items }, read)
  },
  print: ({ meters }) => meters.map(stats => `\n${formatStats(stats)}`).join(''),
}

const configForms = [statsForm('METER_CONFIG', 'reply', 10, 4)]
const configSize = 8

const takeConfig = (bytes: Reader): Decoded<MeterConfig> => {
  const entry = takeEntry(bytes, configSize)
  if (entry === undefined) return refused('OFPBRC_BAD_LEN')
  const flags = meterFlagsOf(entry.u16())
  const meter = entry.u32()
  const bands = decodeBands(entry)
  return bands.ok ? decoded({ meter, flags, bands: bands.value }) : bands
}

export const meterConfigReply: MessageCodec<'meter_config_reply'> = {
  type: 'meter_config_reply',
  forms: configForms,
  choose: (_, speech) => formOf(configForms, speech),
  encode({ meters }, out) {
    for (const { meter, flags, bands } of meters) {
      const start = out.at
      out.u16(0)
      out.u16(meterFlagBits(flags))
      out.u32(meter)
      encodeBands(bands, out)
      out.put16(start, out.at - start)
    }
  },
  decode(bytes) {
    const read = takeList(bytes, takeConfig)
    return listBody({ type: 'meter_config_reply', meters: read.items }, read)
  },
  print: ({ meters }) => meters.map(meter => `\n${formatMeter(meter)}`).join(''),
}

const featuresForms = [statsForm('METER_FEATURES', 'reply', 11, 4)]
const bandNames = [
  [1 << 1, 'drop'],
  [1 << 2, 'dscp_remark'],
] as const
const capabilityNames = meterFlags.map((name, i) => [1 << i, name] as const)

export const meterFeaturesReply: MessageCodec<'meter_features_reply'> = {
  type: 'meter_features_reply',
  forms: featuresForms,
  choose: (_, speech) => formOf(featuresForms, speech),
  encode(body, out) {
    out.u32(body.maxMeters)
    out.u32(body.bandTypes)
    out.u32(body.capabilities)
    out.u8(body.maxBands)
    out.u8(body.maxColor)
    out.u16(0)
  },
  decode(bytes) {
    const [maxMeters, bandTypes, capabilities] = [bytes.u32(), bytes.u32(), bytes.u32()]
    const [maxBands, maxColor] = [bytes.u8(), bytes.u8()]
    return decoded({ type: 'meter_features_reply', maxMeters, bandTypes, capabilities, maxBands, maxColor })
  },
  print: ({ maxMeters, bandTypes, capabilities, maxBands, maxColor }) =>
    `\nmax_meter:${maxMeters} max_bands:${maxBands} max_color:${maxColor}\n` +
    `band_types: ${formatBits(bandTypes, bandNames)}\ncapabilities: ${formatBits(capabilities, capabilityNames)}\n`,
}
