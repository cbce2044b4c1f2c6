/** What `ovs-ofctl snoop`, the original and ours, sees at a real ovs-vswitchd and at a switch of ours. */
import { afterEach, describe, expect, test } from 'vitest'
import { newMatch } from '../../src/flow/match.ts'
import { openFlowNetwork } from '../../src/node/index.ts'
import { noBuffer, type OfBody } from '../../src/openflow/message.ts'
import { second } from '../../src/runtime/index.ts'
import { Controllers } from '../../src/switch/agent/controllers.ts'
import type { Result } from '../../src/tools/words.testing.ts'
import { runBeside, startBeside } from './beside.testing.ts'
import { freePort } from './controllers/controller.testing.ts'
import { Scripted } from './controllers/timeline.testing.ts'
import { runOurs } from './ofctl-run.testing.ts'
import { hasOpenVswitch, startRealSwitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'
import { startWeftSwitch } from './weft-switch.testing.ts'

/** A switch with `br0`, where its sockets are, and what makes it have controllers. */
type Place = { directory: string; control(targets: readonly string[]): void }

const closes: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close()
})

const realPlace = (): Place => {
  const real = startRealSwitch()
  closes.push(() => real.close())
  real.run('ovs-vsctl add-br br0 -- set bridge br0 fail_mode=secure -- add-port br0 p1 -- add-port br0 p2')
  return {
    directory: real.directory,
    control: targets =>
      void real.run(`ovs-vsctl ${targets.length > 0 ? 'set' : 'del'}-controller br0 ${targets.join(' ')}`),
  }
}

const ourPlace = async (): Promise<Place> => {
  const weft = await startWeftSwitch()
  weft.enter(() => weft.bridge.configure({ failMode: 'secure' }))
  const network = openFlowNetwork(happen => weft.enter(happen))
  const controllers = new Controllers(weft.agent, network)
  const common = { probeInterval: 5 * second, maxBackoff: 8 * second, limit: undefined }
  closes.push(async () => {
    weft.enter(() => controllers.close())
    network.close()
    await weft.close()
  })
  return {
    directory: weft.directory,
    control: targets => weft.enter(() => controllers.set(targets.map(target => ({ ...common, target })))),
  }
}

/** Echoes of so many bytes and more tell that all has been heard that was before. */
const firstMarker = 200
const sizeOf = (message: string): number => Number(/: (\d+) bytes of payload/.exec(message)?.[1] ?? 0)
const lastMarker = (text: string): number => Math.max(0, ...text.split('\n').map(sizeOf))

/** Without the markers. */
const unmarked = (text: string): string =>
  text
    .split(/^(?=(?:\S+\|)?(?:OFPT|NXT|OFPST|NXST)_)/m)
    .filter(message => sizeOf(message) < firstMarker)
    .join('')

const masked = ({ stdout, stderr, status }: Result, directory: string): Result => {
  const settled = (text: string): string =>
    unmarked(text)
      .replaceAll(directory, 'DIR')
      .replace(/\d{4}-\d\d-\d\dT[\d:]+Z\|/g, 'TIME|')
      .replace(/dpid:[0-9a-f]{16}/g, 'dpid')
      .replace(/addr:[0-9a-f:]{17}/g, 'addr')
      // A socket that is closed as soon as it opens is found so by whatever the tool does first.
      .replace(
        /(?:DIR\/br0\.snoop|br0): failed to (?:open|connect to) socket \((?:Broken pipe|Connection reset by peer)\)/g,
        'closed at once',
      )
      // Hellos and events have numbers of each switch's own.
      .replace(/(OFPT_(?:HELLO|ROLE_STATUS|ECHO_REQUEST).*)\(xid=0x[0-9a-f]+\)/g, '$1(xid)')
  return { stdout: settled(stdout), stderr: settled(stderr), status }
}

const packetOut: OfBody = {
  type: 'packet_out',
  bufferId: noBuffer,
  inPort: 0xfffffffd,
  match: newMatch(),
  actions: [{ type: 'output', port: 0xfffffffd, maxLength: 0xffff } as never],
  packet: new Uint8Array(20),
}

/** What snoopers hear while two controllers of one switch talk, one goes and comes back, and the bridge gives both up. */
const hear = async ({ directory, control }: Place): Promise<Result[]> => {
  const [first, other] = [new Scripted(await freePort(), 4), new Scripted(await freePort(), 4)]
  const both = [first, other]
  closes.push(async () => {
    for (const each of both) {
      each.hangUp()
      await each.behave({ listens: false })
    }
  })
  for (const each of both) await each.behave({ listens: true })
  const before = await runBeside(directory, 'ovs-ofctl snoop br0')
  control(both.map(({ port }) => `tcp:127.0.0.1:${port}`))
  const connected = (): boolean => both.every(({ heard }) => heard.some(line => line.startsWith('OFPT_HELLO')))
  await until(connected, () => 'the switch does not call both')
  other.say({ type: 'role_request', role: 'primary', generation: 7n })
  // Snoopers listen to the primary.
  await until(
    () => other.heard.some(line => line.startsWith('OFPT_ROLE_REPLY')),
    () => 'the switch does not answer',
  )
  const tools = ['-m', '-O OpenFlow10', '-O OpenFlow13 --names'].flatMap(options => {
    const line = `ovs-ofctl ${options} snoop br0`
    const result: Result = { stdout: '', stderr: '', status: -1 }
    return [startBeside(directory, line), { live: result, ended: runOurs(line, directory, '', result) }]
  })
  let size = firstMarker
  /** Another echo each time: who does not listen yet hears one of the next. */
  const mark = async (): Promise<void> => {
    const from = size
    await until(
      () => {
        if (tools.every(({ live }) => lastMarker(live.stdout + live.stderr) > from)) return true
        other.say({ type: 'echo_request', data: new Uint8Array(++size) })
        return false
      },
      () => `all that was said: ${tools.map(({ live }) => live.stderr.slice(-200)).join('\n')}`,
    )
  }
  await mark()
  const say = async (who: Scripted, body: OfBody): Promise<void> => {
    const before = who.heard.length
    who.say(body)
    // The one to whom nobody listens is answered before the other says more.
    if (who === first) await until(() => who.heard.length > before, `an answer to ${body.type}`)
    await mark()
  }
  await say(first, { type: 'features_request' })
  await say(other, { type: 'features_request' })
  await say(other, { type: 'echo_request', data: Uint8Array.of(1, 2) })
  await say(other, packetOut)
  await say(first, { type: 'role_request', role: 'primary', generation: 8n })
  await say(other, { type: 'set_config', fragments: 'normal', missSendLength: 99, invalidTtlToController: undefined })
  await say(other, packetOut)
  await runBeside(directory, 'ovs-ofctl -O OpenFlow13 add-flow br0 actions=drop')
  await say(other, { type: 'barrier_request' })
  other.heard.length = 0
  other.hangUp()
  await until(
    () => other.heard.some(line => line.startsWith('OFPT_HELLO')),
    () => 'the switch does not call again',
  )
  await say(other, { type: 'get_config_request' })
  await until(
    () => other.heard.some(line => line.startsWith('OFPT_GET_CONFIG_REPLY')),
    () => 'the switch does not answer the second connection',
  )
  await mark()
  control([])
  return [before, ...(await Promise.all(tools.map(({ ended }) => ended)))].map(result => masked(result, directory))
}

describe.skipIf(!hasOpenVswitch())('ovs-ofctl snoop', () => {
  test('sees the same, whoever snoops and whoever is snooped at', async () => {
    const expected = await hear(realPlace())
    expect(expected[1]?.stderr).toContain('OFPT_BARRIER_REPLY')
    expect(expected[1]?.stderr).toContain('OFPT_GET_CONFIG_REPLY')
    const [before, ...seen] = await hear(await ourPlace())
    expect(before).toEqual(expected[0])
    expect(seen).toEqual(expected.slice(1))
    // Ours, beside the original with the same options.
    for (const i of [1, 3, 5]) expect(expected[i + 1]).toEqual(expected[i])
  })
})
