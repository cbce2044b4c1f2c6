/** Mininet's examples, each run as a user would, with the lines that its own tests type and what those look for. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'examples/mininet')

/** Runs an example with lines on its standard input; all that it printed. */
const run = (name: string, lines: readonly string[] = [], words: readonly string[] = []): Promise<string> =>
  new Promise((resolve, reject) => {
    // Both outputs go into one pipe, or their order would be chance.
    const command = ['-c', 'exec "$@" 2>&1', 'sh', process.execPath, join(folder, name), ...words]
    const child = spawn('/bin/sh', command, { cwd: root, stdio: 'pipe' })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', more => (text += more))
    child.on('error', reject)
    child.on('close', status => (status === 0 ? resolve(text) : reject(new Error(`${name}: ${status}\n${text}`))))
    child.stdin.end(lines.map(line => `${line}\n`).join(''))
  })

/** What stands at the groups of a pattern, everywhere. */
const all = (text: string, pattern: RegExp): string[][] => [...text.matchAll(pattern)].map(found => found.slice(1))

const dropped = (text: string): number[] => all(text, /Results: (\d+)% dropped/g).map(([loss]) => Number(loss))
const lost = (text: string): number[] => all(text, /(\d+)% packet loss/g).map(([loss]) => Number(loss))

/** Bits a second of `9.41 Mbits/sec`. */
const bits = (rate: string, unit: string): number => Number(rate) * { K: 1e3, M: 1e6, G: 1e9 }[unit as 'K' | 'M' | 'G']

type Check = () => Promise<void>

const examples: Record<string, Check> = {
  'baresshd.mjs': async () => {
    expect(await run('baresshd.mjs')).toContain('You may now look at h1 at 10.0.0.1\nWelcome to h1 at 10.0.0.1\n')
  },

  'bind.mjs': async () => {
    const text = await run('bind.mjs', [
      'h1 touch /var/log/a.txt; ls /var/log',
      'h2 cat /var/log/b.txt',
      ...['h1 echo of1 > /var/log/b.txt', 'h2 echo of2 > /var/log/b.txt'],
      ...['h1 cat /var/log/b.txt', 'h2 cat /var/log/b.txt', 'h3 cat /tmp/h1/var/log/b.txt', 'h3 ls /var/mn'],
    ])
    expect(text).toContain('Private Directories: /var/log /var/run /var/mn\n')
    expect(text).toMatch(/> a\.txt\r\n.*> cat: \/var\/log\/b\.txt: No such file or directory\r\n/)
    expect(text).toMatch(/> of1\r\nmininet> of2\r\nmininet> of1\r\nmininet> mininet> /)
  },

  // It is what the others are made with.
  'cluster.mjs': async () => expect(await run('cluster.mjs')).toBe(''),

  'clusterSanity.mjs': async () => expect(dropped(await run('clusterSanity.mjs', ['pingall']))).toEqual([0]),

  'clustercli.mjs': async () => {
    const text = await run('clustercli.mjs', ['pingall', 'servers', 'placement', 'links'])
    expect(dropped(text)).toEqual([0])
    expect(text).toContain('server1: 5 nodes, 1 tunnels\nserver2: 4 nodes, 1 tunnels\n')
    expect(text).toContain('server1: h1 h2 s1 s2 c0\nserver2: h3 h4 s3 s4\n')
    expect(text).toContain('s3-eth2<->s2-eth3 (vxlan tunnel) \n')
  },

  'clusterdemo.mjs': async () => {
    const text = await run('clusterdemo.mjs', ['h1 ping -c 1 h27', 'h27 ping -c 1 h14', 'servers'])
    expect(lost(text)).toEqual([0, 0])
    expect(all(text, /(server\d): \d+ nodes, [1-9]/g).flat()).toEqual(['server1', 'server2', 'server3'])
  },

  'clusterperf.mjs': async () => {
    const text = await run('clusterperf.mjs')
    expect(dropped(text)).toEqual([0, 0])
    const rates = all(text, /Results: \['([\d.]+) Mbits/g)
      .flat()
      .map(Number)
    expect(rates).toHaveLength(2)
    // Of 100 Mbit/s: 1348 bytes of 1400 + 14 + 50 + 24 on the wire, and 548 of 688.
    expect(Math.abs((rates[0] as number) - (100 * 1348) / 1488)).toBeLessThan(2)
    expect(Math.abs((rates[1] as number) - (100 * 548) / 688)).toBeLessThan(2)
  },

  'consoles.mjs': async () => {
    const text = await run('consoles.mjs')
    const bars = all(text, /^h\d (#+) ([\d.]+)$/gm)
    expect(bars).toHaveLength(4)
    for (const [bar = '', rate] of bars) {
      expect(bar).toHaveLength(Math.round(4 * Number(rate)))
      expect(Math.abs(Number(rate) - 9.4)).toBeLessThan(0.5)
    }
    expect(text.match(/3 packets transmitted, 3 received/g)).toHaveLength(4)
  },

  'controllers.mjs': async () => {
    const text = await run('controllers.mjs', [
      'pingall',
      ...['s1', 's2', 's3'].map(each => `sh ovs-vsctl get-controller ${each}`),
    ])
    expect(dropped(text)).toEqual([0])
    expect(all(text, /tcp:127\.0\.0\.1:(\d+)/g).flat()).toEqual(['6633', '6634', '6633'])
  },

  'controllers2.mjs': async () => {
    const text = await run('controllers2.mjs', [
      'pingall',
      ...['s1', 's2'].map(each => `sh ovs-vsctl get-controller ${each}`),
    ])
    expect(dropped(text)).toEqual([0, 0])
    expect(all(text, /tcp:127\.0\.0\.1:(\d+)/g).flat()).toEqual(['6633', '6634'])
  },

  'controlnet.mjs': async () => {
    const who = 'sh ovs-vsctl --format=csv --no-headings --columns=is_connected,target list controller'
    const down = ['c0', 'c1'].flatMap(each => [`${each} ifconfig ${each}-eth0 down`, 'h1 sleep 15', who, 'pingall'])
    const text = await run('controlnet.mjs', ['pingall', who, ...down])
    expect(dropped(text)).toEqual([0, 0, 0])
    // Three switches call each of four controllers, and notice who is gone.
    const answers = all(text, /(true|false),"*tcp:192\.168\.123\.(\d)/g)
    const listings = [0, 12, 24].map(at => answers.slice(at, at + 12).filter(([is]) => is === 'true'))
    expect(listings.map(each => [...new Set(each.map(([, last]) => last))].sort().join(''))).toEqual([
      '1234',
      '234',
      '34',
    ])
  },

  'cpu.mjs': async () => {
    const text = await run('cpu.mjs')
    for (const sched of ['cfs', 'rt']) {
      const rates = all(text, new RegExp(`^${sched}\\t(\\d+)%\\t([\\d.e+]+)$`, 'gm'))
      expect(rates.map(([cpu]) => cpu)).toEqual(['50', '40', '30', '20', '10'])
      // A host has half of that of two processors, which move 500 MB a second each.
      for (const [cpu, rate] of rates)
        expect(Math.abs(Number(rate) / ((Number(cpu) / 100) * 4e9) - 1), `${sched} ${cpu}% ${rate}`).toBeLessThan(0.1)
    }
  },

  'emptynet.mjs': async () => {
    const text = await run('emptynet.mjs', ['pingall', 'iperf'])
    expect(dropped(text)).toEqual([0])
    expect(text).toMatch(/Results: \['[\d.]+ .bits\/sec', '[\d.]+ .bits\/sec'\]/)
  },

  'hwintf.mjs': async () => {
    const text = await run('hwintf.mjs', ['pingall', 'h1 ping -c 1 10.0.0.3'], ['eth1'])
    expect(dropped(text)).toEqual([0])
    expect(text).toContain('1 packets transmitted, 1 received')
    await expect(run('hwintf.mjs', [], ['eth7'])).rejects.toThrow('Error: eth7 does not exist!')
  },

  'intfoptions.mjs': async () => {
    const text = await run('intfoptions.mjs')
    const [[tcp] = []] = all(text, /Results: \['([\d.]+) Mbits/g)
    const [[udp] = []] = all(text, /'10M', '([\d.]+) Mbits/g)
    expect(Math.abs(Number(tcp) - 10)).toBeLessThan(0.5)
    expect(Math.abs(Number(udp) - 5)).toBeLessThan(0.5)
    for (const [average] of all(text, /rtt min\/avg\/max\/mdev [\d.]+\/([\d.]+)/g))
      expect(Math.abs(Number(average) - 15)).toBeLessThan(0.15)
  },

  'limit.mjs': async () => {
    const text = await run('limit.mjs')
    const rates = all(text, /Results: \['([\d.]+) Mbits\/sec', '([\d.]+) Mbits/g).flat()
    expect(rates).toHaveLength(4)
    for (const rate of rates) expect(Math.abs(Number(rate) - 9.57)).toBeLessThan(0.4)
    const parts = all(text, /Results: \[([\d., ]+)\]/g).flatMap(([list = '']) => list.split(', ').map(Number))
    expect(parts).toHaveLength(20)
    for (const part of parts) expect(Math.abs(part - 10)).toBeLessThan(1)
  },

  'linearbandwidth.mjs': async () => {
    const text = await run('linearbandwidth.mjs')
    const parts = text.split('*** Linear network results').slice(1)
    expect(parts).toHaveLength(2)
    for (const part of parts) {
      const rates = all(part, /^\d+\t\t([\d.]+) (\w)bits/gm).map(([rate = '', unit = '']) => bits(rate, unit))
      expect(rates).toHaveLength(4)
      expect(rates).toEqual([...rates].sort((a, b) => b - a))
    }
  },

  'linuxrouter.mjs': async () => {
    const text = await run('linuxrouter.mjs', ['pingall', 'h1 ping -c 1 r0', 'h1 ping -c 1 h2'])
    expect(dropped(text)).toEqual([0])
    expect(lost(text)).toEqual([0, 0])
    expect(all(text, /ttl=(\d+)/g).flat()).toEqual(['64', '63'])
  },

  'miniedit.mjs': async () => {
    const text = await run('miniedit.mjs', ['pingall'])
    expect(dropped(text)).toEqual([0])
    expect(text).toContain('graph TD\n')
    expect(text).toContain('n0 ---|"bw=10 delay=5ms"| n2\n')
  },

  'mobility.mjs': async () => {
    const text = await run('mobility.mjs')
    expect(dropped(text)).toEqual([0, 0, 0, 0])
    const places = all(text, /h1-eth0 is now connected to (s\d)-eth(\d+)/g)
    expect(places.map(([name]) => name)).toEqual(['s2', 's3', 's1'])
    for (const [, port] of places) expect(Number(port)).toBeGreaterThanOrEqual(10)
  },

  'multilink.mjs': async () => {
    const text = await run('multilink.mjs', ['intfs', 'h1 ifconfig', 'h2 ifconfig'])
    for (const host of ['h1', 'h2']) {
      expect(text).toContain(`${host}: ${host}-eth0,${host}-eth1\n`)
      expect(all(text, new RegExp(`^(?:mininet> )?(${host}-eth\\d): flags`, 'gm')).flat()).toEqual([
        `${host}-eth0`,
        `${host}-eth1`,
      ])
    }
  },

  'multiping.mjs': async () => {
    const text = await run('multiping.mjs')
    const wanted = all(text, /Host (h\d+) \(\S+\) will be pinging ips: (.*)/g)
    expect(wanted).toHaveLength(20)
    for (const [host, ips = ''] of wanted)
      for (const ip of ips.split(' ')) {
        const received = all(
          text,
          new RegExp(`^${host}: \\S+ -> ${ip} 1 packets transmitted, (\\d) received`, 'gm'),
        ).flat()
        expect(new Set(received)).toEqual(new Set([ip === '10.0.0.200' ? '0' : '1']))
      }
  },

  'multipoll.mjs': async () => {
    const text = await run('multipoll.mjs')
    for (const host of ['h1', 'h2', 'h3'])
      expect(all(text, new RegExp(`^${host}: (\\d+) bytes from`, 'gm'))).toHaveLength(3)
  },

  'multitest.mjs': async () => {
    const text = await run('multitest.mjs', ['exit'])
    expect(dropped(text)).toEqual([0])
    expect(all(text, /^(h\d-eth0): flags/gm).flat()).toEqual(['h1-eth0', 'h2-eth0', 'h3-eth0', 'h4-eth0'])
  },

  'nat.mjs': async () => {
    const text = await run('nat.mjs', ['h1 ping -c 1 8.8.8.8', 'h4 ping -c 1 google.com'])
    expect(lost(text)).toEqual([0, 0])
  },

  'natnet.mjs': async () => {
    const text = await run('natnet.mjs', [
      ...['h1 ping -c 1 h0', 'h2 ping -c 1 h0'],
      ...['h0 ping -c 1 -t 1 h1', 'h0 ping -c 1 -t 1 h2', 'h1 ping -c 1 -t 1 h2'],
    ])
    expect(lost(text)).toEqual([0, 0, 100])
    expect(text.match(/[Uu]nreachable/g)).toHaveLength(3)
  },

  'numberedports.mjs': async () => {
    const text = await run('numberedports.mjs')
    const ports = all(text, /^s1-eth(\d+) : {2}(\d+)$/gm)
    expect(ports.map(([port]) => port)).toEqual(['1', '2', '3', '4', '9'])
    for (const [name, port] of ports) expect(name).toBe(port)
    expect(text.match(/Validated\./g)).toHaveLength(5)
    expect(dropped(text)).toEqual([0])
  },

  'popen.mjs': async () => {
    const text = await run('popen.mjs')
    expect(all(text, /^<(h\d)>: (\d) packets transmitted, (\d) received/gm)).toEqual(
      ['h1', 'h2', 'h3'].map(host => [host, '5', '5']),
    )
  },

  'popenpoll.mjs': async () => {
    const text = await run('popenpoll.mjs')
    expect(all(text, /^<(h\d)>: (\d) packets transmitted, (\d) received/gm)).toEqual(
      ['h1', 'h2', 'h3'].map(host => [host, '5', '5']),
    )
  },

  'scratchnet.mjs': async () => expect(lost(await run('scratchnet.mjs'))).toEqual([0]),
  'scratchnetuser.mjs': async () => expect(lost(await run('scratchnetuser.mjs'))).toEqual([0]),

  'simpleperf.mjs': async () => {
    for (const [words, least, most] of [
      [['testmode'], 9.5, 10.5],
      [[], 7.6, 8.6],
    ] as const) {
      const [[rate] = []] = all(await run('simpleperf.mjs', [], words), /'10M', '([\d.]+) Mbits/g)
      expect(Number(rate)).toBeGreaterThan(least)
      expect(Number(rate)).toBeLessThan(most)
    }
  },

  'sshd.mjs': async () => {
    const text = await run(
      'sshd.mjs',
      [1, 2, 3, 4].map(i => `sh curl -s http://10.0.0.${i}:22/`),
    )
    expect(all(text, /Welcome to (h\d)/g).flat()).toEqual(['h1', 'h2', 'h3', 'h4'])
  },

  'topo-2sw-2host.ts': async () => {
    const text = await run(
      '../../dist/cli/weft.js',
      [],
      ['mn', '--custom', join(folder, 'topo-2sw-2host.ts'), '--topo', 'mytopo', '--test', 'pingall'],
    )
    expect(text).toContain('(h1, s3) (s3, s4) (s4, h2) ')
    expect(dropped(text)).toEqual([0])
  },

  'tree1024.mjs': async () => expect(lost(await run('tree1024.mjs', ['h1 ping -c 20 h1024']))).toEqual([0]),

  'treeping64.mjs': async () => {
    const text = await run('treeping64.mjs')
    expect(dropped(text)).toEqual([0, 0])
    expect(lost(text.slice(text.indexOf('Tree network ping results')))).toEqual([0, 0])
  },

  'vlanhost.mjs': async () => {
    // Of 30 pings those between hosts of one VLAN, and between those without, come through.
    expect(dropped(await run('vlanhost.mjs', ['pingall 1']))).toEqual([80])
    const text = await run('vlanhost.mjs', ['h1 ping -c 1 h2', 'h1 ifconfig'], ['1001'])
    expect(lost(text)).toEqual([0])
    expect(text).toContain('h1-eth0.1001: flags=')
    const words = ['--custom', join(folder, 'vlanhost.mjs'), '--host', 'vlan,vlan=7', '--test', 'pingall']
    expect(dropped(await run('../../dist/cli/weft.js', [], ['mn', ...words]))).toEqual([0])
  },
}

test('every example has its check', () => {
  const names = readdirSync(folder).filter(name => /\.m?[jt]s$/.test(name))
  expect(Object.keys(examples).sort()).toEqual(names.sort())
})

test.concurrent.each(Object.entries(examples))('%s', async (_, check) => await check(), 120_000)
