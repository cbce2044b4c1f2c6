import { elapsed, second, type Task } from '../../runtime/index.ts'
import { CPULimitedHost, processors } from './cpu-host.ts'
import type { Mininet } from './mininet.ts'

/** A number as Python writes one that may have a fraction. */
const float = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

/**
 * Has a shell of each host count for ever, and measures each second what part of all processors, in percent, the host used.
 * `cpu` is the part that it has.
 */
export const runCpuLimitTest = async (net: Mininet, cpu: number, seconds = 5): Promise<number[]> => {
  const { output, calls, clock } = net.box
  output.info(`*** Testing CPU ${(cpu * 100).toFixed(0)}% bandwidth limit\n`)
  const hosts = net.hosts.filter(host => host instanceof CPULimitedHost)
  const pids: number[][] = []
  for (const host of hosts) {
    const own: number[] = []
    for (let i = 0; i < Math.ceil(processors * cpu); i++) {
      await host.cmd('while true; do a=1; done &')
      own.push(host.lastPid ?? 0)
    }
    pids.push(own)
  }
  const parts = hosts.map((): number[] => [])
  let before = hosts.map(host => host.cpuUsed ?? 0)
  for (let i = 0; i < seconds; i++) {
    await calls.run(wait(clock))
    const now = hosts.map(host => host.cpuUsed ?? 0)
    for (const [at, used] of now.entries())
      parts[at]?.push((100 * (used - (before[at] as number))) / second / processors)
    before = now
  }
  for (const [at, host] of hosts.entries()) for (const pid of pids[at] as number[]) await host.cmd(`kill -9 ${pid}`)
  const all = parts.flat()
  output.output(`*** Results: [${all.map(float).join(', ')}]\n`)
  return all
}

function* wait(clock: Mininet['box']['clock']): Task<void> {
  yield elapsed(clock, second)
}
