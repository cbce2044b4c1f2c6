import { type Errno, type TcpSocket, tcpConnect, tcpRecv, tcpSend } from '../../../../host/index.ts'
import { elapsed, first, start, type Task } from '../../../../runtime/index.ts'
import { type Ip, isIp6 } from '../../../../wire/address.ts'
import { type Dns, DnsClass, DnsType, dnsMessage, parseDns } from '../../../../wire/dns.ts'
import type { Process } from '../../../command.ts'

/** A server to ask; `timeout` is nanoseconds. */
export type Asked = { address: Ip; port: number; timeout: number; tcp?: boolean }

/** What came back: the message and its size, or why none did. A truncated answer is one. */
export type Answered = { ok: true; message: Dns; size: number } | { ok: false; why: Errno | 'timeout' }

/** A question as a resolver sends it. */
export const questionOf = (id: number, name: string, type: number, fields: Partial<Dns> = {}): Dns => ({
  id,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name, type, class: DnsClass.IN }],
  answers: [],
  authorities: [],
  additionals: [],
  ...fields,
})

/** EDNS (RFC 6891): how large an answer may be, and whether signatures are wanted. */
export const ednsOf = (size: number, signed = false): Dns['additionals'][number] => ({
  name: '.',
  type: DnsType.OPT,
  class: size,
  ttl: signed ? 0x8000 : 0,
  data: { kind: 'other', bytes: new Uint8Array(0) },
})

/** Sends a question to one server and waits for the answer, by UDP or TCP. */
export function* exchange(process: Process, asked: Asked, question: Dns): Task<Answered> {
  return asked.tcp === true ? yield* byTcp(process, asked, question) : yield* byUdp(process, asked, question)
}

/** Whether a message answers the question: what is not is no answer to anybody (RFC 5452 §9.1). */
const answers = (message: Dns, question: Dns): boolean => {
  const [asked] = question.questions
  const [told] = message.questions
  if (!message.response || message.id !== question.id) return false
  // A server that cannot read a question need not repeat it.
  if (told === undefined) return message.rcode !== 0
  return asked?.type === told.type && asked.class === told.class && asked.name.toLowerCase() === told.name.toLowerCase()
}

function* byUdp(process: Process, asked: Asked, question: Dns): Task<Answered> {
  const { clock, namespace } = process
  const socket = namespace.udpSocket(isIp6(asked.address) ? 6 : 4)
  try {
    const made = socket.connect(asked.address, asked.port)
    if (!made.ok) return { ok: false, why: made.errno }
    const refused = socket.send(dnsMessage(question))
    if (refused !== undefined) return { ok: false, why: refused }
    const end = clock.now() + asked.timeout
    for (;;) {
      for (let got = socket.recv(); got !== undefined; got = socket.recv()) {
        const message = parseDns(got.payload, 0, got.payload.length)
        if (message.ok && answers(message.value, question))
          return { ok: true, message: message.value, size: got.payload.length }
      }
      const error = socket.takeError()
      if (error !== undefined) return { ok: false, why: error }
      if (clock.now() >= end) return { ok: false, why: 'timeout' }
      yield first(socket.onReadable.wait, elapsed(clock, end - clock.now()))
    }
  } finally {
    socket.close()
  }
}

function* byTcp(process: Process, asked: Asked, question: Dns): Task<Answered> {
  const socket = process.namespace.tcpSocket(isIp6(asked.address) ? 6 : 4)
  let result: Answered | undefined
  try {
    yield resume => {
      const talking = start(talk(socket, asked, question), {
        done: answered => {
          result = answered
          resume()
        },
      })
      const cancel = process.clock.at(process.clock.now() + asked.timeout, resume)
      return () => {
        talking.stop()
        cancel()
      }
    }
    return result ?? { ok: false, why: 'timeout' }
  } finally {
    socket.close()
  }
}

function* talk(socket: TcpSocket, { address, port }: Asked, question: Dns): Task<Answered> {
  const made = yield* tcpConnect(socket, address, port)
  if (!made.ok) return { ok: false, why: made.errno }
  const sent = yield* tcpSend(socket, framed(dnsMessage(question)))
  if (!sent.ok) return { ok: false, why: sent.errno }
  for (;;) {
    const bytes = yield* readFramed(socket)
    if (bytes === undefined) return { ok: false, why: 'ECONNRESET' }
    const message = parseDns(bytes, 0, bytes.length)
    if (message.ok && answers(message.value, question)) return { ok: true, message: message.value, size: bytes.length }
  }
}

/** A message behind its size, as TCP carries it (RFC 1035 §4.2.2). */
export const framed = (message: Uint8Array): Uint8Array =>
  Uint8Array.from([message.length >>> 8, message.length & 255, ...message])

/** The next message of a connection; undefined at its end. */
export function* readFramed(socket: TcpSocket): Task<Uint8Array | undefined> {
  const head = yield* readExactly(socket, 2)
  return head === undefined ? undefined : yield* readExactly(socket, (head[0] as number) * 256 + (head[1] as number))
}

function* readExactly(socket: TcpSocket, size: number): Task<Uint8Array | undefined> {
  const all = new Uint8Array(size)
  for (let at = 0; at < size; ) {
    const part = yield* tcpRecv(socket, size - at)
    if (!part.ok || part.value.length === 0) return undefined
    all.set(part.value, at)
    at += part.value.length
  }
  return all
}
