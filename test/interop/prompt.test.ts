/** The prompt of `weft lab` on a real terminal, made by script(1). */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ctrlC, ctrlD, personAt, tab, up } from './terminal.testing.ts'

const program = fileURLToPath(new URL('../../dist/cli/weft.js', import.meta.url))
const home = join(tmpdir(), `weft-prompt-${process.pid}`)
beforeAll(() => mkdirSync(home, { recursive: true }))
afterAll(() => rmSync(home, { recursive: true }))

const person = (words = '') => personAt(`${process.execPath} ${program} lab ${words}`, home)

describe('the prompt on a terminal', () => {
  test('runs, completes, remembers, is interrupted, and ends', async () => {
    const { type, ended } = person()
    expect(await type('', 'weft> ')).toContain('*** Results: 0% dropped (6/6 received)\n')
    await type('hv1 ovs-ap', 'ovs-ap')
    await type(tab, 'pctl ')
    await type('fdb/show br-int\r', ' port  VLAN  MAC                Age\n')
    await type('', 'weft> ')
    await type('web1 ping 10.0.0.2\r', 'icmp_seq=12')
    const stopped = await type(ctrlC, 'weft> ')
    expect(stopped).toMatch(
      /\^C\n--- 10\.0\.0\.2 ping statistics ---\n(\d+) packets transmitted, \1 received, 0% packet loss/,
    )
    await type(`half a line${ctrlC}`, '^C\nweft> ')
    await type(`${up}${up}\r`, 'MAC                Age\n')
    await type('', 'weft> ')
    await type('exit\r', 'exit\n')
    expect(await ended).toBe(0)
    expect(readFileSync(join(home, '.weft_history'), 'utf8').split('\n')).toContain('web1 ping 10.0.0.2')
  })

  test('gives a machine’s prompt, and comes back from it', async () => {
    const { type, ended } = person('segment')
    await type('', 'weft> ')
    await type('h1\r', 'root@h1:~# ')
    await type('ping 10.0.42.2\r', 'icmp_seq=3')
    await type(ctrlC, 'root@h1:~# ')
    await type('cat > note\rone line\r', 'one line\n')
    await type(ctrlD, 'root@h1:~# ')
    await type('cat note\r', '\none line\nroot@h1:~# ')
    await type('exit\r', 'weft> ')
    await type(ctrlD, '\n')
    expect(await ended).toBe(0)
  })

  test('output without end comes at a pace that a person can follow', async () => {
    const { type, rest } = person('segment')
    await type('', 'weft> ')
    await type('h1 ping 10.0.42.2\r', 'icmp_seq=11 ')
    await new Promise(resolve => setTimeout(resolve, 1500))
    expect(rest().match(/icmp_seq/g)?.length ?? 0).toBeLessThan(5)
    await type(ctrlC, 'weft> ')
    await type('exit\r', '\n')
  })

  test.skipIf(spawnSync('tshark', ['--version']).status !== 0)('records what tshark opens, by interface', async () => {
    const { type, ended } = person()
    await type('', 'weft> ')
    await type('capture x.pcapng\r', 'recording 6 cables into x.pcapng\n')
    await type('web1 ping -c 1 10.0.0.2\r', '1 received')
    await type('capture\r', '*** 8 frames in x.pcapng\n')
    await type('exit\r', '\n')
    await ended
    const fields = ['-T', 'fields', '-e', 'frame.interface_name', '-e', 'vxlan.vni', '-e', 'icmp.type']
    const { stdout } = spawnSync('tshark', ['-r', 'x.pcapng', ...fields], { cwd: home, encoding: 'utf8' })
    expect(stdout.trimEnd().split('\n').slice(0, 4)).toEqual([
      'web1:eth0\t\t8',
      'hv1:eth0\t100\t8',
      'r1:eth1\t100\t8',
      'hv2:vport1\t\t8',
    ])
  })
})
