import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { eraseTypes } from '../node/erase-types.ts'
import { readPcapng } from '../wire/index.ts'
import { mn } from './mn.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-mn-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs `weft mn`; what it printed, and its status. */
const run = async (...words: string[]): Promise<{ status: number; out: string; err: string }> => {
  const said = { out: '', err: '' }
  const take = (key: 'out' | 'err') => (chunk: unknown) => {
    said[key] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(take('err')),
  ]
  try {
    return { status: await mn(words), ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('weft mn', () => {
  test('prints the network and the results as JSON, and records all links', async () => {
    const file = join(folder, 'links.pcapng')
    const { status, out, err } = await run('--switch', 'ovsbr', '--test', 'pingall+pingPair', '--json', '--pcap', file)
    expect(status).toBe(0)
    expect(err).toContain('*** Results: 0% dropped (2/2 received)\n')
    expect(JSON.parse(out)).toMatchObject({
      nodes: [{ name: 'h1', ip: '10.0.0.1' }, { name: 'h2' }, { name: 's1', kind: 'switch' }, { name: 'c0' }],
      links: [{ node1: 'h1', intf2: 's1-eth1' }, { node1: 'h2' }],
      tests: [
        { test: 'pingall', result: 0 },
        { test: 'pingPair', result: 0 },
      ],
    })
    const packets = [...readPcapng(readFileSync(file))]
    expect(packets.length).toBeGreaterThan(16)
    expect(new Set(packets.map(packet => packet.interface.name))).toContain('s1-eth2')
  })

  test('takes the topology of a file', async () => {
    const file = join(folder, 'lab.yml')
    writeFileSync(
      file,
      `topology:
  nodes: {br1: {kind: bridge}, web: {kind: linux}, db: {kind: linux}}
  links:
    - endpoints: ["web:eth1", "br1:eth1"]
    - endpoints: ["db:eth1", "br1:eth2"]
`,
    )
    const { status, err } = await run('--topo-file', file, '--switch', 'ovsbr', '--test', 'pingall')
    expect(err).toContain('db -> web \nweb -> db \n*** Results: 0% dropped (2/2 received)\n')
    expect(status).toBe(0)
  })

  test.each([
    [['--topo-file', '/nofile.mn'], 'Exception: could not find topology file: /nofile.mn\n'],
    [['--topo', 'linear,a'], "TypeError: k is a whole number from 0, not 'a'\n"],
    [['--topo', 'single,k=3,z=4'], "TypeError: single got an unexpected keyword argument 'z'\n"],
    [['--pcap', '/nodir/file', '--test', 'none'], '/nodir/file: '],
    [['--controller', 'ryu', '--test', 'none'], 'Cannot find required executable ryu run.\n'],
    [['--pre', '/nofile', '--test', 'none'], 'error reading file /nofile\n'],
  ])('%s', async (words, message) => {
    const { status, err } = await run(...words)
    expect(err).toContain(message)
    expect(status).toBe(words[0] === '--pre' ? 0 : 1)
  })

  test('says its version and its options', async () => {
    expect(await run('--version')).toEqual({ status: 0, out: '', err: '2.3.0\n' })
    expect((await run('-h')).out).toMatch(/^Usage: mn \[options\]\n/)
    expect(await run('-c')).toEqual({ status: 0, out: '', err: '*** Cleanup complete.\n' })
  })
})

test('types are erased of what is typed, and JavaScript is left alone', () => {
  expect(eraseTypes('1 + 1')).toBe('1 + 1')
  expect(eraseTypes('(net as { hosts: unknown[] }).hosts').trim()).toMatch(/^\(?net\)?\.hosts;?$/)
  expect(eraseTypes('] not code [')).toBe('] not code [')
})
