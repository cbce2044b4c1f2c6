import { OfPort } from '../action.ts'
import type { Reader } from '../bytes.ts'
import { decoded, refused } from '../error.ts'
import type { PortDesc } from '../port-desc.ts'
import { formatPortDesc } from '../port-desc-text.ts'
import { readPort, writePort } from '../port-number.ts'
import { formatPort } from '../port-text.ts'
import { decodePort, encodePort } from '../port-wire.ts'
import type { MessageCodec } from './codec.ts'
import { formOf, listBody, statsForm, takeList } from './stats.ts'

const requestForms = [statsForm('PORT_DESC', 'request', 13, 1)]
const replyForms = [statsForm('PORT_DESC', 'reply', 13, 1)]

/** OFPMP_PORT_DESC; Open vSwitch has it in all versions, and only 1.5's can say which port. */
export const portDescRequest: MessageCodec<'port_desc_request'> = {
  type: 'port_desc_request',
  forms: requestForms,
  choose: (_, speech) => formOf(requestForms, speech),
  encode({ port }, out, { version }) {
    if (version < 6) return
    writePort(port, out, version)
    out.zeros(4)
  },
  decode(bytes, { version, warn }) {
    if (version < 6) return decoded({ type: 'port_desc_request', port: OfPort.none })
    const port = readPort(bytes, version, warn)
    return port === undefined ? refused('OFPBAC_BAD_OUT_PORT') : decoded({ type: 'port_desc_request', port })
  },
  print: ({ port }, { ports }) => ` port=${formatPort(port, ports)}`,
}

/** Text has ports by number, whatever order they came in. */
const inOrder = (ports: readonly PortDesc[]): PortDesc[] => [...ports].sort((a, b) => a.port - b.port)

export const portDescReply: MessageCodec<'port_desc_reply'> = {
  type: 'port_desc_reply',
  forms: replyForms,
  choose: (_, speech) => formOf(replyForms, speech),
  encode({ ports }, out, { version }) {
    for (const port of ports) encodePort(port, out, version)
  },
  decode(bytes, { version, warn }) {
    const read = takeList(bytes, (reader: Reader) => decodePort(reader, version, warn))
    return listBody({ type: 'port_desc_reply', ports: read.items }, read)
  },
  print: ({ ports }) =>
    `\n${inOrder(ports)
      .map(port => formatPortDesc(port))
      .join('')}`,
}
