/** Our iperf and the real one, version 2, in both roles: what each says fits what the other says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespaces } from '../../scripts/namespaces.mjs'
import { hasTaps, type TapHost } from './tap-host.testing.ts'
import { TapMachine } from './tap-machine.testing.ts'
import { later, until } from './waiting.testing.ts'

const hasIperf = (): boolean => {
  const net = namespaces()
  try {
    net.add('iperf')
    // It says its version, and ends with 1.
    return net.run('iperf', ['sh', '-c', 'iperf -v 2>&1 || true']).includes('iperf version 2')
  } catch {
    return false
  } finally {
    net.remove()
  }
}

describe.runIf(hasTaps() && hasIperf())('with the real iperf', () => {
  let kernel: TapHost
  const peer = new TapMachine()
  beforeAll(async () => {
    kernel = await peer.plug('iperf', '10.7.0.1/24')
    await ours('ip addr add 10.7.0.2/24 dev e0; ip link set e0 up')
  })
  afterAll(() => peer.close())

  const ours = (line: string): Promise<string> => peer.run(line)

  /** The same on the kernel's; `-t` bounds servers. */
  const real = (...words: string[]): Promise<string> =>
    kernel.python(
      'import subprocess, sys\nprint(subprocess.run(sys.argv[1:], capture_output=True, text=True).stdout)',
      'iperf',
      ...words,
    )

  test('it sends, we receive', async () => {
    const served = ours('iperf -s -1')
    await later(200)
    const sent = await real('-c', '10.7.0.2', '-n', '2M')
    expect(sent).toMatch(/ 2\.00 MBytes /)
    expect(await served).toMatch(/ 2\.00 MBytes /)
  })

  test('we send, it receives', async () => {
    const served = real('-s', '-1', '-t', '20')
    await until(() => kernel.run('ss -Htln sport = :5001') !== '', 'iperf listens')
    expect(await ours('iperf -c 10.7.0.1 -n 2M')).toMatch(/ 2\.00 MBytes /)
    expect(await served).toMatch(/ 2\.00 MBytes /)
  })

  test('datagrams: its report of ours, and ours of its', async () => {
    const served = real('-s', '-u', '-1', '-t', '10')
    await until(() => kernel.run('ss -Huln sport = :5001') !== '', 'iperf listens')
    const sent = await ours('iperf -u -c 10.7.0.1 -t 1 -b 1M')
    expect(sent).toMatch(/Server Report:\n.*\n.*MBytes|Server Report:\n.*\n.* KBytes .* ms \d+\/\d+ \(/)
    await served
    const server = ours('iperf -s -u -1')
    await later(200)
    expect(await real('-u', '-c', '10.7.0.2', '-t', '1', '-b', '1M')).toMatch(
      /Server Report:\n.*\n.* KBytes .* ms +\d+\/ *\d+ \(/,
    )
    expect(await server).toMatch(/ KBytes .* ms \d+\/\d+ \(/)
  })

  test('it asks us to test back', async () => {
    const served = ours('iperf -s -1')
    await later(200)
    const sent = await real('-c', '10.7.0.2', '-n', '200K', '-r', '-L', '5009')
    expect(sent.match(/ 200 KBytes /g)).toHaveLength(2)
    await served
  })
})
