/** `weft vtep` with the Linux kernel's vxlan device and Open vSwitch at the other end, in network namespaces. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Namespaces, namespaces, type Running } from '../../scripts/namespaces.mjs'
import { ovsIn } from '../../scripts/ovs.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = `${root}dist/cli/weft.js`
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

let net: Namespaces
let running: Running[] = []

/** `weft vtep` in namespace w, ready. */
const weft = async (...words: string[]): Promise<Running> => {
  const started = net.start('w', [process.execPath, program, 'vtep', ...words])
  running.push(started)
  await started.until(/weft vtep: VNI .*\n|"ready":true.*\n/)
  return started
}

const counters = (text: string): Record<string, number> =>
  Object.fromEntries([...text.matchAll(/^(\w+) +([0-9]+)$/gm)].map(([, name, value]) => [name, Number(value)]))

/** Ends a VTEP; gives what it counted. */
const counted = async (vtep: Running): Promise<Record<string, number>> => {
  await vtep.stop('SIGINT')
  return counters(vtep.stdout)
}

/** The summary lines of pings. */
const summaries = (text: string): string[] => text.match(/^[0-9]+ packets transmitted.*(?=, time)/gm) ?? []

/** Runs these pings of one namespace side by side; gives their summaries. */
const pings = async (name: string, ...words: string[]): Promise<string[]> => {
  const results = await Promise.all(words.map(each => net.attempt(name, `ping -n -q ${each}`)))
  return results.flatMap(({ stdout, stderr }) => (stderr === '' ? summaries(stdout) : [stderr]))
}

const none = (count: number): string => `${count} packets transmitted, ${count} received, 0% packet loss`

/** w: Weft, 10.99.0.1, on a bridge with k1, 10.99.0.2, and k2, 10.99.0.3. */
const wire = (): void => {
  const space = Object.fromEntries(['w', 'k1', 'k2'].map(name => [name, net.add(name)])) as Record<string, string>
  const ip = (name: string, command: string): string => net.run(name, `ip ${command}`)
  ip('w', 'link add ub type bridge')
  for (const [i, name] of ['k1', 'k2'].entries()) {
    execFileSync('ip', `-n ${space.w} link add ${name} type veth peer name u0 netns ${space[name]}`.split(' '))
    ip('w', `link set ${name} master ub up`)
    ip(name, 'link set u0 up')
    ip(name, `addr add 10.99.0.${i + 2}/24 dev u0`)
    ip(name, `addr add fd99::${i + 2}/64 dev u0 nodad`)
  }
  ip('w', 'link set ub up')
  ip('w', 'addr add 10.99.0.1/24 dev ub')
  ip('w', 'addr add fd99::1/64 dev ub nodad')
}

/** A vxlan device whose host is 10.0.42.`host` and fd00:42::`host`. */
const device = (name: string, vni: number, host: number, ends: string): void => {
  net.run(name, `ip link add vx${vni} type vxlan id ${vni} ${ends} dstport 4789`)
  net.run(name, `ip addr add 10.0.42.${host}/24 dev vx${vni}`)
  net.run(name, `ip addr add fd00:42::${host}/64 dev vx${vni} nodad`)
  net.run(name, `ip link set vx${vni} up`)
}

beforeAll(() => {
  execFileSync(process.execPath, [`${root}scripts/build.mjs`])
})

beforeEach(() => {
  running = []
  net = namespaces()
  wire()
})

afterEach(async () => {
  await Promise.all(running.map(each => each.stop('SIGKILL')))
  net.remove()
})

afterAll(() => {
  expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(`weft-${process.pid}-`)
})

const plain = ['--vni', '42', '--local', '10.99.0.1', '--remote', '10.99.0.2']

describe('weft vtep and the kernel', () => {
  test('ping each other both ways for ten seconds without a loss, IPv4 and IPv6, small and large', async () => {
    device('k1', 42, 100, 'local 10.99.0.2 remote 10.99.0.1')
    const outward = [
      'h1 ping -q -c 250 -i 0.01 10.0.42.100',
      'h2 ping -q -c 250 -i 0.01 -s 1400 -M do 10.0.42.100',
      'h2 ping -q -c 250 -i 0.01 fd00:42::100',
      'h1 ping -q -c 250 -i 0.01 -s 1400 -M do fd00:42::100',
    ]
    const vtep = await weft(...plain, ...[...outward, 'h1 sleep 8'].flatMap(line => ['--exec', line]))
    expect(vtep.stdout).toContain(
      'weft vtep: VNI 42 at 10.99.0.1:4789 to 10.99.0.2, lab segment: h1 10.0.42.1 fd00:42::1, h2 10.0.42.2 fd00:42::2\n',
    )
    const inward = await pings(
      'k1',
      '-c 800 -i 0.0125 10.0.42.1',
      '-c 800 -i 0.0125 -s 1400 -M do 10.0.42.2',
      '-c 800 -i 0.0125 fd00:42::2',
      '-c 800 -i 0.0125 -s 1400 -M do fd00:42::1',
    )
    expect(inward).toEqual(Array(4).fill(none(800)))
    await vtep.until(/(?:packets transmitted[\s\S]*?){4}/)
    expect(summaries(vtep.stdout)).toEqual(Array(4).fill(none(250)))
    expect(vtep.stderr).toBe('')
    // The kernel learned both hosts behind Weft's address.
    expect(net.run('k1', 'bridge fdb show dev vx42').match(/ dst 10\.99\.0\.1 self/g)?.length).toBeGreaterThan(2)
    const counts = await counted(vtep)
    expect(counts.udp_received).toBe(counts.vtep_decapsulated)
    expect(counts.udp_sent).toBe(counts.vtep_encapsulated)
    expect(counts.udp_received).toBeGreaterThanOrEqual(4 * 800 + 4 * 250)
  })

  test('keep another VNI apart', async () => {
    device('k1', 42, 100, 'local 10.99.0.2 remote 10.99.0.1')
    device('k1', 43, 143, 'local 10.99.0.2 remote 10.99.0.1')
    const vtep = await weft(...plain)
    expect(await pings('k1', '-c 3 -i 0.1 -W 0.3 -I vx43 10.0.42.1')).toEqual([
      expect.stringMatching(/^3 packets transmitted, 0 received/),
    ])
    expect(await pings('k1', '-c 2 -i 0.1 -I vx42 10.0.42.1')).toEqual([none(2)])
    expect(net.run('k1', 'cat /sys/class/net/vx43/statistics/rx_packets')).toBe('0\n')
    expect((await counted(vtep)).vtep_unknown_vni).toBeGreaterThan(0)
  })

  test('what is malformed is counted by name and let in nowhere', async () => {
    device('k1', 42, 100, 'local 10.99.0.2 remote 10.99.0.1')
    const vtep = await weft(...plain)
    const frame = `ffffffffffff0200000000990800${'00'.repeat(46)}`
    const datagrams = [
      ['vxlan_flags', `0000000000002a00${frame}`],
      ['vxlan_flags', `f700000000002a00${frame}`],
      ['vxlan_short', '0800000000002a'],
      ['vxlan_short', ''],
      ['vxlan_inner_short', `0800000000002a00${frame.slice(0, 26)}`],
      ['vtep_unknown_vni', `0800000000002b00${frame}`],
      ['vtep_decapsulated', `0800000000002a00${frame}`],
      // Reserved bits are ignored (RFC 7348 §5).
      ['vtep_decapsulated', `08ffffff00002aff${frame}`],
    ]
    const script = `const s = require('dgram').createSocket('udp4')
      let left = ${datagrams.length}
      for (const hex of ${JSON.stringify(datagrams.map(([, hex]) => hex))})
        s.send(Buffer.from(hex, 'hex'), 4789, '10.99.0.1', () => --left === 0 && s.close())`
    expect((await net.attempt('k1', [process.execPath, '-e', script])).status).toBe(0)
    await pause(500)
    process.kill(vtep.pid, 'SIGUSR1')
    await vtep.until(/udp_received/)
    const expected: Record<string, number> = {}
    for (const [name] of datagrams as [string, string][]) expected[name] = (expected[name] ?? 0) + 1
    // The kernel's device tells its neighbours of itself when it comes up, in frames of its own.
    const seen = counters(vtep.stdout)
    const others = (seen.vtep_decapsulated ?? 0) - (expected.vtep_decapsulated ?? 0)
    expect(others).toBeGreaterThanOrEqual(0)
    expect({ ...seen, vtep_decapsulated: expected.vtep_decapsulated }).toMatchObject({
      ...expected,
      udp_received: datagrams.length + others,
    })
    expect(await pings('k1', '-c 2 -i 0.1 10.0.42.1')).toEqual([none(2)])
    expect(await vtep.stop('SIGTERM')).toBe(0)
  })

  test('two remotes: what is for all goes to both, what is for one to that one', async () => {
    device('k1', 42, 100, 'local 10.99.0.2 remote 10.99.0.1')
    device('k2', 42, 200, 'local 10.99.0.3 remote 10.99.0.1')
    const lines = ['h1 ping -q -c 20 -i 0.02 10.0.42.100', 'h1 ping -q -c 20 -i 0.02 fd00:42::200', 'h1 sleep 5']
    const words = ['--vni', '42', '--local', '10.99.0.1', '--remote', '10.99.0.2,10.99.0.3']
    const vtep = await weft(...words, ...lines.flatMap(line => ['--exec', line]))
    expect(await pings('k1', '-c 20 -i 0.02 10.0.42.1')).toEqual([none(20)])
    expect(await pings('k2', '-c 20 -i 0.02 10.0.42.2')).toEqual([none(20)])
    await vtep.until(/(?:packets transmitted[\s\S]*?){2}/)
    expect(summaries(vtep.stdout)).toEqual([none(20), none(20)])
    for (const name of ['k1', 'k2'])
      expect(Number(net.run(name, 'cat /sys/class/net/vx42/statistics/rx_packets'))).toBeLessThan(60)
    const counts = await counted(vtep)
    // Each neighbour request was sent twice.
    expect(counts.udp_sent).toBeGreaterThan(counts.vtep_encapsulated as number)
  })

  test('over IPv6, and what is too large for the way is said and counted', async () => {
    device('k1', 42, 100, 'local fd99::2 remote fd99::1')
    const lines = [
      'h1 ping -q -c 20 -i 0.02 -s 1400 -M do 10.0.42.100',
      'h1 ping -q -c 3 -i 0.02 -W 0.2 -s 1422 10.0.42.100',
    ]
    const words = ['--vni', '42', '--local', 'fd99::1', '--remote', 'fd99::2']
    const vtep = await weft(...words, ...lines.flatMap(line => ['--exec', line]))
    expect(vtep.stdout).toContain('weft vtep: VNI 42 at [fd99::1]:4789 to fd99::2, ')
    expect(await vtep.ended).toBe(1)
    expect(summaries(vtep.stdout)).toEqual([none(20), expect.stringContaining(' 0 received')])
    expect(counters(vtep.stdout).udp_too_large).toBe(3)
    expect(vtep.stderr).toBe(
      "weft vtep: the lab's frames need an MTU of 1520 on the way; the link of fd99::1 has 1500, and larger ones are dropped\n",
    )
  })

  test('Wireshark finds nothing wrong with what goes over the wire, and RFC 7348’s source ports', async () => {
    device('k1', 42, 100, 'local 10.99.0.2 remote 10.99.0.1')
    const folder = mkdtempSync(join(tmpdir(), 'weft-vtep-'))
    try {
      const file = join(folder, 'wire.pcap')
      const words = ['-i', 'u0', '-U', '--immediate-mode', '-Z', 'root', '-w', file, 'udp port 4789']
      const tcpdump = net.start('k1', ['tcpdump', ...words])
      running.push(tcpdump)
      await tcpdump.until(/listening on/)
      const targets = ['10.0.42.100', 'fd00:42::100']
      const lines = ['h1', 'h2'].flatMap(host =>
        targets.map(target => `${host} ping -q -c 3 -i 0.02 -s 1000 ${target}`),
      )
      const vtep = await weft(...plain, ...lines.flatMap(line => ['--exec', line]))
      expect(await vtep.ended).toBe(0)
      await pause(100)
      await tcpdump.stop('SIGINT')
      const fields = ['udp.srcport', '_ws.malformed', '_ws.expert.severity', '_ws.expert.message']
      const asked = ['-n', '-r', file, '-Y', 'ip.src == 10.99.0.1', '-o', 'ip.check_checksum:TRUE', '-T', 'fields']
      const said = execFileSync('tshark', [...asked, ...fields.flatMap(field => ['-e', field])], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const frames = said
        .replace(/\n$/, '')
        .split('\n')
        .map(line => line.split('\t'))
      expect(frames.length).toBeGreaterThanOrEqual(12)
      for (const [port, malformed, severity, message] of frames) {
        expect(malformed).toBe('')
        // 0x600000 is a warning.
        expect(Number(severity) < 0x600000 ? '' : message).toBe('')
        expect(Number(port)).toBeGreaterThanOrEqual(49152)
      }
      // Several flows, and not all from one port.
      expect(new Set(frames.map(([port]) => port)).size).toBeGreaterThan(1)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a port that is taken, an address that is not here', async () => {
    await weft(...plain)
    const second = await net.attempt('w', [process.execPath, program, 'vtep', ...plain])
    expect(second).toEqual({ status: 1, stdout: '', stderr: 'weft vtep: 10.99.0.1:4789: Address already in use\n' })
    const words = ['--vni', '42', '--local', '10.99.0.9', '--remote', '10.99.0.2']
    expect(await net.attempt('w', [process.execPath, program, 'vtep', ...words])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'weft vtep: 10.99.0.9:4789: Cannot assign requested address\n',
    })
  })

  test('a network that is not there is counted, and the lab goes on', async () => {
    const lines = ['h1 ping -c 1 -W 0.2 10.0.42.100', 'h1 ping -q -c 2 -i 0.02 10.0.42.2']
    const words = ['--vni', '42', '--local', '10.99.0.1', '--remote', '192.0.2.1']
    const vtep = await weft(...words, ...lines.flatMap(line => ['--exec', line]))
    expect(await vtep.ended).toBe(1)
    expect(summaries(vtep.stdout).at(-1)).toBe(none(2))
    expect(counters(vtep.stdout).udp_unreachable).toBeGreaterThan(0)
  })
})

describe('weft vtep and Open vSwitch', () => {
  test('ping each other', async () => {
    const ovs = ovsIn(net, 'k1')
    // A veth leaves UDP checksums to a card that never comes, and Open vSwitch's user-space tunnels look at them.
    net.run('w', 'ethtool -K ub tx off')
    try {
      // The bridge on the underlay takes over the address of the link that it holds.
      net.run('k1', 'ip addr flush dev u0')
      ovs.vsctl('add-br br-phy -- set bridge br-phy datapath_type=netdev -- add-port br-phy u0')
      net.run('k1', 'ip addr add 10.99.0.2/24 dev br-phy')
      net.run('k1', 'ip link set br-phy up')
      ovs.vsctl('add-br br-int -- set bridge br-int datapath_type=netdev')
      ovs.vsctl('add-port br-int vx -- set interface vx type=vxlan options:remote_ip=10.99.0.1 options:key=42')
      net.run('k1', 'ip link set br-int mtu 1450 up')
      net.run('k1', 'ip addr add 10.0.42.100/24 dev br-int')
      net.run('k1', 'ip addr add fd00:42::100/64 dev br-int nodad')
      const lines = [
        'h1 ping -q -c 50 -i 0.02 10.0.42.100',
        'h2 ping -q -c 50 -i 0.02 -s 1400 fd00:42::100',
        'h1 sleep 8',
      ]
      const vtep = await weft(...plain, ...lines.flatMap(line => ['--exec', line]))
      expect(await pings('k1', '-c 50 -i 0.02 10.0.42.2', '-c 50 -i 0.02 -s 1400 fd00:42::1')).toEqual([
        none(50),
        none(50),
      ])
      await vtep.until(/(?:packets transmitted[\s\S]*?){2}/)
      expect(summaries(vtep.stdout)).toEqual([none(50), none(50)])
    } finally {
      await ovs.stop()
    }
  })
})
