import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, test } from 'vitest'
import { Kernel } from '../../src/host/index.ts'
import { commands, Machine, type Ran } from '../../src/machine/index.ts'
import { seeded, start, VirtualClock } from '../../src/runtime/index.ts'
import { bridgeScripts } from './bridge-scripts.ts'
import { netScripts } from './net-scripts.ts'

/** What differs between any two runs: times, numbers of packets and pids. */
const masked = (text: string): string =>
  text
    .replace(/time=[0-9.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/g, 'time Tms')
    .replace(/(rtt min\/avg\/max\/mdev =).*/g, '$1 T')
    .replace(/^\d\d:\d\d:\d\d\.\d{6} /gm, 'TIME ')
    .replace(/ id \d+/g, ' id N')
    .replace(/\b\d+ packets? received by filter/g, 'N packets received by filter')
    .replace(/ {2}\d+\.\d{3} ms/g, '  T ms')
    .replace(/ +\d+\.\d{3}ms/g, ' Tms')
    .replace(/^( +)[\d ]+$/gm, '$1N')
    .replace(/"(bytes|packets)":\d+/g, '"$1":N')
    .replace(/([RT]X (packets|errors)) .*/g, '$1 N')
    .replace(/back \d+/g, 'back N')
    .replace(/(timer)[\t ]+\d+\.\d\d/g, '$1 T')
    .replace(/_timer":[\d.]+/g, '_timer":T')
    .replace(/(\t(?:yes|no)\t\t) *\d+\.\d\d$/gm, '$1 T')
    .replace(/expires \d+sec/g, 'expires Nsec')
    // Which of two links is ready first, the kernel does not say.
    .replace(/^(fe80::\/64 dev .*\n)+/gm, routes => `${routes.trim().split('\n').sort().join('\n')}\n`)
    // Not remembered by ours: that an address was never tested.
    .replaceAll(' nodad ', ' ')
    .replaceAll('"nodad":true,', '')
    .replace(/^(v[01] +\d+ +).*( \w+)$/gm, '$1N$2')

const whole = 'unshare --mount --net true'
const able =
  process.getuid?.() === 0 &&
  spawnSync('bash', ['-c', whole]).status === 0 &&
  ['ip', 'ping', 'ifconfig', 'traceroute', 'tcpdump', 'arping', 'ethtool', 'brctl', 'bridge'].every(
    name => spawnSync('which', [name]).status === 0,
  )

/**
 * Runs lines in one real shell whose network and whose /run are its own, so that nothing is left behind and namespaces
 * may have any name.
 */
const onLinux = async (lines: readonly string[]): Promise<Ran[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-net-'))
  try {
    const steps = lines.map((_, i) => `. ./line${i} > out${i} 2> err${i}; echo $? > status${i}`)
    for (const [i, line] of lines.entries()) writeFileSync(join(folder, `line${i}`), `${line}\n`)
    const script = `mount -t tmpfs none /run; mount -t sysfs none /sys; mkdir -p /run/netns
printf 'hosts: files\\nnetworks: files\\n' > /run/nsswitch; mount --bind /run/nsswitch /etc/nsswitch.conf
 export LC_ALL=C\n${steps.join('\n')}\n`
    await promisify(execFile)('unshare', ['--mount', '--net', 'bash', '-c', script], { cwd: folder, timeout: 200_000 })
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    return lines.map((_, i) => ({
      stdout: read(`out${i}`),
      stderr: read(`err${i}`),
      status: Number(read(`status${i}`)),
    }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs lines on a simulated machine. */
const onMachine = (lines: readonly string[]): Ran[] => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const machine = new Machine({ kernel: new Kernel({ clock, random }), clock, random, hostname: 'hv1', commands })
  return lines.map(line => {
    let ran: Ran | undefined
    start(machine.exec(line), { done: value => (ran = value) })
    if (!clock.runWhile(() => ran === undefined) && ran === undefined) throw new Error(`it never ends: ${line}`)
    return ran as unknown as Ran
  })
}

/** The messages of a shell in front of those of its programs are not what is compared. */
const comparable = ({ stdout, stderr, status }: Ran): Ran => ({
  stdout: masked(stdout),
  stderr: masked(stderr),
  status,
})

describe.skipIf(!able)('network commands against the real ones', () => {
  // Most of the time nothing happens but waiting.
  test.concurrent.for(Object.entries({ ...netScripts, ...bridgeScripts }))('%s', async ([, lines], { expect }) => {
    const theirs = await onLinux(lines)
    const ours = onMachine(lines)
    const both = lines.map((line, i) => ({
      theirs: { line, ...comparable(theirs[i] as Ran) },
      ours: { line, ...comparable(ours[i] as Ran) },
    }))
    for (const { theirs: expected, ours: found } of both) expect.soft(found, expected.line).toEqual(expected)
  })
})
