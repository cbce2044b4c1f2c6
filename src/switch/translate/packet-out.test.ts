import { expect, test } from 'vitest'
import type { FieldName } from '../../flow/fields.ts'
import { matchOf } from '../../flow/match.ts'
import { parseActions } from '../../openflow/action-text.ts'
import type { Bridge } from '../bridge.ts'
import { Bed } from '../switch.testing.ts'
import { traceFlow } from '../trace.ts'

/** A bridge with two ports and a tunnel, and what `ofproto/trace-packet-out` says of a frame there. */
const network = (): {
  bed: Bed
  bridge: Bridge
  traced: (fields: Partial<Record<FieldName, bigint>>, text: string) => string[]
} => {
  const bed = new Bed()
  const bridge = bed.bridge('br0', { failMode: 'secure' })
  bed.port(bridge, 'p1', {}, 1)
  bed.port(bridge, 'p2', {}, 2)
  bed.tunnel(bridge, 'vx', { remote_ip: '1.1.1.1', key: 'flow' }, 11)
  const traced = (fields: Partial<Record<FieldName, bigint>>, text: string): string[] => {
    const actions = parseActions(text)
    if (typeof actions === 'string') throw new Error(actions)
    return traceFlow(bed.switch, bridge, matchOf(fields).key, { actions }).split('\n').slice(4)
  }
  return { bed, bridge, traced }
}

const ip = { eth_type: 0x800n, packet_type: 0n }

/** As an ovs-vswitchd of Open vSwitch 3.1 traced them: what a controller sends is taken in at its port as if it had come there. */
test('a port that takes nothing in takes no packet-out either', () => {
  const { bridge, traced } = network()
  expect(traced({ ...ip, in_port: 1n }, 'output:2').at(-2)).toBe('Datapath actions: 2')
  const port = bridge.ports.get(1)
  if (port === undefined) throw new Error('no port')
  Object.assign(port.config, { noReceive: true, noReceiveStp: true })
  expect(traced({ ...ip, in_port: 1n }, 'output:2')).toEqual([
    '',
    'Final flow: unchanged',
    'Megaflow: recirc_id=0,eth,ip,in_port=1,nw_frag=no',
    'Datapath actions: drop',
    '',
  ])
})

test('the outer packet’s congestion is the inner one’s, or its loss', () => {
  const { traced } = network()
  const marked = { ...ip, in_port: 11n, tun_dst: 1n, tun_tos: 3n }
  const final = (ecn: bigint): string[] => traced({ ...marked, nw_ecn: ecn }, 'output:2')
  expect(final(2n).find(line => line.startsWith('Final flow'))).toContain('nw_ecn=3')
  expect(final(2n).at(-2)).toBe('Datapath actions: 2')
  expect(final(0n).at(-2)).toBe('Datapath actions: drop')
  // Also where no tunnel's port is what the frame came in at.
  const elsewhere = traced({ ...marked, in_port: 77n, nw_ecn: 2n }, 'output:2')
  expect(elsewhere.find(line => line.startsWith('Final flow'))).toContain('nw_ecn=3')
})

test('an NSH path of all ones is told with 32 of them', () => {
  const { traced } = network()
  const moved = 'load:0xffffff->nsh_spi[],move:nsh_spi[]->nsh_spi[],move:nsh_spi[0..22]->nsh_spi[0..22]'
  const told = traced({ eth_type: 0x894fn, packet_type: 0n, nsh_mdtype: 1n }, moved).filter(line =>
    line.includes('is now'),
  )
  expect(told).toEqual(['     -> NXOXM_NSH_SPI[] is now 0xffffffff', '     -> NXOXM_NSH_SPI[0..22] is now 0x7fffff'])
})

test('a look-up in what a controller sends is a nested one', () => {
  const { bridge, traced } = network()
  bridge.flows.add({ match: matchOf({}), actions: [{ type: 'resubmit', port: 1, table: undefined }] })
  const told = traced({ ...ip, in_port: 1n }, 'resubmit(,0)')
  expect(told.filter(line => line.endsWith('resubmit:1'))).toHaveLength(64)
  expect(told).toContain('Translation failed (Recursion too deep), packet is dropped.')
})
