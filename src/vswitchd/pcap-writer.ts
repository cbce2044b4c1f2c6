/** A capture file of frames as they come, in little-endian order with microseconds (pcap-savefile(5)). */

const magic = 0xa1b2c3d4
const version = { major: 2, minor: 4 }
/** What a frame may have without a jumbo one's payload. Longer ones are kept whole all the same. */
const snapLength = 1518
const ethernet = 1

const bytesOf = (size: number, fill: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(size)
  fill(new DataView(bytes.buffer))
  return bytes
}

/** What the file begins with. */
export const pcapHeader: Uint8Array = bytesOf(24, view => {
  view.setUint32(0, magic, true)
  view.setUint16(4, version.major, true)
  view.setUint16(6, version.minor, true)
  view.setUint32(16, snapLength, true)
  view.setUint32(20, ethernet, true)
})

/** A frame with its time, in ms since 1970. */
export const pcapRecord = (frame: Uint8Array, wallTime: number): Uint8Array => {
  const record = bytesOf(16 + frame.length, view => {
    view.setUint32(0, Math.floor(wallTime / 1000), true)
    view.setUint32(4, Math.floor((wallTime % 1000) * 1000), true)
    view.setUint32(8, frame.length, true)
    view.setUint32(12, frame.length, true)
  })
  record.set(frame, 16)
  return record
}
