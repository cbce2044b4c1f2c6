import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTopologyFile } from '../lab/mininet/index.ts'
import { parseTree, readTopoFile } from './mn-topo-file.ts'

const home = mkdtempSync(join(tmpdir(), 'weft-topo-'))
afterAll(() => rmSync(home, { recursive: true }))

const yaml = `name: lab
topology:
  kinds:
    linux: { image: alpine:3 }
  nodes:
    web: &host
      kind: linux
    db: *host
    br1: { kind: bridge }
  links:
    - endpoints: ["web:eth1", "br1:eth1"]
    - endpoints: [ "db:eth1", "br1:eth2" ]
`

const errorOf = (name: string, text: string): string => {
  const read = readTopologyFile(name, text, parseTree)
  return read.ok ? 'it is read' : read.error
}

test('a file of YAML, and one of JSON', () => {
  const path = join(home, 'x.clab.yml')
  writeFileSync(path, yaml)
  const topo = readTopoFile(path)
  expect([topo.hosts(), topo.switches()]).toEqual([['db', 'web'], ['br1']])
  expect(topo.links()).toHaveLength(2)
  writeFileSync(join(home, 'x.mn'), '{\n\t"hosts": [{"opts": {"hostname": "h1"}}]\n}')
  expect(readTopoFile(join(home, 'x.mn')).nodes()).toEqual(['h1'])
})

test('an error is one line with the line of the file', () => {
  expect(errorOf('x.yml', yaml.replace('br1:eth2', 'br9:eth2'))).toBe(
    'x.yml:12: link db br9: there is no node named br9',
  )
  expect(errorOf('x.yml', yaml.replace('    db:', '    web:'))).toBe('x.yml:8: Map keys must be unique')
  expect(errorOf('x.yml', `${yaml}    - [1`)).toMatch(/^x\.yml:13: Flow sequence/)
  expect(errorOf('x.yml', 'topology:\n  nodes: 3\n')).toBe('x.yml:2: topology.nodes is no mapping')
  expect(errorOf('x.yml', 'topology:\n  nodes: {}\n  links:\n    - type: host\n')).toBe(
    'x.yml:4: topology.links[0] has 0 endpoints, not 2',
  )
  expect(errorOf('x.mn', '{\n"hosts": [\n{"opts": {}}]}')).toBe('x.mn:3: hosts[0].opts.hostname is no name')
  expect(errorOf('x.yml', '')).toBe('x.yml: the file is no mapping')
})

test('a file that multiplies itself is refused', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)
  expect(errorOf('x.yml', ['a0: &a0 x', ...lines].join('\n'))).toMatch(/^x\.yml: Excessive alias count/)
})

test('a file that is not there, or another', () => {
  expect(() => readTopoFile(join(home, 'none.yml'))).toThrow(`could not find topology file: ${home}/none.yml`)
  writeFileSync(join(home, 'x.txt'), '')
  expect(() => readTopoFile(join(home, 'x.txt'))).toThrow('a topology file ends in .yml, .yaml, .mn, .graphml')
})
