import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argumentsOf, customClass, splitArgs } from './classes.ts'
import { columns } from './columns.ts'
import { parseXml } from './import/xml.ts'
import { parseIperf } from './iperf-test.ts'
import { findLoop } from './loops.ts'
import { bridgeName, intfName } from './names.ts'
import { ipAdd, ipParse, ipStr, macColonHex, natural, netParse } from './numbers.ts'
import { BadWords, help, parseOptions } from './options.ts'
import { parsePing } from './ping-test.ts'
import { tcLines } from './tc-intf.ts'

describe('numbers', () => {
  test('addresses there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), ip => {
        expect(ipParse(ipStr(ip))).toBe(ip)
      }),
    )
    expect(ipStr(ipParse('10.1'))).toBe('10.0.0.1')
    expect(() => ipParse('10.0.0.256')).toThrow("'10.0.0.256' is no IPv4 address")
  })

  test('networks', () => {
    expect(netParse('192.168.5.0/24')).toEqual({ base: ipParse('192.168.5.0'), prefixLen: 24 })
    expect(netParse('10.0.0.0').prefixLen).toBe(24)
    expect(ipAdd(257)).toBe('10.0.1.1')
    expect(() => ipAdd(256, 24, ipParse('10.0.0.0'))).toThrow('Not enough IP addresses in the subnet')
  })

  test('MACs, and the order of names', () => {
    expect(macColonHex(10)).toBe('00:00:00:00:00:0a')
    expect(['h10', 'h2', 's1', 'h1'].sort(natural)).toEqual(['h1', 'h2', 'h10', 's1'])
  })
})

describe('names of links', () => {
  test('are short enough for Linux, and stay apart', () => {
    expect(intfName('h1', 0)).toBe('h1-eth0')
    const long = ['a-very-long-name-of-a-host-1', 'a-very-long-name-of-a-host-2'].map(name => intfName(name, 12))
    expect(new Set(long).size).toBe(2)
    for (const name of long) expect(name).toMatch(/^.{9}-eth12$/)
    expect(bridgeName('exactly15bytes_')).toBe('exactly15bytes_')
    fc.assert(fc.property(fc.string({ minLength: 1 }), fc.nat(9999), (name, port) => intfName(name, port).length <= 15))
  })
})

describe('a loop', () => {
  test('is found in its order, and none in a tree', () => {
    expect(
      findLoop([
        ['s1', 's2'],
        ['s2', 's3'],
        ['s3', 's4'],
      ]),
    ).toBeUndefined()
    expect(
      findLoop([
        ['s1', 's2'],
        ['s2', 's3'],
        ['s3', 's1'],
        ['s3', 's4'],
      ])?.sort(),
    ).toEqual(['s1', 's2', 's3'])
    expect(
      findLoop([
        ['s1', 's2'],
        ['s1', 's2'],
      ])?.sort(),
    ).toEqual(['s1', 's2'])
  })

  test('is a way from switch to switch and back', () => {
    const edge = fc.tuple(fc.nat(6), fc.nat(6)).filter(([a, b]) => a !== b)
    fc.assert(
      fc.property(fc.uniqueArray(edge, { selector: ([a, b]) => Math.min(a, b) * 7 + Math.max(a, b) }), pairs => {
        const edges: [string, string][] = pairs.map(([a, b]) => [`s${a}`, `s${b}`])
        const loop = findLoop(edges)
        const names = new Set(edges.flat())
        const parts = countParts([...names], edges)
        expect(loop === undefined).toBe(edges.length === names.size - parts)
        for (const [i, name] of (loop ?? []).entries()) {
          const next = loop?.[(i + 1) % loop.length]
          expect(edges.some(each => each.includes(name) && each.includes(next as string))).toBe(true)
        }
      }),
    )
  })
})

/** How many parts a graph falls into. */
const countParts = (names: string[], edges: readonly (readonly [string, string])[]): number => {
  const part = new Map(names.map(name => [name, name]))
  for (const [a, b] of edges) {
    const [one, other] = [part.get(a), part.get(b)]
    for (const [name, at] of part) if (at === other) part.set(name, one as string)
  }
  return new Set(part.values()).size
}

describe('words of the command line', () => {
  test('are split into names, numbers and texts', () => {
    expect(splitArgs('tree,2,fanout=3,x=a=b')).toEqual({ name: 'tree', args: [2], named: { fanout: 3, x: 'a=b' } })
    expect(splitArgs('tc,bw=1e3,delay=10ms').named).toEqual({ bw: 1000, delay: '10ms' })
  })

  test('are put where a topology wants them', () => {
    const params = ['k', 'n']
    expect(argumentsOf(splitArgs('linear,4,n=2'), { params })).toEqual([4, 2])
    expect(() => argumentsOf(splitArgs('linear,z=1'), { params })).toThrow("unexpected keyword argument 'z'")
    expect(() => argumentsOf(splitArgs('linear,4,k=1'), { params })).toThrow("multiple values for argument 'k'")
    expect(argumentsOf(splitArgs('mine,4,z=1'), {})).toEqual([4, { z: 1 }])
  })

  test('a class that is not there is told with those that are', () => {
    expect(() => customClass({ a: Map as never, b: null }, 'bogus')).toThrow(
      "error: bogus is unknown - please specify one of dict_keys(['a', 'b'])",
    )
  })
})

describe('options', () => {
  test('may be shortened, joined and given twice', () => {
    const { options, rest } = parseOptions([
      '--top',
      'tree,2',
      '-wv',
      'debug',
      '--test=a',
      '--test',
      'b',
      '-i10.1.0.0/16',
    ])
    expect(rest).toEqual([])
    expect(options).toMatchObject({
      topo: 'tree,2',
      wait: true,
      verbosity: 'debug',
      test: ['a', 'b'],
      ipbase: '10.1.0.0/16',
    })
  })

  test.each([
    [['--bogus'], 'no such option: --bogus'],
    [['-z'], 'no such option: -z'],
    [['--topo'], '--topo option requires 1 argument'],
    [['--listenport', 'x'], "option --listenport: invalid integer value: 'x'"],
    [
      ['-v', 'bogus'],
      "option -v: invalid choice: 'bogus' (choose from 'debug', 'info', 'output', 'warning', 'warn', 'error', 'critical')",
    ],
    [['--mac=1'], '--mac option does not take a value'],
    [['--li', 'x'], 'ambiguous option: --li (--link, --listenport?)'],
  ])('%s', (words, message) => {
    expect(() => parseOptions(words)).toThrow(new BadWords(message))
  })

  test('--nat takes a word if there is one', () => {
    expect(parseOptions(['--nat']).options.nat).toBe('')
    expect(parseOptions(['--nat', 'ip=10.0.0.9', '--mac']).options).toMatchObject({ nat: 'ip=10.0.0.9', mac: true })
    expect(parseOptions(['--nat', '--mac']).options).toMatchObject({ nat: '', mac: true })
  })

  test('help fits a terminal', () => {
    for (const line of help().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

test('columns go downwards', () => {
  expect(columns(['a', 'bb', 'c', 'd', 'e'], 8)).toBe('a   c  e\nbb  d\n')
})

describe('what programs print', () => {
  test('ping', () => {
    const text =
      '1 packets transmitted, 1 received, 0% packet loss, time 0ms\nrtt min/avg/max/mdev = 0.1/0.2/0.3/0.04 ms'
    expect(parsePing(text)).toEqual({ sent: 1, received: 1, rttmin: 0.1, rttavg: 0.2, rttmax: 0.3, rttdev: 0.04 })
    expect(parsePing('ping: connect: Network is unreachable')).toMatchObject({ sent: 1, received: 0 })
    expect(
      parsePing('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n1 packets transmitted, 0 received, +1 errors'),
    ).toMatchObject({ received: 0 })
    expect(parsePing('bash: ping: command not found')).toBeUndefined()
  })

  test('iperf', () => {
    expect(parseIperf('[1] 1.2 Gbits/sec\n[1] 9.41 Mbits/sec\n')).toBe('9.41 Mbits/sec')
    expect(parseIperf('connect failed')).toBeUndefined()
  })
})

describe('lines of tc', () => {
  test('HTB with netem behind it, as Mininet types them', () => {
    const { lines, parent } = tcLines({ bw: 10, delay: '10ms', jitter: '1ms', loss: 1, max_queue_size: 100 }, false)
    expect(lines).toEqual([
      'root handle 5:0 htb default 1',
      'class parent 5:0 classid 5:1 htb rate 10.000000Mbit burst 15k',
      'parent 5:1 handle 10: netem delay 10ms 1ms loss 1.00000 limit 100',
    ])
    expect(parent).toBe('parent 10:1')
  })

  test('HFSC, TBF, RED and ECN', () => {
    expect(tcLines({ bw: 10, use_hfsc: true }, false).lines[1]).toContain(
      'hfsc sc rate 10.000000Mbit ul rate 10.000000Mbit',
    )
    expect(tcLines({ bw: 10, use_tbf: true }, false).lines).toEqual([
      'root handle 5: tbf rate 10.000000Mbit burst 15000 latency 12.000000ms',
    ])
    expect(tcLines({ bw: 10, enable_ecn: true, delay: '1ms' }, false).lines.slice(2)).toEqual([
      expect.stringMatching(/^parent 5:1 handle 6: red .* probability 1 ecn$/),
      'parent 6: handle 10: netem delay 1ms',
    ])
  })

  test('more than 1 Gbit/s is a bandwidth, less than nothing is none', () => {
    expect(tcLines({ bw: 40_000 }, false).lines[1]).toContain('rate 40000.000000Mbit')
    expect(tcLines({ bw: -1 }, false)).toMatchObject({
      lines: [],
      errors: [expect.stringMatching(/^Bandwidth limit -1 is outside/)],
    })
    expect(tcLines({ loss: 101 }, false).errors).toEqual(['Bad loss percentage 101 %\n'])
  })
})

describe('XML', () => {
  test('elements, attributes, texts, and what is none of them', () => {
    const text = `<?xml version="1.0"?><!-- <no> --><a:top x='1' y="&lt;&#65;"><b/>text<c>&amp;<![CDATA[<raw>]]></c></a:top>`
    expect(parseXml(text)).toEqual({
      name: 'top',
      attributes: { x: '1', y: '<A' },
      text: 'text',
      children: [
        { name: 'b', attributes: {}, text: '', children: [] },
        { name: 'c', attributes: {}, text: '&<raw>', children: [] },
      ],
    })
  })

  test.each([
    ['<a><b></a>', 'line 1: </a> ends nothing that was begun'],
    ['<a>\n', 'line 2: <a> is not ended'],
    ['plain', 'line 1: it is no XML'],
    ['', 'it is no XML'],
  ])('%s', (text, why) => expect(parseXml(text)).toBe(why))

  test('never throws, and ends', () => {
    fc.assert(fc.property(fc.string(), text => void parseXml(text)))
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '/', 'a', '"', '&#1;', '<!--', ' ')),
        parts => void parseXml(parts.join('')),
      ),
    )
  })
})
