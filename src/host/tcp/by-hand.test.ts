import { describe, expect, test } from 'vitest'
import { millisecond, sleep, start, type Task } from '../../runtime/index.ts'
import { Frame } from '../../wire/frame.ts'
import { ip, ip4, TestLab } from '../lab.testing.ts'
import type { Namespace } from '../namespace.ts'
import { tcpAccept, tcpConnect, tcpRecv } from './blocking.ts'
import { type Conversation, conversations, stepsOf } from './by-hand.testing.ts'
import { Hand } from './hand.testing.ts'

/** What the user of our TCP does. */
function* use(host: Namespace, user: Conversation['user'], port: number): Task<void> {
  const socket = host.tcpSocket()
  if (user === 'connects') {
    yield* tcpConnect(socket, ip('10.0.0.9'), port)
    return
  }
  socket.bind(undefined, 80)
  socket.listen(5)
  for (;;) {
    const accepted = yield* tcpAccept(socket)
    if (!accepted.ok) return
    if (user === 'neglects') yield* sleep(host.clock, 400 * millisecond)
    if (user !== 'reads') accepted.value.close()
    else start(drain(accepted.value))
  }
}

function* drain(socket: Parameters<typeof tcpRecv>[0]): Task<void> {
  for (;;) {
    const part = yield* tcpRecv(socket)
    if (!part.ok || part.value.length === 0) return
  }
}

/** Plays a conversation to our TCP; the script as it came to pass. */
const play = ({ user, script }: Conversation): string => {
  const lab = new TestLab()
  const host = lab.host('host')
  const link = lab.nic(host, 'eth0', '10.0.0.2/24')
  const mac = 0x020000000009
  const connects = user === 'connects'
  const ends = { mac, peerMac: link.mac, ip: ip4('10.0.0.9'), peerIp: ip4('10.0.0.2') }
  const lines: string[] = []
  let heard: string[] = []
  let hand = new Hand({ ...ends, port: 4000, peerPort: 80 })
  link.plug({
    send: frame => {
      const bytes = frame.content()
      // The port from which it connects is drawn.
      if (connects && bytes[23] === 6 && bytes[47] === 2 && heard.length + lines.length === 0)
        hand = new Hand({ ...ends, port: 4000, peerPort: ((bytes[34] as number) << 8) | (bytes[35] as number) })
      const line = hand.hear(bytes)
      // What is sent again since nobody answered is no news.
      if (line !== undefined && !(/^S |F|[1-9]\d*$/.test(line) && lines.includes(line))) heard.push(line)
    },
  })
  host.addNeighbour(link, ends.ip, mac)
  start(use(host, user, 4000))
  const listen = (ms: number): void => {
    lab.pass(ms / 1000)
    lines.push(...heard)
    heard = []
  }
  listen(120)
  for (const step of stepsOf(script))
    if (step.kind === 'wait') {
      lines.push(`= ${step.ms}`)
      listen(step.ms)
    } else if (step.kind === 'say') {
      lines.push('>')
      link.deliver(Frame.from(hand.say(step.said)))
      listen(120)
    }
  return lines.join('\n')
}

/** The script with only what is heard, and where something is said. */
const outline = (script: string): string =>
  script
    .split('\n')
    .filter(line => line !== '')
    .map(line => (line.startsWith('>') ? '>' : line))
    .join('\n')

describe('our TCP answers what is said by hand as Linux does', () => {
  for (const conversation of conversations)
    test(conversation.name, () => expect(play(conversation)).toBe(outline(conversation.script)))
})
