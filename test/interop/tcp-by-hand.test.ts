/** What is expected of our TCP when segments are said to it by hand is what the kernel's TCP says to them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Conversation, conversations, stepsOf } from '../../src/host/tcp/by-hand.testing.ts'
import { Hand } from '../../src/host/tcp/hand.testing.ts'
import { parseIp4 } from '../../src/wire/address.ts'
import { hasTaps, startTapHost, type TapHost } from './tap-host.testing.ts'
import { later, until } from './waiting.testing.ts'

/** The kernel's user: what it does, and its port or ours. */
const program = `
import socket, sys, threading, time
user, port = sys.argv[1], int(sys.argv[2])
if user == 'connects':
    one = socket.socket()
    one.settimeout(8)
    try:
        one.connect(('10.7.0.9', port))
        time.sleep(5)
    except OSError:
        pass
    sys.exit()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(('10.7.0.1', port))
listener.listen(5)
def drain(one):
    try:
        while one.recv(65536):
            pass
        time.sleep(100)
    except OSError:
        pass
while True:
    one, _ = listener.accept()
    if user == 'neglects':
        time.sleep(0.4)
    if user == 'reads':
        threading.Thread(target=drain, args=(one,), daemon=True).start()
    else:
        one.close()
`

describe.runIf(hasTaps())("the kernel's TCP says to segments made by hand what is expected of ours", () => {
  let kernel: TapHost
  let mac = 0
  beforeAll(async () => {
    kernel = await startTapHost('hand', '10.7.0.1/24')
    kernel.run('ip neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev k0')
    mac = Number.parseInt(kernel.run('cat /sys/class/net/k0/address').replaceAll(/[:\s]/g, ''), 16)
  })
  afterAll(() => kernel.close())

  const play = async ({ user, script }: Conversation, port: number): Promise<string> => {
    const connects = user === 'connects'
    const ends = {
      mac: 0x020000000009,
      peerMac: mac,
      ip: parseIp4('10.7.0.9') as number,
      peerIp: parseIp4('10.7.0.1') as number,
    }
    const lines: string[] = []
    let heard: string[] = []
    let hand = new Hand({ ...ends, port: connects ? port : 4000 + (port % 1000), peerPort: port })
    kernel.heard = bytes => {
      if (connects && bytes[23] === 6 && bytes[47] === 2 && bytes[36] === port >> 8 && bytes[37] === (port & 255))
        if (heard.length + lines.length === 0)
          hand = new Hand({ ...ends, port, peerPort: ((bytes[34] as number) << 8) | (bytes[35] as number) })
      const line = hand.hear(bytes)
      if (line !== undefined && !(/^S |F|[1-9]\d*$/.test(line) && lines.includes(line))) heard.push(line)
    }
    void kernel.python(program, user, `${port}`).catch(() => {})
    if (!connects) await until(() => kernel.run(`ss -Htln sport = :${port}`) !== '', 'the kernel listens')
    const listen = async (ms: number): Promise<void> => {
      await later(ms)
      lines.push(...heard)
      heard = []
    }
    if (connects) await until(() => heard.length > 0, 'the kernel connects')
    await listen(120)
    for (const step of stepsOf(script))
      if (step.kind === 'wait') {
        lines.push(`= ${step.ms}`)
        await listen(step.ms)
      } else if (step.kind === 'say') {
        lines.push('>')
        kernel.send(hand.say(step.said))
        await listen(120)
      }
    return lines.join('\n')
  }

  const outline = (script: string): string =>
    script
      .split('\n')
      .filter(line => line !== '')
      .map(line => (line.startsWith('>') ? '>' : line))
      .join('\n')

  for (const [i, conversation] of conversations.entries())
    test(conversation.name, async () => {
      const expected = outline(conversation.script)
      // A machine that is busy may answer after the time that is given; then it is asked again.
      let played = ''
      for (let attempt = 0; attempt < 3 && played !== expected; attempt++)
        played = await play(conversation, 7000 + 3 * i + attempt)
      expect(played).toBe(expected)
    })
})
