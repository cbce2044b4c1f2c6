import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { lab } from './lab.ts'
import { vtep } from './vtep.ts'

let stdout = ''
let stderr = ''

beforeEach(() => {
  stdout = ''
  stderr = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    stdout += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    stderr += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const good = { '--vni': '42', '--local': '127.0.0.1', '--remote': '127.0.0.2' }

/** `weft vtep` with words that are right, but for these; undefined leaves one out. */
const said = async (other: Record<string, string | undefined>): Promise<string> => {
  const words = Object.entries({ ...good, ...other }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  )
  expect(await vtep(words)).toBe(2)
  expect(stdout).toBe('')
  const [line, hint] = stderr.split('\n')
  expect(hint).toBe("Try 'weft vtep --help'.")
  stderr = ''
  return line as string
}

describe('weft vtep says what is wrong with', () => {
  test('the VNI', async () => {
    expect(await said({ '--vni': undefined })).toBe('weft vtep: --vni is needed: the VXLAN network identifier')
    for (const vni of ['16777216', '-1', '4.2', '0x2a', 'blue', ''])
      expect(await said({ '--vni': vni === '-1' ? '=-1' : vni })).toContain(
        'weft vtep: --vni takes a whole number from 0 to 16777215, not ',
      )
  })

  test('the local address', async () => {
    expect(await said({ '--local': undefined })).toBe('weft vtep: --local is needed: an address of this machine')
    for (const local of ['10.0.0.256', 'eth0', 'fd00::g', '239.1.1.1', '10.0.0.1/24'])
      expect(await said({ '--local': local })).toBe(`weft vtep: --local takes an IPv4 or IPv6 address, not '${local}'`)
  })

  test('the remotes', async () => {
    expect(await said({ '--remote': undefined })).toBe('weft vtep: --remote is needed: the address of another VTEP')
    expect(await said({ '--remote': '10.0.0.2,hv2' })).toBe(
      "weft vtep: --remote takes IPv4 or IPv6 addresses, not 'hv2'",
    )
    expect(await said({ '--remote': '10.0.0.2,' })).toBe("weft vtep: --remote takes IPv4 or IPv6 addresses, not ''")
    expect(await said({ '--remote': '239.1.1.1' })).toContain('is a multicast group')
    expect(await said({ '--remote': 'fd99::2' })).toBe(
      'weft vtep: --remote fd99::2 and --local 127.0.0.1 are of different families',
    )
    expect(await said({ '--remote': '127.0.0.1' })).toBe('weft vtep: --remote 127.0.0.1 is the local address')
  })

  test('the rest', async () => {
    expect(await said({ '--port': '0' })).toBe("weft vtep: --port takes a whole number from 1 to 65535, not '0'")
    expect(await said({ '--port': '65536' })).toContain('--port takes')
    expect(await said({ '--seed': 'x' })).toBe("weft vtep: --seed takes a whole number from 0 to 4294967295, not 'x'")
    expect(await said({ '--lab': 'nowhere' })).toContain("there is no lab named 'nowhere'")
    expect(await said({ '--lab': 'two-hypervisors' })).toBe(
      'weft vtep: lab two-hypervisors has no free port for a VTEP; these have one: segment',
    )
    expect(await said({ '--vnis': '3' })).toContain("Unknown option '--vnis'")
  })
})

/** A UDP port that most likely nobody has. */
const port = `${20000 + (process.pid % 10000)}`

describe('weft vtep', () => {
  test('explains itself', async () => {
    expect(await vtep(['--help'])).toBe(0)
    expect(stdout).toMatch(/^usage: weft vtep /)
  })

  test('runs lines, with what was counted in the end', async () => {
    const words = [
      ...Object.entries(good).flat(),
      '--port',
      port,
      '--exec',
      'nodes',
      '--exec',
      'h1 false',
      '--exec',
      'h1 true',
    ]
    expect(await vtep(words)).toBe(1)
    const [ready, ...rest] = stdout.split('\n')
    expect(ready).toBe(
      `weft vtep: VNI 42 at 127.0.0.1:${port} to 127.0.0.2, lab segment: h1 10.0.42.1 fd00:42::1, h2 10.0.42.2 fd00:42::2`,
    )
    expect(rest.slice(0, 3).map(line => line.split(' ')[0])).toEqual(['s1', 'h1', 'h2'])
    expect(stdout).toMatch(/^vtep_encapsulated +[0-9]+$/m)
    expect(stderr).toBe('')
  })

  test('speaks JSON', async () => {
    expect(await vtep([...Object.entries(good).flat(), '--port', port, '--json', '--exec', 'h1 true'])).toBe(0)
    const [ready, counters] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)) as [object, object]
    expect(ready).toEqual({
      ready: true,
      vni: 42,
      at: `127.0.0.1:${port}`,
      remotes: ['127.0.0.2'],
      lab: 'segment',
      hosts: [
        { name: 'h1', addresses: ['10.0.42.1', 'fd00:42::1'] },
        { name: 'h2', addresses: ['10.0.42.2', 'fd00:42::2'] },
      ],
    })
    expect(counters).toMatchObject({ counters: { vtep_decapsulated: 0 } })
  })

  test('says that an address is not of this machine', async () => {
    expect(await vtep(Object.entries({ ...good, '--local': '192.0.2.1' }).flat())).toBe(1)
    expect(stderr).toBe('weft vtep: 192.0.2.1:4789: Cannot assign requested address\n')
  })
})

describe('weft lab --exec', () => {
  test('runs lines in virtual time', async () => {
    const began = performance.now()
    expect(
      await lab(['segment', '--exec', 'h1 ping -q -c 100 10.0.42.2', '--exec', 'h1 ping -q -c 2 fd00:42::2']),
    ).toBe(0)
    expect(stdout).toContain('100 packets transmitted, 100 received, 0% packet loss, time 99')
    expect(stdout).toContain('2 packets transmitted, 2 received, 0% packet loss')
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  test('gives the status of the last line that failed', async () => {
    expect(await lab(['segment', '--exec', 'h1 sh -c "exit 3"', '--exec', 'h1 true'])).toBe(3)
    expect(await lab(['segment', '--exec', 'bogus'])).toBe(1)
    expect(stdout).toBe('*** Unknown command: bogus\n')
  })

  test('stops at exit', async () => {
    expect(await lab(['segment', '--exec', 'exit', '--exec', 'h1 false'])).toBe(0)
  })

  test('does not go with --json', async () => {
    expect(await lab(['segment', '--json', '--exec', 'nodes'])).toBe(2)
    expect(stderr).toContain('--exec and --json do not go together')
  })
})
