import type { Namespace } from '../../../host/index.ts'
import { formatIp4 } from '../../../wire/address.ts'
import { checksum } from '../../../wire/checksum.ts'
import { showLine } from '../../../wire/show.ts'

/** What goes by eth0 of a namespace: who sent it, and which IPv4 and ICMP checksums are wrong. */
export const captureOf = (namespace: Namespace | undefined) => {
  const link = namespace?.links.get('eth0')
  if (namespace === undefined || link === undefined) throw new Error('no eth0')
  const frames: Uint8Array[] = []
  namespace.tap(link, (_direction, frame) => frames.push(frame.content().slice()))
  const packets = () => frames.filter(bytes => bytes[12] === 8 && bytes[13] === 0)
  const isWrong = (bytes: Uint8Array): boolean => {
    const header = ((bytes[14] as number) & 15) * 4
    const total = ((bytes[16] as number) << 8) | (bytes[17] as number)
    const isPiece = (((bytes[20] as number) & 0x3f) | (bytes[21] as number)) !== 0
    return (
      checksum(bytes, 14, 14 + header) !== 0 ||
      (bytes[23] === 1 && !isPiece && checksum(bytes, 14 + header, 14 + total) !== 0)
    )
  }
  return {
    sources: () => packets().map(bytes => formatIp4(new DataView(bytes.buffer, bytes.byteOffset).getUint32(26))),
    wrong: () =>
      packets()
        .filter(isWrong)
        .map(bytes => showLine(bytes)),
  }
}
