import { expect, test } from 'vitest'
import { ip, TestLab } from './lab.testing.ts'
import { deviceText, ifInet6Text, netstatText, snmp6Text, snmpText } from './proc-net.ts'

/** What a reader of the two-line tables makes of them: `Ip.InReceives` and so on. */
const read = (text: string): Map<string, number> => {
  const lines = text.trimEnd().split('\n')
  const values = new Map<string, number>()
  for (let i = 0; i < lines.length; i += 2) {
    const names = lines[i]!.split(' ')
    const numbers = lines[i + 1]!.split(' ')
    expect(numbers[0]).toBe(names[0])
    expect(numbers.length).toBe(names.length)
    for (let k = 1; k < names.length; k++) values.set(names[0]!.replace(':', '.') + names[k], Number(numbers[k]))
  }
  return values
}

test('snmp has the tables of Linux in their order, and what was counted', () => {
  const lab = new TestLab()
  const { a } = lab.pair()
  lab.pass(3)
  a.settings.set('net.ipv4.ip_default_ttl', '77')
  const ping = a.pingSocket()
  ping.echo(1, new Uint8Array(8), ip('10.0.0.2'))
  a.udpSocket().send(new Uint8Array(1), ip('10.0.0.2'), 9)
  lab.pass(1)
  const text = snmpText(a)
  expect(text.match(/^\w+/gm)?.filter((_, i) => i % 2 === 0)).toEqual([
    'Ip',
    'Icmp',
    'IcmpMsg',
    'Tcp',
    'Udp',
    'UdpLite',
  ])
  const values = read(text)
  expect(values.get('Ip.Forwarding')).toBe(2)
  expect(values.get('Ip.DefaultTTL')).toBe(77)
  expect(values.get('Ip.InReceives')).toBe(2)
  expect(values.get('Ip.OutRequests')).toBe(2)
  expect(values.get('Icmp.InMsgs')).toBe(2)
  expect(values.get('Icmp.InDestUnreachs')).toBe(1)
  expect(values.get('Icmp.InEchoReps')).toBe(1)
  expect(values.get('Icmp.OutEchos')).toBe(1)
  expect(values.get('IcmpMsg.InType3')).toBe(1)
  expect(values.get('Tcp.MaxConn')).toBe(-1)
  expect(values.get('Udp.OutDatagrams')).toBe(1)
  a.settings.set('net.ipv4.ip_forward', '1')
  expect(read(snmpText(a)).get('Ip.Forwarding')).toBe(1)
})

test('the columns of Linux 6.1, word for word, where nothing was seen', () => {
  const host = new TestLab().host('h')
  const lines = snmpText(host).split('\n')
  expect(lines[0]).toBe(
    'Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates',
  )
  expect(lines[1]).toBe(`Ip: 2 64${' 0'.repeat(17)}`)
  expect(lines[2]).toBe(
    'Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps',
  )
  expect(lines[4]).toBe(
    'Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors',
  )
  expect(lines[5]).toBe('Tcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0')
  expect(lines[6]).toBe(
    'Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors',
  )
  expect(lines[9]).toBe('UdpLite: 0 0 0 0 0 0 0 0 0')
})

test('snmp6 has a line each, as Linux pads them', () => {
  const lab = new TestLab()
  const { a } = lab.pair()
  lab.pass(3)
  const socket = a.pingSocket(6)
  socket.echo(1, new Uint8Array(8), ip('fd00::2'))
  lab.pass(1)
  const text = snmp6Text(a)
  expect(text.split('\n')[0]).toMatch(/^Ip6InReceives {19}\t[0-9]+$/)
  const values = new Map(
    text
      .trimEnd()
      .split('\n')
      .map(line => line.split(/\s+/) as [string, string]),
  )
  expect(values.get('Icmp6OutEchos')).toBe('1')
  expect(values.get('Icmp6InEchoReplies')).toBe('1')
  expect(values.get('Icmp6InType129')).toBe('1')
  // Detection of duplicates, routers, and the question for fd00::2.
  expect(Number(values.get('Icmp6OutNeighborSolicits'))).toBeGreaterThanOrEqual(2)
  expect(values.get('Icmp6InNeighborAdvertisements')).toBe('1')
  expect(Number(values.get('Icmp6OutRouterSolicits'))).toBeGreaterThanOrEqual(1)
  const types = [...values].filter(([name]) => name.startsWith('Icmp6OutType'))
  expect(types.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(Number(values.get('Icmp6OutMsgs')))
})

test('netstat says what the others do not', () => {
  const lab = new TestLab()
  const { r, r1, a } = lab.routed()
  lab.pass(3)
  a.udpSocket().send(new Uint8Array(1), ip('192.0.2.1'), 9)
  r.settings.set(`net.ipv4.conf.${r1.name}.rp_filter`, '1')
  lab.pass(1)
  const [names, values, ...rest] = netstatText(r).split('\n')
  expect(names).toMatch(/^TcpExt: ArpFilter TW .* IPReversePathFilter /)
  expect(values).toMatch(/^TcpExt:( 0)+$/)
  expect(values?.split(' ')).toHaveLength(names?.split(' ').length ?? 0)
  expect(rest).toEqual(['IpExt: InNoRoutes InTruncatedPkts InCsumErrors', 'IpExt: 1 0 0', ''])
})

test('dev stands in the columns of Linux', () => {
  const lab = new TestLab()
  const { a, la } = lab.pair()
  lab.pass(3)
  const lines = deviceText(a).split('\n')
  expect(lines[2]).toBe(
    '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
  )
  const numbers = lines[3]!.trim().split(/[: ]+/)
  expect(lines[3]).toHaveLength(lines[2]!.length)
  expect(numbers.slice(0, 3)).toEqual(['eth0', String(la.rx.bytes), String(la.rx.packets)])
  expect(numbers[8]).toBe(String(la.rx.multicast))
  expect(numbers.slice(9, 11)).toEqual([String(la.tx.bytes), String(la.tx.packets)])
})

test('if_inet6 shows addresses with their flags', () => {
  const lab = new TestLab()
  const { a, la } = lab.pair()
  a.addAddress(la, { ip: ip('fd00::99'), length: 64, validLifetime: 100, preferredLifetime: 5 })
  expect(ifInet6Text(a)).toContain('fd000000000000000000000000000099 02 40 00 40     eth0\n')
  lab.pass(10)
  const text = ifInet6Text(a)
  expect(text).toContain('00000000000000000000000000000001 01 80 10 80       lo\n')
  expect(text).toContain('fd000000000000000000000000000001 02 40 00 80     eth0\n')
  expect(text).toContain('fd000000000000000000000000000099 02 40 00 20     eth0\n')
  expect(text).toMatch(/^fe80[0-9a-f]{28} 02 40 20 80 {5}eth0$/m)
})

test.each([
  [0, 'EchoReps'],
  [3, 'DestUnreachs'],
  [4, 'SrcQuenchs'],
  [5, 'Redirects'],
  [8, 'Echos'],
  [11, 'TimeExcds'],
  [12, 'ParmProbs'],
  [13, 'Timestamps'],
  [14, 'TimestampReps'],
  [17, 'AddrMasks'],
  [18, 'AddrMaskReps'],
])('ICMP type %i is the column %s', (type, name) => {
  const host = new TestLab().host('h')
  host.counters.add(`Icmp.InType${type}`, 2)
  host.counters.add(`Icmp.OutType${type}`, 3)
  const values = [...read(snmpText(host))].filter(([key, value]) => key.startsWith('Icmp.') && value > 0)
  expect(values).toEqual([
    [`Icmp.In${name}`, 2],
    [`Icmp.Out${name}`, 3],
  ])
})

test.each([
  [1, 'DestUnreachs'],
  [2, 'PktTooBigs'],
  [3, 'TimeExcds'],
  [4, 'ParmProblems'],
  [128, 'Echos'],
  [129, 'EchoReplies'],
  [133, 'RouterSolicits'],
  [134, 'RouterAdvertisements'],
  [135, 'NeighborSolicits'],
  [136, 'NeighborAdvertisements'],
  [137, 'Redirects'],
  [143, 'MLDv2Reports'],
])('ICMPv6 type %i is the line %s', (type, name) => {
  const host = new TestLab().kernel().root
  host.counters.add(`Icmp6.InType${type}`, 2)
  expect(snmp6Text(host)).toMatch(new RegExp(`^Icmp6In${name} +\t2$`, 'm'))
  expect(snmp6Text(host)).toMatch(new RegExp(`^Icmp6InType${type} +\t2$`, 'm'))
})
