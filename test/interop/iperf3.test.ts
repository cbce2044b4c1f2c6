/** Our iperf3 and the real one in both roles: what each says fits what the other says, and their JSON has the same keys. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespaces } from '../../scripts/namespaces.mjs'
import { hasTaps, type TapHost } from './tap-host.testing.ts'
import { TapMachine } from './tap-machine.testing.ts'
import { later } from './waiting.testing.ts'

const hasIperf3 = (): boolean => {
  const net = namespaces()
  try {
    net.add('iperf3')
    return net.run('iperf3', ['sh', '-c', 'iperf3 -v 2>&1 || true']).includes('iperf 3.')
  } catch {
    return false
  } finally {
    net.remove()
  }
}

describe.runIf(hasTaps() && hasIperf3())('with the real iperf3', () => {
  let kernel: TapHost
  const peer = new TapMachine()
  beforeAll(async () => {
    kernel = await peer.plug('iperf3', '10.8.0.1/24')
    await ours('ip addr add 10.8.0.2/24 dev e0; ip link set e0 up')
  })
  afterAll(() => peer.close())

  const ours = (line: string): Promise<string> => peer.run(line)

  /** The same on the kernel's. */
  const real = (...words: string[]): Promise<string> =>
    kernel.python(
      'import subprocess, sys\nprint(subprocess.run(sys.argv[1:], capture_output=True, text=True, timeout=60).stdout)',
      'iperf3',
      ...words,
    )

  /** What a client tells, once its server is there. */
  const whenThere = async (run: () => Promise<string>): Promise<ReturnType<typeof JSON.parse>> => {
    for (;;) {
      const told = JSON.parse(await run())
      if (!/refused/.test(told.error ?? '')) return told
      await later(100)
    }
  }

  /** The names of all values, with `[]` for what is in a list: of a list's entries, the first one's. */
  const keysOf = (value: unknown, path = ''): string[] => {
    if (Array.isArray(value)) return value.slice(0, 1).flatMap(each => keysOf(each, `${path}[]`))
    if (typeof value !== 'object' || value === null) return [path]
    return Object.entries(value).flatMap(([key, each]) => keysOf(each, `${path}.${key}`))
  }

  const modes = ['-t 1', '-R -t 1 -P 2', '--bidir -t 1', '-u -b 2M -t 1', '-u -R -n 100K']

  test.each(modes)('our client with its server, and the other way: %s', async mode => {
    const words = mode.split(' ')
    const realServed = real('-s', '-1', '-J')
    const ourClient = await whenThere(() => ours(`iperf3 -c 10.8.0.1 -J ${words.join(' ')}`))
    const realServer = JSON.parse(await realServed)
    const ourServed = ours('iperf3 -s -1 -J')
    const realClient = await whenThere(() => real('-c', '10.8.0.2', '-J', ...words))
    const ourServer = JSON.parse(await ourServed)
    expect(keysOf(ourClient)).toEqual(keysOf(realClient))
    expect(keysOf(ourServer)).toEqual(keysOf(realServer))
    // What one end says that came in, the other has sent.
    for (const [client, server] of [
      [ourClient, realServer],
      [realClient, ourServer],
    ]) {
      const received = words.includes('-R') ? client.end.sum_received.bytes : server.end.sum_received.bytes
      expect(received).toBeGreaterThan(90_000)
      expect(client.end.sum_received.bytes).toBe(received)
      expect(client.start.cookie).toBe(server.start.cookie)
      expect(client.error ?? server.error).toBeUndefined()
    }
  })
})
