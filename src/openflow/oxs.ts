/** Statistics of OpenFlow 1.5 as OXS fields (§7.2.4.1): `reserved 16, length 16`, then fields, padded to 8 bytes. */
import type { Reader, Writer } from './bytes.ts'
import { type Count, readCount, readDuration, writeCount, writeDuration } from './counter.ts'

/** What a list of OXS fields may say; undefined is not said. */
export type Oxs = {
  /** ns. */
  duration: number | undefined
  /** Since the flow was used, ns. */
  idle: number | undefined
  flows: number | undefined
  packets: Count | undefined
  bytes: Count | undefined
}

const oxsClass = 0x8002
/** OFPXST_OFB_*. */
const Oxst = { duration: 0, idleTime: 1, flowCount: 3, packetCount: 4, byteCount: 5 } as const

export const emptyOxs: Oxs = {
  duration: undefined,
  idle: undefined,
  flows: undefined,
  packets: undefined,
  bytes: undefined,
}

/** Reads a list; undefined if its lengths make no sense. Fields that are not known, or of another size, are passed over. */
export const takeOxs = (bytes: Reader): Oxs | undefined => {
  if (bytes.left < 4) return undefined
  const start = bytes.at
  bytes.skip(2)
  const length = bytes.u16()
  bytes.at = start
  const whole = length < 4 ? undefined : bytes.part(Math.ceil(length / 8) * 8)
  const list = whole?.part(length)
  if (list === undefined) return undefined
  list.skip(4)
  const oxs = { ...emptyOxs }
  while (list.left > 0) {
    const head = list.u32()
    const size = head & 0xff
    const body = list.part(size)
    if (body === undefined || list.short) return undefined
    if (head >>> 16 === oxsClass) takeField((head >>> 9) & 0x7f, size, body, oxs)
  }
  return oxs
}

const takeField = (field: number, size: number, body: Reader, oxs: Oxs): void => {
  if (field === Oxst.flowCount && size === 4) oxs.flows = body.u32()
  if (size !== 8) return
  if (field === Oxst.duration) oxs.duration = readDuration(body)
  else if (field === Oxst.idleTime) oxs.idle = readDuration(body)
  else if (field === Oxst.packetCount) oxs.packets = readCount(body)
  else if (field === Oxst.byteCount) oxs.bytes = readCount(body)
}

export const putOxs = ({ duration, idle, flows, packets, bytes }: Oxs, out: Writer): void => {
  const start = out.at
  out.u32(0)
  const head = (field: number, size: number): void => {
    out.u16(oxsClass)
    out.u8(field << 1)
    out.u8(size)
  }
  if (duration !== undefined) {
    head(Oxst.duration, 8)
    writeDuration(duration, out)
  }
  if (idle !== undefined) {
    head(Oxst.idleTime, 8)
    writeDuration(idle, out)
  }
  if (packets !== undefined) {
    head(Oxst.packetCount, 8)
    writeCount(packets, out)
  }
  if (bytes !== undefined) {
    head(Oxst.byteCount, 8)
    writeCount(bytes, out)
  }
  if (flows !== undefined) {
    head(Oxst.flowCount, 4)
    out.u32(flows)
  }
  out.put16(start + 2, out.at - start)
  out.align(8, start)
}
