import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Topo } from './topo.ts'
import { LinearTopo, MinimalTopo, SingleSwitchReversedTopo, SingleSwitchTopo } from './topologies.ts'
import { TorusTopo, TreeTopo } from './tree.ts'

describe('a topology', () => {
  test('counts ports of hosts from 0 and of switches from 1', () => {
    const topo = new LinearTopo(2)
    expect(topo.port('h1', 's1')).toEqual([0, 1])
    expect(topo.port('s2', 's1')).toEqual([2, 2])
  })

  test('keeps ports that were asked for, and goes round them', () => {
    const topo = new Topo()
    topo.addSwitch('s1')
    for (const name of ['h1', 'h2', 'h3']) topo.addHost(name)
    topo.addLink('h1', 's1', { port2: 2 })
    topo.addLink('h2', 's1')
    topo.addLink('h3', 's1')
    expect(['h1', 'h2', 'h3'].map(name => (topo.port(name, 's1') as number[])[1])).toEqual([2, 3, 4])
  })

  test('names what is there twice, and links that lead nowhere', () => {
    const topo = new Topo()
    topo.addHost('h1')
    topo.addSwitch('s1')
    expect(() => topo.addHost('h1')).toThrow('there are two nodes named h1')
    expect(() => topo.addLink('h1', 'h9')).toThrow('link h1 h9: there is no node named h9')
    expect(() => topo.addLink('s1', 's1')).toThrow('link s1 s1: a link has two ends')
    topo.addLink('h1', 's1', { port2: 1 })
    expect(() => topo.addLink('h1', 's1', { port2: 1 })).toThrow('link h1 s1: port 1 of s1 is taken')
  })

  test('has several links between two nodes, told apart by keys', () => {
    const topo = new Topo()
    topo.addSwitch('s1')
    topo.addHost('h1')
    expect([topo.addLink('h1', 's1'), topo.addLink('h1', 's1', { bw: 10 })]).toEqual([1, 2])
    expect(topo.linkInfo('s1', 'h1', 2)).toMatchObject({ bw: 10, port1: 1, port2: 2 })
    expect(topo.linkInfo('h1', 's1').port1).toBe(0)
    topo.setlinkInfo('h1', 's1', { ...topo.linkInfo('h1', 's1'), bw: 5 })
    expect(topo.links().map(({ bw }) => bw)).toEqual([5, 10])
  })

  test('gives what was set for all hosts, switches and links to those without options', () => {
    class Tuned extends Topo {
      override build(): void {
        this.hopts = { cpu: 0.5 }
        this.lopts = { bw: 10 }
        this.addLink(this.addHost('h1'), this.addSwitch('s1'))
        this.addLink(this.addHost('h2', { cpu: 1 }), 's1', { bw: 20 })
      }
    }
    const topo = new Tuned()
    expect(topo.hosts().map(name => topo.nodeInfo(name).cpu)).toEqual([0.5, 1])
    expect(topo.links().map(({ bw }) => bw)).toEqual([10, 20])
  })

  test('fills another graph', () => {
    const said: string[] = []
    new MinimalTopo().convertTo({
      addNode: name => said.push(name),
      addEdge: (a, b) => said.push(`${a}-${b}`),
    })
    expect(said).toEqual(['s1', 'h1', 'h2', 'h1-s1', 'h2-s1'])
  })
})

describe('ready-made topologies', () => {
  test('have the names that Mininet gives', () => {
    expect(new SingleSwitchTopo(3).nodes()).toEqual(['h1', 'h2', 'h3', 's1'])
    expect(new LinearTopo(2, 2).hosts()).toEqual(['h1s1', 'h1s2', 'h2s1', 'h2s2'])
    expect(new TorusTopo(3, 3).switches().slice(0, 2)).toEqual(['s1x1', 's1x2'])
    expect(new TorusTopo(3, 3, 2).hosts().slice(0, 2)).toEqual(['h1x1x1', 'h1x1x2'])
    expect(new TorusTopo(3, 3).nodeInfo('s2x3').dpid).toBe('203')
  })

  test('reversed begins at the last port', () => {
    const topo = new SingleSwitchReversedTopo(3)
    expect(topo.port('h1', 's1')).toEqual([0, 3])
    expect(topo.port('h3', 's1')).toEqual([0, 1])
  })

  test('a torus is three by three at least', () => {
    expect(() => new TorusTopo(2, 2)).toThrow('Please use 3x3 or greater for compatibility with 2.1')
  })

  test('say which number is none', () => {
    expect(() => new LinearTopo('a' as unknown as number)).toThrow("k is a whole number from 0, not 'a'")
  })

  test('a tree has as many hosts as fanout to the power of depth, and a link fewer than nodes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 }), (depth, fanout) => {
        const topo = new TreeTopo(depth, fanout)
        expect(topo.hosts()).toHaveLength(fanout ** depth)
        expect(topo.links()).toHaveLength(topo.nodes().length - 1)
      }),
    )
  })

  test('a torus has two links of each switch to others, and one to its host', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 }), (x, y) => {
        expect(new TorusTopo(x, y).links()).toHaveLength(3 * x * y)
      }),
    )
  })
})
