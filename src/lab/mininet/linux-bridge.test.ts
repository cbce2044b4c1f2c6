import { describe, expect, test } from 'vitest'
import { custom, LinearTopo, LinuxBridge, Mininet, type MininetOptions, SingleSwitchTopo, Topo } from './index.ts'

/** Runs a network of Linux bridges, and stops it whatever comes. */
const during = async (options: MininetOptions, act: (net: Mininet, said: () => string) => Promise<void>) => {
  let text = ''
  const print = (more: string): void => {
    text += more
  }
  const net = new Mininet({ switch: LinuxBridge, controller: null, logLevel: 'info', print, ...options })
  await net.start()
  try {
    await act(net, () => text)
  } finally {
    await net.stop()
  }
  expect(net.box.machine.kernel.root.links.all().map(({ name }) => name)).toEqual(['lo'])
}

/** Three switches in a ring, a host at each. */
class Ring extends Topo {
  override build(): void {
    const switches = [1, 2, 3].map(i => this.addSwitch(`s${i}`))
    for (const [i, each] of switches.entries()) {
      this.addLink(this.addHost(`h${i + 1}`), each)
      this.addLink(each, switches[(i + 1) % 3] as string)
    }
  }
}

describe('switches that are bridges of Linux', () => {
  test('are what brctl shows, and learn', async () => {
    await during({ topo: new LinearTopo(2) }, async net => {
      expect(await net.pingAll()).toBe(0)
      const [s1] = net.switches as [LinuxBridge]
      expect((await s1.cmd('brctl show')).replace(/8000\.\w{12}/g, 'ID')).toBe(
        'bridge name\tbridge id\t\tSTP enabled\tinterfaces\n' +
          's1\t\tID\tno\t\ts1-eth1\n\t\t\t\t\t\t\ts1-eth2\n' +
          's2\t\tID\tno\t\ts2-eth1\n\t\t\t\t\t\t\ts2-eth2\n',
      )
      expect((await s1.dpctl('showmacs', 's1')).split('\n')).toHaveLength(6)
      expect(await s1.cmd('ovs-vsctl list-br')).toBe('')
    })
  })

  test('with a tree forward after thirty seconds, and a ring is none', async () => {
    const began: number[] = []
    await during(
      { topo: new Ring(), switch: custom(LinuxBridge, { stp: 1 }), waitConnected: true },
      async (net, said) => {
        began.push(net.box.clock.now())
        expect(net.switches.map(each => (each as LinuxBridge).prio)).toEqual([100, 101, 102])
        // One port of the ring blocks.
        const states = await net.switches[0]?.cmd('bridge link')
        expect(
          states
            ?.match(/state \w+/g)
            ?.sort()
            .map(word => word.slice(6)),
        ).toEqual(['blocking', ...new Array(8).fill('forwarding')])
        expect(await net.pingAll()).toBe(0)
        expect(said()).toMatch(/\*\*\* Waiting for switches to connect\n(s\d ){3}\n/)
        // The first is the root: it was given the lowest priority.
        expect(await net.switches[2]?.cmd('brctl showstp s3')).toMatch(/designated root\t0064\./)
      },
    )
    expect(began[0]).toBeGreaterThan(30e9)
  })

  test('without a tree a ring is said to be one', async () => {
    await during({ topo: new Ring() }, async (net, said) => {
      await net.pingAll('0.001')
      expect(said()).toContain('form a loop, in which every broadcast circles for ever')
    })
  })

  test('take another port while they run, stop and start again', async () => {
    await during({ topo: new SingleSwitchTopo(2) }, async net => {
      const [s1] = net.switches as [LinuxBridge]
      const h3 = await net.addHost('h3')
      const link = await net.addLink(h3, s1)
      await h3.setIP('10.0.0.3/8')
      await s1.attach(link.intf2)
      expect(await net.pingAll()).toBe(0)
      await s1.stop(false)
      expect(await net.pingAll('1')).toBe(100)
      await s1.start([])
      expect(await net.pingAll()).toBe(0)
      await s1.detach(link.intf2)
      expect(await net.pingAll('1')).toBeCloseTo(66.67, 1)
    })
  })
})
