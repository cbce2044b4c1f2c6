/** DHCP and DNS with real peers: ISC's dhclient and BIND's dig at our dnsmasq, our programs at the real one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasTaps, type TapHost } from './tap-host.testing.ts'
import { TapMachine } from './tap-machine.testing.ts'
import { until } from './waiting.testing.ts'

const programs = ['dhclient', 'dnsmasq', 'dig', 'host', 'nslookup']
const able = hasTaps() && programs.every(name => spawnSync('which', [name]).status === 0)

const names =
  '--domain=lab --local=/lab/ --host-record=www.lab,10.9.0.77 --cname=web.lab,www.lab --txt-record=lab,hello'
const lends = '--no-resolv --no-hosts --no-ping --dhcp-sequential-ip --dhcp-range=10.9.0.50,10.9.0.60,1h'

/** What differs from run to run: numbers of questions, times, and the renewal, which is drawn. */
const masked = (text: string): string =>
  text
    .replace(/DiG 9\S+/, 'DiG VERSION')
    .replace(/id: \d+/g, 'id: ID')
    .replace(/WHEN: .*/g, 'WHEN: T')
    .replace(/(Query time:|in) \d+ m/g, '$1 N m')
    .replace(/interval \d+/g, 'interval N')
    .replace(/(DHCPDISCOVER .*\n)\1+/g, '$1')
    .replace(/renewal in \d+/g, 'renewal in N')
    .replace(/LPF\/.*/g, 'LPF/LINK')
    .replace(/ on (e0|k0) /g, ' on LINK ')

/** The statements of the last lease of a file, in any order, without times. */
const lease = (text: string): string[] =>
  (text.split('lease {\n').at(-1) as string)
    .split('\n')
    .filter(line => line.startsWith('  option '))
    .sort()

describe.runIf(able)('network services', () => {
  let kernel: TapHost
  const folder = mkdtempSync(join(tmpdir(), 'weft-services-'))
  const peer = new TapMachine()
  beforeAll(async () => {
    kernel = await peer.plug('services', '10.9.0.1/24')
    writeFileSync(join(folder, 'script'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  })
  afterAll(() => {
    peer.close()
    rmSync(folder, { recursive: true })
  })

  const ours = (line: string): Promise<string> => peer.run(line)

  /** The same on the kernel's. What it leaves behind does not hold the pipes. */
  const real = async (line: string): Promise<string> => {
    const out = join(folder, 'out')
    await kernel.python(
      'import subprocess, sys\nsubprocess.run(sys.argv[1:2], shell=True, timeout=90, stdout=open(sys.argv[2], "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)',
      line,
      out,
    )
    return readFileSync(out, 'utf8')
  }

  const client = `-sf ${folder}/script -lf ${folder}/leases -pf ${folder}/pid`
  let said = ''
  let kept: string[] = []

  test('the real dhclient has a lease of our dnsmasq, and gives it back', async () => {
    await ours(`ip link set lo up; ip addr add 10.9.0.2/24 dev e0; ip link set e0 up; dnsmasq -i e0 ${lends} ${names}`)
    said = await real(`dhclient -1 -v ${client} k0`)
    expect(said).toContain('DHCPACK of 10.9.0.50 from 10.9.0.2\n')
    expect(said).toMatch(/bound to 10\.9\.0\.50 -- renewal in \d+ seconds\.\n$/)
    kept = lease(readFileSync(join(folder, 'leases'), 'utf8'))
    expect(await ours('cat /var/lib/misc/dnsmasq.leases')).toMatch(/^\d+ [0-9a-f:]{17} 10\.9\.0\.50 \S+ \*\n$/)
    expect(await real(`dhclient -r -v ${client} k0`)).toContain('DHCPRELEASE of 10.9.0.50 on k0 to 10.9.0.2 port 67\n')
    await until(async () => (await ours('cat /var/lib/misc/dnsmasq.leases')) === '', 'the release')
  })

  test.each([
    'dig @SERVER www.lab',
    'dig @SERVER web.lab AAAA',
    'dig @SERVER nosuch.lab',
    'dig @SERVER lab TXT +tcp',
    'dig @SERVER elsewhere.com',
    'dig @SERVER -x 10.9.0.77 +short',
    'host web.lab SERVER',
    'host nosuch.lab SERVER',
    'host -t txt lab SERVER',
    'nslookup www.lab SERVER',
    'nslookup -type=mx www.lab SERVER',
  ])('%s', async line => {
    const asked = line.replace('SERVER', '10.9.0.2')
    expect(masked(await ours(asked))).toBe(masked(await real(asked)))
  })

  test('our dhclient has one of the real dnsmasq, and says what the real one said', async () => {
    await ours('kill $(cat /run/dnsmasq.pid); ip addr flush dev e0')
    await real(
      `dnsmasq -C /dev/null -i k0 -z -I lo --user=root ${lends} ${names} --dhcp-leasefile=${folder}/lent --pid-file=${folder}/dnsmasq.pid`,
    )
    const text = await ours('dhclient -1 -v e0')
    expect(masked(text).replaceAll('10.9.0.1', '10.9.0.2')).toBe(masked(said))
    const own = lease(await ours('cat /var/lib/dhcp/dhclient.leases'))
    const same = (lines: string[]): string[] => lines.filter(line => !line.includes('host-name'))
    expect(same(own).map(line => line.replaceAll('10.9.0.1;', '10.9.0.2;'))).toEqual(same(kept))
    expect(readFileSync(join(folder, 'lent'), 'utf8')).toMatch(/ 10\.9\.0\.50 m \*\n$/)
    expect(await ours('ping -c 1 10.9.0.1')).toContain(' 0% packet loss')
    expect(await ours('ping -4 -c 1 m.lab')).toContain('PING m.lab (10.9.0.50)')
    await ours('dhclient -r e0')
    await until(() => readFileSync(join(folder, 'lent'), 'utf8') === '', 'the release')
  })

  test('dig of ours shows of the real dnsmasq what it shows of ours', async () => {
    await ours('ip addr add 10.9.0.2/24 dev e0')
    for (const line of ['dig @10.9.0.1 www.lab', 'dig @10.9.0.1 nosuch.lab', 'host web.lab 10.9.0.1'])
      expect(masked(await ours(line)), line).toBe(masked(await real(line)))
  })
})
