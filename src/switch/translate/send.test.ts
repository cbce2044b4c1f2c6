import { describe, expect, test } from 'vitest'
import { changeTlvTable, emptyTlvTable } from '../../flow/tlv-table.ts'
import type { Bed } from '../switch.testing.ts'
import { ipv4, run } from './translate.testing.ts'

const port = (bed: Bed, name: string) => bed.switch.bridges.get('br0')!.portByName(name)!
const withConfig =
  (name: string, bit: 'down' | 'noForward' | 'noFlood' | 'noReceive' | 'noReceiveStp') => (bed: Bed) => {
    const changed = port(bed, name)
    bed.switch.bridges.get('br0')!.updatePort(changed, { config: { ...changed.config, [bit]: true } })
  }

describe('where a frame does not go', () => {
  test.each([
    ['1', undefined, 'drop', 'output_to_input_port', ' >> skipping output to input port'],
    ['9', undefined, 'drop', 'no_such_port', ' >> Nonexistent output port'],
    ['2', 'down', 'drop', 'port_down', ' >> port is down, skipping output'],
    ['2', 'noForward', 'drop', 'no_forward', ' -> OFPPC_NO_FWD set, skipping output'],
    ['in_port', undefined, '1', undefined, 'IN_PORT'],
    ['2', 'noFlood', '2', undefined, 'output:2'],
  ] as const)('%s %s', (actions, bit, out, reason, text) => {
    const result = run(actions, {}, bit === undefined ? undefined : withConfig('p2', bit))
    expect([result.out, result.dropReason]).toEqual([out, reason])
    expect(result.trace).toContain(text)
  })
  test('floods leave out who does not want them; ALL does not', () => {
    expect(run('flood', {}, withConfig('p2', 'noFlood')).out).toMatch(/^0,3$/)
    expect(run('all', {}, withConfig('p2', 'noFlood')).out).toMatch(/^0,2,3$/)
  })
  test('frames of spanning tree have a bit of their own', () => {
    // Which have a length, and so no type.
    const stp = { eth_dst: 0x0180c2000000n, eth_type: 0x5ffn }
    expect(run('2', stp, withConfig('p1', 'noReceive')).out).toBe('2')
    expect(run('2', {}, withConfig('p1', 'noReceiveStp')).out).toBe('2')
    expect(run('2', stp, withConfig('p1', 'noReceiveStp'))).toMatchObject({ out: 'drop', dropReason: 'no_receive' })
    expect(run('2', stp, withConfig('p1', 'noReceive')).whole('eth_dst')).toBe(true)
    const typed = run('2', { ...stp, eth_type: 0x88a8n }, withConfig('p1', 'noReceive'))
    expect([typed.out, typed.looked('eth_dst')]).toEqual(['drop', 0n])
  })
  test('nothing comes in by a port that does not receive', () => {
    expect(run('2', {}, withConfig('p1', 'noReceive'))).toMatchObject({ out: 'drop', dropReason: 'no_receive' })
  })
})

describe('tunnels', () => {
  const tunnel = (options: Record<string, string>) => (bed: Bed) =>
    void bed.tunnel(bed.switch.bridges.get('br0')!, 'vx', options, 10)

  test('outer headers come first, then what changed in the frame; the next port knows nothing of them', () => {
    const { out } = run('set_field:7->tun_id,mod_nw_ttl:3,10,2', ipv4, tunnel({ remote_ip: '1.1.1.1', key: 'flow' }))
    expect(out).toMatch(
      /^set\(tunnel\(tun_id=0x7,dst=1\.1\.1\.1,ttl=64,tp_dst=4789,flags\(df\|key\)\)\),set\(ipv4\(ttl=3\)\),\d+,2$/,
    )
  })
  test('twice the same tunnel is said once', () => {
    const { out } = run('10,10', {}, tunnel({ remote_ip: '1.1.1.1', key: '5' }))
    expect(out.match(/tunnel/g)).toHaveLength(1)
  })
  test('what is told of it is no matter of what the port can send', () => {
    const { out } = run(
      'set_field:1->tun_gbp_id,set_field:oam->tun_flags,10',
      {},
      tunnel({ remote_ip: '1.1.1.1', key: '5' }),
    )
    expect(out).toContain('tp_dst=4789,vxlan(gbp(id=1,flags=0)),flags(oam|df|key)')
  })
  test('an option that is gone makes another tunnel, though the headers are the same', () => {
    const options = changeTlvTable(emptyTlvTable, 'add', [{ class: 1, type: 0, length: 4, index: 0 }])
    const { out } = run('set_field:1->tun_metadata0,10,delete_field:tun_metadata0,10', {}, bed => {
      tunnel({ remote_ip: '1.1.1.1' })(bed)
      if ('table' in options) bed.switch.bridges.get('br0')?.setTlv(options.table)
    })
    expect(out.match(/tunnel/g)).toHaveLength(2)
  })
  test.each([
    ['set_field:3->ip_dscp,10', 'inherit', ['tos=0xc/0xfc']],
    ['set_field:3->nw_ecn,10', '0', ['tos=0x3/0x3']],
    ['set_field:3->nw_ecn,10', 'inherit', ['tos=0x3']],
    ['load:1->NXM_NX_IP_ECN[0],2,load:0->NXM_NX_IP_ECN[0],10', '0', ['tos=0x1/0x1', 'tos=0x2/0x3']],
    ['load:1->NXM_NX_IP_ECN[0],2,load:0->NXM_NX_IP_ECN[0],10', 'inherit', ['tos=0x1/0x1', 'tos=0x2']],
  ])(
    'what the tunnel looks at is in the megaflow, and written with what changes (%s, tos=%s)',
    (actions, tos, sets) => {
      const seen = run(actions, { ...ipv4, nw_ecn: 2n }, tunnel({ remote_ip: '1.1.1.1', tos }))
      expect([...seen.out.matchAll(/set\(ipv4\((.*?)\)\)/g)].map(([, text]) => text)).toEqual(sets)
      expect([seen.looked('ip_dscp') !== 0n, seen.whole('nw_ecn')]).toEqual([
        tos === 'inherit' || actions.includes('dscp'),
        true,
      ])
    },
  )
  test('a mark for the outer packet is written', () => {
    expect(run('10', {}, tunnel({ remote_ip: '1.1.1.1', egress_pkt_mark: '7' })).out).toContain('set(skb_mark(0x7))')
  })
  test('without a destination, or back to where it was sent to', () => {
    const back = run('10', { tun_dst: 0x02020202n }, tunnel({ remote_ip: '2.2.2.2', key: 'flow' }))
    const nowhere = run('10', {}, tunnel({ remote_ip: 'flow', key: 'flow' }))
    for (const { out, dropReason, trace } of [back, nowhere]) {
      expect([out, dropReason]).toEqual(['drop', 'tunnel_to_ourselves'])
      expect(trace).toContain(' >> Not tunneling to our own address\n')
    }
  })
  test('without a destination, but from a tunnel: the datapath is told none', () => {
    const fields = { tun_dst: 0x02020202n, ...ipv4 }
    const { out, trace } = run('set_field:0.0.0.0->tun_dst,10', fields, tunnel({ remote_ip: 'flow', key: 'flow' }))
    expect(out).toMatch(/^\d+$/)
    expect(trace).toContain(' -> output to kernel tunnel\n')
  })
  test('an IPv4 address makes another destination than it was count for nothing', () => {
    const fields = { tun_dst: 0x02020202n }
    expect(run('set_field:1::2->tun_ipv6_dst,10', fields, tunnel({ remote_ip: 'flow', key: 'flow' }))).toMatchObject({
      dropReason: 'tunnel_to_ourselves',
    })
  })
  test('a packet that knows no marks is lost to congestion, after the look-up', () => {
    const marked = { in_port: 10n, tun_dst: 1n, tun_src: 0x01010101n, tun_tos: 3n, ...ipv4 }
    const lost = run('2', marked, tunnel({ remote_ip: '1.1.1.1', key: 'flow' }))
    expect([lost.out, lost.dropReason]).toEqual(['drop', 'tunnel_congestion'])
    expect(lost.trace).toContain(' 0. priority 32768')
    const capable = run('2', { ...marked, nw_ecn: 2n }, tunnel({ remote_ip: '1.1.1.1', key: 'flow' }))
    expect(capable.out).toBe('set(ipv4(tos=0x3/0x3)),2')
    expect(capable.whole('tun_tos') && capable.whole('tun_src') && capable.whole('tun_id')).toBe(true)
  })
})
