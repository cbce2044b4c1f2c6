import fc from 'fast-check'
import type { Match } from '../flow/match.ts'
import { normalize, parseMatch } from '../flow/match-text.ts'

const port = fc.oneof(fc.nat(7), fc.constantFrom(0, 0xfeff, 0xfff8, 0xfffe))
const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map(parts => parts.join('.'))
const mac = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  .map(parts => `02:00:00:${parts.map(part => part.toString(16)).join(':')}`)
const short = fc.nat(0xffff)
const long = fc.oneof(fc.nat(3), fc.nat(0xffffffff))

/** Matches of a few kinds, as tables have them. */
export const matchLine = fc.oneof(
  fc
    .tuple(port, octets, fc.constantFrom('', '/24', '/255.0.255.0', '/0'), short)
    .map(([p, ip, mask, tp]) => `udp,in_port=${p},nw_src=${ip}${mask},tp_dst=${tp}`),
  fc.tuple(octets, short, short).map(([ip, from, to]) => `tcp,nw_dst=${ip},tp_src=${from},tp_dst=${to}`),
  fc.tuple(short, fc.constantFrom('', '/0xff0')).map(([tp, mask]) => `sctp,tp_dst=${tp}${mask}`),
  fc.tuple(mac, mac, fc.nat(4095)).map(([from, to, vid]) => `dl_src=${from},dl_dst=${to},dl_vlan=${vid}`),
  fc.tuple(mac, octets).map(([hw, ip]) => `arp,arp_op=1,arp_spa=${ip},arp_sha=${hw}`),
  fc
    .tuple(long, long, long)
    .map(([a, b, c]) => `reg0=${a},reg3=${b}/0xff00ff,metadata=0x${a.toString(16)}${c.toString(16)},tun_id=${c}`),
  fc.tuple(long, port).map(([mark, p]) => `pkt_mark=${mark},actset_output=${p % 8},in_port=${p}`),
  fc.tuple(fc.constantFrom(135, 136, 1), mac).map(([type, hw]) => {
    const base = `icmp6,icmp_type=${type},icmp_code=0`
    return type === 1 ? base : `${base},${type === 135 ? 'nd_sll' : 'nd_tll'}=${hw}`
  }),
  fc
    .tuple(fc.bigInt(0n, (1n << 64n) - 1n), short)
    .map(([v, a]) => `xxreg2=${v},metadata=${a}/0xffff,tun_metadata1=${a}`),
)

export const matchOf = (line: string): Match => {
  const parsed = parseMatch(line)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return normalize(parsed.match).match
}
