/** OpenFlow over unix sockets, beside Open vSwitch in the same run; a ratio above 1 is better than Open vSwitch. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './harness.ts'
import { childWords, hasOvs, type Pair, type Side, startEcho, startPair } from './openflow-pair.ts'

const count = 200_000

/** Flows as a controller of a routed network has them: 200,000 hosts in networks, seven ports. */
const flowLine = (i: number): string => {
  const host = `${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`
  const network = `192.168.${(i >>> 8) & 255}.0/24`
  const match = `udp,in_port=${1 + (i % 7)},nw_src=10.${host},nw_dst=${network},tp_dst=${i & 0xffff}`
  const actions = `mod_dl_dst:02:00:00:00:00:0${1 + (i % 9)},output:${1 + (i % 7)}`
  return `priority=${1000 + (i % 7)},${match},cookie=${i + 1},actions=${actions}\n`
}

const writeFlows = ({ directory }: Pair): string => {
  const file = join(directory, 'flows.txt')
  writeFileSync(file, Array.from({ length: count }, (_, i) => flowLine(i)).join(''))
  return file
}

const addFlows: Bench = {
  name: 'openflow/add-flows/ratio',
  unit: 'times as fast',
  rounds: 3,
  setUp() {
    const pair = startPair()
    const file = writeFlows(pair)
    const add = (side: Side): number => {
      side.ofctl('del-flows')
      return side.ofctl('add-flows', file)
    }
    return () => add(pair.ovs) / add(pair.weft)
  },
}

const dumpFlows: Bench = {
  name: 'openflow/dump-flows/ratio',
  unit: 'times as fast',
  rounds: 5,
  setUp() {
    const pair = startPair()
    const { ovs, weft } = pair
    const file = writeFlows(pair)
    for (const side of [ovs, weft]) side.ofctl('add-flows', file)
    return () => ovs.ofctl('dump-flows') / weft.ofctl('dump-flows')
  },
}

/** Of switches that have had no flows before. */
const memory: Bench = {
  name: 'openflow/memory/ratio',
  unit: 'of the memory',
  rounds: 1,
  setUp: () => () => {
    const pair = startPair()
    const file = writeFlows(pair)
    const growth = (side: Side): number => {
      const before = side.resident()
      side.ofctl('add-flows', file)
      return (side.resident() - before) / count
    }
    const ratio = growth(pair.ovs) / growth(pair.weft)
    pair.close()
    return ratio
  },
}

/**
 * Round trips of packet-in and packet-out with one controller, the same program for both sides, `window` of them under way
 * at a time.
 */
const packetIn = (name: string, window: number, roundTrips: number): Bench => ({
  name,
  unit: 'times as fast',
  rounds: 5,
  setUp() {
    const { ovs, weft } = startPair()
    const secondsOf = ({ socket }: Side): number => {
      const words = childWords('controller', socket, String(roundTrips), String(window))
      const { status, stdout } = spawnSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
      if (status !== 0) throw new Error(`the controller ended with ${status}`)
      return Number(stdout.toString())
    }
    return () => secondsOf(ovs) / secondsOf(weft)
  },
})

/** Echoes of 100 bytes one after the other: `ovs-ofctl benchmark`, each side's own. */
const benchmark: Bench = {
  name: 'openflow/benchmark/ratio',
  unit: 'times as fast',
  rounds: 5,
  setUp() {
    const { ovs, weft } = startPair()
    return () => ovs.ofctl('benchmark', '100', '50000') / weft.ofctl('benchmark', '100', '50000')
  },
}

/** The same beside two programs in Node that do nothing but send bytes back: what Node allows. */
const bareEcho: Bench = {
  name: 'openflow/benchmark/bare',
  unit: 'times as fast',
  rounds: 5,
  setUp() {
    const pair = startPair()
    const echo = startEcho(pair)
    return () => pair.ovs.ofctl('benchmark', '100', '50000') / echo(108, 50_000)
  },
}

/** As cbench has it, throughput and latency. */
const packetIns = [
  packetIn('openflow/packet-in/ratio', 32, 60_000),
  packetIn('openflow/packet-in/latency/ratio', 1, 20_000),
]

export const openflowRatios: Bench[] = hasOvs() ? [addFlows, memory, dumpFlows, ...packetIns, benchmark, bareEcho] : []
