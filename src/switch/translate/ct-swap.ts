import { type FlowKey, word } from '../../flow/layout.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Context } from './context.ts'

/** Whether the frame is of a connection, whose own addresses the tracker told. */
export const canSwap = ({ flow }: Context): boolean => {
  const type = flow[word.ethType]! >>> 16
  return (flow[word.ctProto]! & 0xff) !== 0 && (type === EtherType.ipv4 || type === EtherType.ipv6)
}

/** Puts the connection's addresses, ports and protocol in the place of the frame's, and the frame's in theirs; masks too. */
export const swapConnection = (flow: FlowKey, mask: FlowKey): void => {
  const six = flow[word.ethType]! >>> 16 === EtherType.ipv6
  for (const row of [flow, mask]) {
    if (six) swap(row, word.ipv6Src, word.ctIpv6Src, 8)
    else swap(row, word.ipv4Src, word.ctIpv4Src, 2)
    swap(row, word.transport, word.ctTransport, 1)
    const protocol = row[word.ip]! & 0xff
    row[word.ip] = (row[word.ip]! & ~0xff) | (row[word.ctProto]! & 0xff)
    row[word.ctProto] = (row[word.ctProto]! & ~0xff) | protocol
  }
}

const swap = (row: FlowKey, a: number, b: number, count: number): void => {
  for (let i = 0; i < count; i++) {
    const kept = row[a + i]!
    row[a + i] = row[b + i]!
    row[b + i] = kept
  }
}
