import { formatIp4 } from '../address.ts'
import { sum16 } from '../checksum.ts'
import { decodeTime8 } from '../group-code.ts'
import { u16, u32 } from '../header.ts'
import { IgmpType } from '../igmp.ts'
import { hex, type Line } from './line.ts'

/** What a group record of IGMPv3 or MLDv2 tells, by its type less one. */
export const recordNames: readonly string[] = ['is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block']

export const showIgmp = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  if (!line.needs(at, 8, 'igmp')) return
  const type = bytes[at]!
  const group = formatIp4(u32.get(bytes, at + 4))
  switch (type) {
    case IgmpType.query:
      showQuery(line, at, size)
      break
    case IgmpType.report1:
      line.put(`igmp v1 report ${group}`)
      break
    case IgmpType.report2:
      line.put(`igmp v2 report ${group}`)
      break
    case IgmpType.leave:
      line.put(`igmp leave ${group}`)
      break
    case IgmpType.report3:
      showReport3(line, at, size)
      break
    default:
      line.put(`igmp-${type}`)
  }
  if (line.verbose && at + size <= line.end && sum16(bytes, at, at + size) !== 0xffff) {
    line.put(` bad igmp cksum ${hex(u16.get(bytes, at + 2))}!`)
  }
}

const showQuery = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  const code = bytes[at + 1]!
  const group = u32.get(bytes, at + 4)
  if (size < 12) {
    line.put(`igmp query v${code === 0 ? 1 : 2}`)
    if (code !== 0 && code !== 100) line.put(` [max resp time ${code}]`)
    if (group !== 0) line.put(` [gaddr ${formatIp4(group)}]`)
    return
  }
  line.put('igmp query v3')
  if (!line.needs(at, 12, 'igmp')) return
  const time = decodeTime8(code)
  if (time !== 100) {
    line.put(` [max resp time ${time < 600 ? `${Math.floor(time / 10)}.${time % 10}s` : `${Math.floor(time / 10)}s`}]`)
  }
  const count = u16.get(bytes, at + 10)
  if (group === 0) return
  line.put(` [gaddr ${formatIp4(group)}`)
  if (count > 0) line.put(size < 12 + count * 4 ? ` [invalid number of sources ${count}]` : `, ${count} source(s)`)
  line.put(']')
}

const showReport3 = (line: Line, at: number, size: number): void => {
  const { bytes } = line
  const count = u16.get(bytes, at + 6)
  line.put(`igmp v3 report, ${count} group record(s)`)
  if (!line.verbose) return
  let record = at + 8
  for (let i = 0; i < count; i++) {
    if (record + 8 > at + size) {
      line.put(` [invalid number of groups]`)
      return
    }
    if (!line.needs(record, 8, 'igmp')) return
    const type = bytes[record]!
    const sources = u16.get(bytes, record + 2)
    line.put(` [gaddr ${formatIp4(u32.get(bytes, record + 4))} ${recordNames[type - 1] ?? ` [v3-report-#${type}]`}`)
    line.put(`, ${sources} source(s)]`)
    record += 8 + sources * 4
  }
}
