import { decoded } from '../error.ts'
import type { MessageCodec } from './codec.ts'
import { formOf, statsForm } from './stats.ts'

const long = 256
const short = 32
const forms = [statsForm('DESC', 'reply', 0, 1)]

/** OFPST_DESC: who made the switch. */
export const descReply: MessageCodec<'desc_reply'> = {
  type: 'desc_reply',
  forms,
  choose: (_, speech) => formOf(forms, speech),
  encode(body, out) {
    out.text(body.manufacturer, long)
    out.text(body.hardware, long)
    out.text(body.software, long)
    out.text(body.serial, short)
    out.text(body.datapath, long)
  },
  decode(bytes) {
    const [manufacturer, hardware, software] = [bytes.text(long), bytes.text(long), bytes.text(long)]
    return decoded({
      type: 'desc_reply',
      manufacturer,
      hardware,
      software,
      serial: bytes.text(short),
      datapath: bytes.text(long),
    })
  },
  print: body =>
    `\nManufacturer: ${body.manufacturer}\nHardware: ${body.hardware}\nSoftware: ${body.software}\n` +
    `Serial Num: ${body.serial}\nDP Description: ${body.datapath}\n`,
}
