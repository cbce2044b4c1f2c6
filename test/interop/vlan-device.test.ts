/** Frames of VLAN devices as tshark reads them: where this runs there is no module for such devices to compare with. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Kernel } from '../../src/host/index.ts'
import { commands, Machine } from '../../src/machine/index.ts'
import { seeded, start, VirtualClock } from '../../src/runtime/index.ts'

const able = spawnSync('which', ['tshark']).status === 0

/** Two namespaces with VLANs 10 and 20 of one cable; the capture of the cable while they are used. */
const captured = (): Uint8Array => {
  const clock = new VirtualClock()
  const random = seeded(1)
  const machine = new Machine({ kernel: new Kernel({ clock, random }), clock, random, hostname: 'hv1', commands })
  const lines = [
    'ip netns add red; ip link add e0 type veth peer name e1 netns red; ip link set e0 up; ip -n red link set e1 up',
    'for id in 10 20; do ip link add link e0 name e0.$id type vlan id $id; ip addr add 10.0.$id.1/24 dev e0.$id; done',
    'for id in 10 20; do ip -n red link add link e1 name e1.$id type vlan id $id; done',
    'for id in 10 20; do ip -n red addr add 10.0.$id.2/24 dev e1.$id; ip link set e0.$id up; ip -n red link set e1.$id up; done',
    'sleep 5; tcpdump -i e0 -w /tmp/cable & sleep .1; ping -c 2 10.0.10.2; ping -c 1 -s 4000 10.0.20.2; nc -z 10.0.20.2 99',
    'kill %1; wait',
  ]
  let done = false
  start(machine.exec(lines.join('\n')), { done: () => (done = true) })
  clock.runWhile(() => !done)
  const bytes = machine.files.read(machine.init, '/tmp/cable')
  if (!bytes.ok) throw new Error(bytes.errno)
  return bytes.value
}

describe.runIf(able)('VLAN devices', () => {
  test("put tags on frames that tshark has nothing against, and take them off the others'", () => {
    const folder = mkdtempSync(join(tmpdir(), 'weft-vlan-'))
    try {
      const path = join(folder, 'cable.pcap')
      writeFileSync(path, captured())
      const fields = [
        'vlan.id',
        'vlan.priority',
        'ip.dst',
        'icmp.type',
        'tcp.dstport',
        '_ws.expert.message',
        '_ws.malformed',
      ]
      const words = [
        '-Y',
        'ip || arp',
        '-r',
        path,
        '-o',
        'ip.check_checksum:TRUE',
        '-T',
        'fields',
        ...fields.flatMap(field => ['-e', field]),
      ]
      const rows = execFileSync('tshark', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .trimEnd()
        .split('\n')
        .map(row => row.split('\t'))
      expect(new Set(rows.map(([vlan, priority]) => `${vlan} ${priority}`))).toEqual(new Set(['10 0', '20 0']))
      const echoes = rows.filter(([, , , type]) => type === '8' || type === '0')
      // The first of each VLAN asks, and is answered; of 4000 bytes the last fragment makes it whole for tshark.
      expect(echoes.map(([vlan, , dst, type]) => `${vlan} ${dst} ${type}`)).toEqual([
        ...['10 10.0.10.2 8', '10 10.0.10.1 0', '10 10.0.10.2 8', '10 10.0.10.1 0'],
        ...['20 10.0.20.2 8', '20 10.0.20.1 0'],
      ])
      expect(rows.filter(([, , , , port]) => port === '99').map(([vlan]) => vlan)).toEqual(['20'])
      const said = rows
        .map(row => `${row[5] ?? ''}${row[6] ?? ''}`)
        .filter(text => text !== '' && !/\(SYN\)|\(RST\)/.test(text))
      expect(said).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
