import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../wire/capture.ts'
import { CableCapture } from './capture.ts'
import { demonstrate } from './demonstration.ts'
import type { Lab } from './lab.ts'
import { labs } from './labs/index.ts'
import { segment } from './labs/segment.ts'
import { Network } from './network.ts'
import { LabSession } from './session.ts'

/** Everything that a lab sends from its first frame, and prints, as one file and one text. */
const record = (lab: Lab, seed: number, lines: readonly string[] = []) => {
  const net = new Network({ seed })
  const blocks: Uint8Array[] = []
  const capture = new CableCapture([], bytes => blocks.push(bytes.slice()))
  net.onCable.add(cable => capture.add(cable))
  lab.build(net)
  net.settle()
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  net.finish(demonstrate(net, lab, print))
  const session = new LabSession(net, lab, { print, columns: 80, create: () => ({ ok: false, why: 'no' }) })
  for (const line of lines) {
    const command = session.run(line)
    net.clock.runWhile(() => command.status === undefined)
  }
  const bytes = Buffer.concat(blocks)
  return { bytes, text, time: net.clock.now(), packets: capture.packets }
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const lines: Record<string, string[]> = {
  'two-hypervisors': ['web1 ping -c 20 -i 0.3 10.0.0.2', 'r1 ping -c 2 192.168.1.10; ip neigh', 'pingall'],
  segment: ['h1 ping -c 2 fd00:42::2 | cat', 'h2 ip addr', 'pingall'],
}

describe('the same seed', () => {
  test.each(labs)('gives $name the same bytes at the same nanosecond, and the same words', lab => {
    const typed = lab.exercise === undefined ? lines[lab.name] : [...lab.exercise.solution, 'check']
    const once = record(lab, 5, typed)
    const again = record(lab, 5, typed)
    if (lab.exercise === undefined) expect(once.packets).toBeGreaterThan(50)
    else expect(once.text).toMatch(/\nnothing is missing\n$/)
    expect(hash(again.bytes)).toBe(hash(once.bytes))
    expect(again.text).toBe(once.text)
    expect(again.time).toBe(once.time)
  })

  test('does, too, when labs run side by side in one process', () => {
    const alone = record(segment, 5)
    const other = new Network({ seed: 9 })
    segment.build(other)
    const beside = record(segment, 5)
    other.settle()
    expect(hash(beside.bytes)).toBe(hash(alone.bytes))
  })
})

test('another seed gives other MACs', () => {
  const [one, other] = [1, 2].map(seed => record(segment, seed))
  const senders = (bytes: Uint8Array): Set<string> =>
    new Set(readCapture(bytes).packets.map(packet => Buffer.from(packet.bytes.subarray(6, 12)).toString('hex')))
  const [first, second] = [senders(one!.bytes), senders(other!.bytes)]
  expect(first.size).toBeGreaterThanOrEqual(2)
  for (const mac of first) expect(second).not.toContain(mac)
})

describe('the core', () => {
  const core = [
    'runtime',
    'wire',
    'flow',
    'openflow',
    'ovsdb',
    'tunnel',
    'datapath',
    'switch',
    'vswitchd',
    'host',
    'tools',
    'machine',
    'lab',
  ]
  const root = fileURLToPath(new URL('../', import.meta.url))
  const files = core.flatMap(folder => {
    try {
      return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map(path => `${folder}/${path}`)
    } catch {
      return []
    }
  })
  const sources = files.filter(path => path.endsWith('.ts') && !/\.(test|testing)\.ts$/.test(path))

  /** Comments may speak of what code may not use. */
  const code = (path: string): string =>
    readFileSync(`${root}${path}`, 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '')

  test('asks nobody but its clock for the time, and nobody but its seed for chance', () => {
    expect(sources.length).toBeGreaterThan(100)
    // Mininet's calls are what people wait for in programs of their own: promises around tasks, which take turns with the platform.
    const isCalled = (path: string): boolean => path.startsWith('lab/mininet/')
    const waits = /\basync\b|\bawait\b|\bPromise\b/g
    const turns = /\bset(?:Immediate|Timeout)\b/g
    const judged = (path: string): string => {
      const text = isCalled(path) ? code(path).replace(waits, '') : code(path)
      return path === 'lab/mininet/platform.ts' ? text.replace(turns, '') : text
    }
    const outside =
      /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b|\bperformance\.|\bcrypto\.|\bprocess\.(hrtime|nextTick)|\basync\s+(?:function|\w+\s*=>|\w+\s*\()|\basync\s*\(|\bawait\b|\bPromise\b/
    expect(
      sources.flatMap(path => (outside.exec(judged(path)) ? [`${path}: ${outside.exec(judged(path))?.[0]}`] : [])),
    ).toEqual([])
  })
})
