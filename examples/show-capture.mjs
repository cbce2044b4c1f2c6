// Shows a pcap or pcapng file: a line for each packet, as `tcpdump -n` prints it, and the layers of one of them.
//   node examples/show-capture.mjs FILE [NUMBER]
import { readFileSync } from 'node:fs'
import { dissect, formatTime, LinkType, readCapture, showLayers, showLine } from 'weft/wire'

const [file, number] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node examples/show-capture.mjs FILE [NUMBER]')
  process.exit(2)
}

const { packets, bad } = readCapture(readFileSync(file))
for (const [i, packet] of packets.entries()) {
  const { bytes, time } = packet
  const { linkType, name = '' } = packet.interface
  const line = linkType === LinkType.ethernet ? showLine(bytes) : `link type ${linkType}, ${bytes.length} bytes`
  console.log(`${i + 1}  ${formatTime(time)} ${name} ${line}`)
}
// A damaged file gives the packets before the damage and a reason; nothing throws.
if (bad !== undefined) console.log(`then the file is bad: ${bad}`)

const chosen = number === undefined ? undefined : packets[Number(number) - 1]
if (chosen !== undefined) console.log(`\n${showLayers(dissect(chosen.bytes), chosen.bytes)}`)
