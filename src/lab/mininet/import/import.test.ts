import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exportJson } from '../export.ts'
import { Mininet } from '../mininet.ts'
import { Topo } from '../topo.ts'
import { TreeTopo } from '../tree.ts'
import { readTopologyFile, type TreeParser } from './index.ts'

/** JSON alone; the lines of what is in it are not known. */
const json: TreeParser = text => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown, lineOf: () => undefined }
  } catch {
    return { ok: false, error: 'it is no JSON' }
  }
}

const read = (name: string, file: unknown) =>
  readTopologyFile(name, typeof file === 'string' ? file : JSON.stringify(file), json)

const topoOf = (name: string, file: unknown): Topo<never[]> => {
  const found = read(name, file)
  if (!found.ok) throw new Error(found.error)
  return found.topo
}

const errorOf = (name: string, file: unknown): string => {
  const found = read(name, file)
  return found.ok ? 'it is read' : found.error
}

describe('containerlab', () => {
  const lab = (nodes: unknown, links: unknown[], more: object = {}): object => ({
    name: 'lab',
    topology: { ...more, nodes, links },
  })
  const two = { a: { kind: 'linux' }, b: null }

  test('ports are the numbers of interfaces, and others have the next', () => {
    const topo = topoOf(
      'x.clab.yml',
      lab({ ...two, sw: { kind: 'ovs-bridge' } }, [
        { endpoints: ['a:uplink', 'sw:e1-1'] },
        { endpoints: ['a:eth1', 'sw:eth7'] },
        {
          type: 'veth',
          endpoints: [
            { node: 'b', interface: 'eth2' },
            { node: 'sw', interface: 'eth1' },
          ],
        },
      ]),
    )
    expect(topo.hosts()).toEqual(['a', 'b'])
    expect(topo.switches()).toEqual(['sw'])
    expect(topo.nodeInfo('sw')).toMatchObject({ dpid: '10000' })
    expect(topo.links().map(({ node1, port1, node2, port2 }) => [node1, port1, node2, port2])).toEqual([
      ['a', 1, 'sw', 7],
      ['b', 2, 'sw', 1],
      ['a', 2, 'sw', 3],
    ])
  })

  test('a kind comes from the group or the defaults', () => {
    const more = { defaults: { kind: 'bridge' }, groups: { hosts: { kind: 'linux' } } }
    const topo = topoOf('x.yaml', lab({ a: { group: 'hosts' }, b1: {}, b2: { kind: 'bridge' } }, [], more))
    expect([topo.hosts(), topo.switches()]).toEqual([['a'], ['b1', 'b2']])
  })

  test.each([
    [lab(two, [{ endpoints: ['a:eth1', 'c:eth1'] }]), 'link a c: there is no node named c'],
    [lab(two, [{ endpoints: ['a:eth1', 'a:eth2'] }]), 'link a a: a link has two ends'],
    [lab(two, [{ endpoints: ['a:eth1', 'b:eth1', 'b:eth2'] }]), 'topology.links[0] has 3 endpoints, not 2'],
    [
      lab(two, [{ endpoints: ['a:eth1', 'host:veth0'] }]),
      'topology.links[0] leads to host, out of the topology, which is not read',
    ],
    [
      lab(two, [{ type: 'host', endpoint: {} }]),
      'topology.links[0] has one endpoint: links out of the topology are not read',
    ],
    [
      lab(two, [{ endpoints: ['a:eth1', 'b:eth1'] }, { endpoints: ['a:eth1', 'b:eth2'] }]),
      'link a b: port 1 of a is taken',
    ],
    [lab(two, ['a:eth1']), 'topology.links[0] is no mapping'],
    [lab(two, [{ endpoints: [1, {}] }]), 'topology.links[0].endpoints[0] is no mapping'],
    [lab([], []), 'topology.nodes is no mapping'],
    [{ topology: { nodes: {}, links: {} } }, 'topology.links is no list'],
    [{}, 'topology is no mapping'],
    [[], 'the file is no mapping'],
    ['{', 'it is no JSON'],
  ])('%j', (file, error) => expect(errorOf('x.yml', file)).toBe(`x.yml: ${error}`))
})

describe('MiniEdit', () => {
  const host = (hostname: unknown, more: object = {}): object => ({ number: '1', opts: { hostname, ...more } })

  test('hosts, switches and links with what they are made with', () => {
    const topo = topoOf('net.mn', {
      application: { ipBase: '10.0.0.0/8' },
      controllers: [{ opts: { hostname: 'c0', controllerType: 'ref' } }],
      hosts: [host('h1', { ip: '10.0.0.1/24', defaultRoute: '10.0.0.254', sched: 'host' }), host('h2', { ip: '' })],
      switches: [host('s1', { dpid: 'ab' }), host('old', { switchType: 'legacySwitch' })],
      links: [
        { src: 'h1', dest: 's1', opts: { bw: '10', delay: '5ms', loss: 1, max_queue_size: 100 } },
        { src: 'h2', dest: 'old' },
      ],
      version: '2',
    })
    expect(topo.nodeInfo('h1')).toEqual({ ip: '10.0.0.1/24', defaultRoute: 'via 10.0.0.254' })
    expect(topo.nodeInfo('h2')).toEqual({})
    expect(topo.nodeInfo('s1')).toEqual({ dpid: 'ab', isSwitch: true })
    expect(topo.nodeInfo('old')).toEqual({ dpid: '10001', failMode: 'standalone', isSwitch: true })
    expect(topo.links()[0]).toMatchObject({ bw: 10, delay: '5ms', loss: 1, max_queue_size: 100 })
    expect(topo.links()).toHaveLength(2)
  })

  test.each([
    [{ hosts: [host('h1'), host('h1')] }, 'there are two nodes named h1'],
    [{ hosts: [host('')] }, 'hosts[0].opts.hostname is no name'],
    [{ hosts: [{}] }, 'hosts[0].opts is no mapping'],
    [{ hosts: {} }, 'hosts is no list'],
    [{ switches: [host('r1', { switchType: 'legacyRouter' })] }, 'r1 is a legacy router, of which there are none here'],
    [{ hosts: [host('h1')], links: [{ src: 'h1', dest: 'h9' }] }, 'link h1 h9: there is no node named h9'],
    [
      { hosts: [host('h1'), host('h2')], links: [{ src: 'h1', dest: 'h2', opts: { bw: 'fast' } }] },
      "bw is a number, not 'fast'",
    ],
    [[], 'the file is no mapping'],
    ['', 'it is no JSON'],
  ])('%j', (file, error) => expect(errorOf('net.mn', file)).toBe(`net.mn: ${error}`))
})

describe('GraphML', () => {
  const graph = (inner: string): string =>
    `<?xml version="1.0" encoding="utf-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key attr.name="label" attr.type="string" for="node" id="d30" />
  <key attr.name="Longitude" attr.type="double" for="node" id="d29" />
  <graph edgedefault="undirected">${inner}</graph></graphml>`

  test('a switch with a host for each node, and their labels', () => {
    const topo = topoOf(
      'Zoo.graphml',
      graph(
        `<node id="0"><data key="d29">16.37</data><data key="d30">Wien &amp; Umgebung</data></node><node id="1"/>
         <edge source="1" target="0"><data key="d40">x</data></edge><edge source="0" target="0"/>`,
      ),
    )
    expect(topo.nodeInfo('s1')).toMatchObject({ label: 'Wien & Umgebung' })
    expect(topo.nodeInfo('s2')).toMatchObject({ label: '1' })
    expect(topo.links().map(({ node1, node2 }) => [node1, node2])).toEqual([
      ['h1', 's1'],
      ['h2', 's2'],
      ['s1', 's2'],
    ])
  })

  test.each([
    [graph('<node id="0"/><node id="0"/>'), "a node needs an id of its own, not '0'"],
    [graph('<node/>'), "a node needs an id of its own, not ''"],
    [graph('<node id="0"/><edge source="0" target="7"/>'), "an edge from '0' to '7', which are not both nodes"],
    ['<svg/>', 'there is no <graph> in a <graphml>'],
    ['<graphml>\n<graph>\n</graphml>', 'line 3: </graphml> ends nothing that was begun'],
    ['nothing', 'line 1: it is no XML'],
  ])('%s', (file, error) => expect(errorOf('Zoo.graphml', file)).toBe(`Zoo.graphml: ${error}`))
})

test('other files are none', () => {
  for (const name of ['lab.txt', 'yml', 'lab', 'a.yml/b', '.constructor'])
    expect(errorOf(name, '{}')).toBe(`${name}: a topology file ends in .yml, .yaml, .mn, .graphml`)
})

test('no file throws: it is a topology, or one line says why not', () => {
  const names = fc.constantFrom('x.yml', 'x.mn', 'x.graphml')
  const node = fc.record({ kind: fc.constantFrom('bridge', 'linux', 3), group: fc.constantFrom('g', null) })
  const end = fc.constantFrom('a:eth1', 'b:eth2', 'a', '', 'c:x:y')
  const like = fc.record({
    topology: fc.record({
      nodes: fc.dictionary(fc.constantFrom('a', 'b', '__proto__', ''), node),
      links: fc.array(fc.record({ endpoints: fc.array(end, { maxLength: 3 }) }), { maxLength: 4 }),
    }),
    hosts: fc.array(fc.record({ opts: fc.record({ hostname: fc.constantFrom('h1', 'h2', '', 4) }) }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(
      names,
      fc.oneof(
        fc.json(),
        fc.string(),
        like.map(value => JSON.stringify(value)),
      ),
      (name, text) => {
        const found = readTopologyFile(name, text, json)
        if (found.ok) expect(found.topo).toBeInstanceOf(Topo)
        else expect(found.error.startsWith(`${name}: `) && !found.error.includes('\n')).toBe(true)
      },
    ),
  )
})

test('what a network exports comes back as a file of MiniEdit', async () => {
  const net = new Mininet({ topo: new TreeTopo(2, 3), controller: null, print: () => {} })
  await net.build()
  const { nodes, links } = exportJson(net)
  const named = (kind: string): object[] =>
    nodes.filter(node => node.kind === kind).map(({ name, dpid }) => ({ opts: { hostname: name, dpid } }))
  const topo = topoOf('back.mn', {
    hosts: named('host'),
    switches: named('switch'),
    links: links.map(({ node1, node2 }) => ({ src: node1, dest: node2 })),
  })
  await net.stop()
  const wanted = new TreeTopo(2, 3)
  expect([topo.hosts(), topo.switches()]).toEqual([wanted.hosts(), wanted.switches()])
  const ends = (from: Topo<never[]>): string[][] => from.links(true).map(({ node1, node2 }) => [node1, node2])
  expect(ends(topo)).toEqual(ends(wanted as Topo<never[]>))
  expect(ends(topo)).toHaveLength(12)
})
