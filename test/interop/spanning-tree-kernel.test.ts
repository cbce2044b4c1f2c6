import { describe, expect, test } from 'vitest'
import { second } from '../../src/runtime/clock.ts'
import type { StpOptions } from '../../src/switch/stp/settings.ts'
import { showStp } from '../../src/switch/stp/show.ts'
import { BpduFlag, bpduOf } from '../../src/wire/bpdu.ts'
import { EtherType, parseEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { hasKernelBridges, type KernelWires, startKernelWires } from './kernel-wires.testing.ts'

const forwardDelay = 4
const options = (stp: StpOptions) => ({
  hwaddr: 0x020000000077,
  stp: { maxAge: 6, forwardDelay, helloTime: 1, ...stp },
})

/** A kernel bridge k0 at the other ends of both cables; iproute2 counts in hundredths of a second. */
const startKernel = ({ run }: KernelWires, priority: number): void => {
  const times = 'hello_time 100 max_age 600 forward_delay 200'
  run(`ip link add k0 address 02:00:00:00:01:00 type bridge stp_state 1 priority ${priority} ${times} mcast_snooping 0`)
  // Behind a third port is a host: a bridge that has nothing behind it does not tell of its changes.
  run('ip link add h0 type veth peer name h1')
  run('ip link set h1 up')
  for (const port of ['v1', 'v2', 'h0']) run(`ip link set ${port} master k0 up`)
  run('ip addr add 10.0.0.1/24 dev k0')
  run('ip link set k0 up')
}

/** What the kernel's ports do: `forwarding blocking`. */
const kernelStates = ({ run }: KernelWires): string =>
  ['v1', 'v2'].map(port => / state (\w+) priority/.exec(run(`ip -d link show ${port}`))?.[1]).join(' ')
const kernelRoot = ({ run }: KernelWires): string | undefined =>
  / designated_root (\S+)/.exec(run('ip -d link show v2'))?.[1]

const ourStates = ({ ports }: KernelWires): string => ports.map(port => port.tree?.state ?? 'none').join(' ')
const weAreRoot = ({ bridge }: KernelWires): boolean => bridge.tree.stp?.isRoot === true

const states = (wires: KernelWires) => (): string =>
  `${showStp(wires.bridge)}\nkernel: root ${kernelRoot(wires)}, ports ${kernelStates(wires)}`

/** What the kernel's messages told so far. */
const told = ({ heard }: KernelWires): Set<string> => {
  const words = new Set<string>()
  for (const { bytes } of heard) {
    const bpdu = bpduOf(Frame.from(bytes))
    if (!bpdu.ok) continue
    words.add(bpdu.value.kind)
    if (bpdu.value.kind === 'change') continue
    if ((bpdu.value.flags & BpduFlag.change) !== 0) words.add('flag of a change')
    if ((bpdu.value.flags & BpduFlag.changeAck) !== 0) words.add('acknowledgement')
  }
  return words
}

/** How many frames come when the kernel's bridge asks for a neighbour that nobody is: with a circle, without end. */
const broadcasts = async (wires: KernelWires): Promise<number> => {
  const isArp = (bytes: Uint8Array): boolean => {
    const ethernet = parseEthernet(bytes, 0, bytes.length)
    return ethernet.ok && ethernet.value.type === EtherType.arp
  }
  const count = (): number => wires.heard.filter(({ bytes }) => isArp(bytes)).length
  wires.run('ip neigh flush dev k0')
  await wires.attempt('ping -c 1 -W 0.2 10.0.0.99')
  await wires.until(() => count() > 0, states(wires))
  return count()
}

describe.runIf(hasKernelBridges())('spanning tree with a bridge of the kernel', () => {
  test.concurrent('the kernel is the root, and a cable goes', async () => {
    const wires = await startKernelWires('root', 2, options({}))
    try {
      startKernel(wires, 4096)
      await wires.until(
        () => ourStates(wires) === 'forwarding blocking' && kernelStates(wires) === 'forwarding forwarding',
        states(wires),
      )
      expect(kernelRoot(wires)).toBe('1000.2:0:0:0:1:0')
      // The root's delays hold, not ours.
      expect(wires.bridge.tree.stp?.times).toEqual({ helloTime: second, maxAge: 6 * second, forwardDelay: 2 * second })
      expect(await broadcasts(wires)).toBeLessThan(10)

      wires.run('ip link set v1 down')
      const before = wires.heard.length
      await wires.until(() => ourStates(wires) === 'forwarding forwarding', states(wires))
      expect(wires.bridge.tree.stp?.rootPort?.number).toBe(2)
      // We told of the change on the way to the root, which answered, and told all.
      wires.heard.splice(0, before)
      await wires.until(() => told(wires).size === 3, states(wires))
      expect([...told(wires)].sort()).toEqual(['acknowledgement', 'config', 'flag of a change'])
    } finally {
      wires.close()
    }
  })

  test.concurrent('the kernel is the root, and goes', async () => {
    const wires = await startKernelWires('gone', 2, options({}))
    try {
      startKernel(wires, 4096)
      await wires.until(() => ourStates(wires) === 'forwarding blocking', states(wires))
      const gone = wires.now()
      wires.run('ip link set k0 down')
      await wires.until(() => weAreRoot(wires), states(wires))
      // Now our own delays hold: the port that blocked waits for both.
      expect(wires.bridge.tree.stp?.times.forwardDelay).toBe(forwardDelay * second)
      await wires.until(() => ourStates(wires) === 'forwarding forwarding', states(wires))
      expect(wires.now() - gone).toBeGreaterThan(2 * forwardDelay * second)
    } finally {
      wires.close()
    }
  })

  test.concurrent('Weft is the root, then the kernel', async () => {
    const wires = await startKernelWires('leaf', 2, options({ priority: 4096 }))
    try {
      startKernel(wires, 8192)
      // Of two ways to the root the kernel takes the one by our port of the lower number.
      await wires.until(
        () => ourStates(wires) === 'forwarding forwarding' && kernelStates(wires) === 'forwarding blocking',
        states(wires),
      )
      expect(kernelRoot(wires)).toBe('1000.2:0:0:0:0:77')
      expect(weAreRoot(wires)).toBe(true)
      expect(await broadcasts(wires)).toBeLessThan(10)
      // It tells of its change until we answer.
      await wires.until(() => told(wires).has('change'), states(wires))
      await wires.until(() => / topology_change 1 /.test(wires.run('ip -d link show k0')), states(wires))

      wires.enter(() => wires.bridge.configure(options({ priority: 0xf000 })))
      await wires.until(() => kernelRoot(wires) === '2000.2:0:0:0:1:0' && !weAreRoot(wires), states(wires))
      await wires.until(
        () => ourStates(wires) === 'forwarding blocking' && kernelStates(wires) === 'forwarding forwarding',
        states(wires),
      )
    } finally {
      wires.close()
    }
  })
})
