/** What a host tells multicast routers: Linux and ours do the same things, and the frames are the same, byte for byte. */
import { describe, expect, test } from 'vitest'
import { namespaces } from '../../scripts/namespaces.mjs'
import { Kernel, type UdpSocket } from '../../src/host/index.ts'
import { second, seeded, VirtualClock } from '../../src/runtime/index.ts'
import { type Ip, type Ip4, type Ip6, isIp6, multicastMac, parseIp } from '../../src/wire/address.ts'
import { pushEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { type Igmp, igmpFrame, routerAlertOption } from '../../src/wire/igmp.ts'
import { pushIpv4 } from '../../src/wire/ipv4.ts'
import { pushIpv6 } from '../../src/wire/ipv6.ts'
import { pushIpv6Options, routerAlertMld } from '../../src/wire/ipv6-options.ts'
import { type Mld, mldFrame } from '../../src/wire/mld.ts'

const ip = (text: string): Ip => parseIp(text) as Ip
const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

/** A question as a router's frame; the group's own address gets it, or all hosts. */
const igmpQuery = (group: string, maxResponse: number, sources?: string[]): string => {
  const v3 = { suppress: false, robustness: 2, interval: 125, sources: (sources ?? []).map(ip) as Ip4[] }
  const igmp: Igmp = { kind: 'query', group: ip(group) as Ip4, maxResponse, ...(sources === undefined ? {} : { v3 }) }
  const dst = igmp.group === 0 ? 0xe0000001 : igmp.group
  const frame = igmpFrame(igmp)
  pushIpv4(frame, { src: ip('10.0.0.1') as Ip4, dst, protocol: 2, ttl: 1, options: routerAlertOption })
  return hex(pushEthernet(frame, { dst: multicastMac(dst), src: 0x020000000001, type: 0x0800 }).content())
}

const mldQuery = (group: string, maxResponse: number, sources?: string[]): string => {
  const v2 = { suppress: false, robustness: 2, interval: 125, sources: (sources ?? []).map(ip) as Ip6[] }
  const mld: Mld = { kind: 'query', group: ip(group) as Ip6, maxResponse, ...(sources === undefined ? {} : { v2 }) }
  const dst = mld.group === 0n ? (0xff02n << 112n) | 1n : mld.group
  const ends = { src: ip('fe80::1') as Ip6, dst }
  const frame = pushIpv6Options(mldFrame(mld, ends), 58, [routerAlertMld])
  pushIpv6(frame, { ...ends, nextHeader: 0, hopLimit: 1 })
  return hex(pushEthernet(frame, { dst: multicastMac(dst), src: 0x020000000001, type: 0x86dd }).content())
}

/** What happens: a socket does something with a group (and a source), or a frame comes. */
type Step = readonly [call: string, socket: string, group: string, source?: string] | readonly ['hear', string]

const steps: readonly Step[] = [
  ['join', 'a', '239.1.1.1'],
  ['join', 'b', 'ff15::1'],
  ['hear', igmpQuery('0.0.0.0', 10, [])],
  ['hear', mldQuery('::', 1000, [])],
  ['hear', igmpQuery('239.1.1.1', 10, [])],
  ['hear', igmpQuery('239.9.9.9', 10, [])],
  ['join', 'c', '239.1.1.1'],
  ['leave', 'a', '239.1.1.1'],
  ['leave', 'c', '239.1.1.1'],
  ['leave', 'b', 'ff15::1'],
  ['joinSource', 'a', '232.1.1.1', '10.0.0.9'],
  ['joinSource', 'a', '232.1.1.1', '10.0.0.8'],
  ['hear', igmpQuery('232.1.1.1', 10, ['10.0.0.8', '10.0.0.7'])],
  ['hear', igmpQuery('232.1.1.1', 10, ['10.0.0.7'])],
  ['leaveSource', 'a', '232.1.1.1', '10.0.0.9'],
  ['join', 'c', '232.1.1.1'],
  ['leaveSource', 'a', '232.1.1.1', '10.0.0.8'],
  ['blockSource', 'c', '232.1.1.1', '10.0.0.7'],
  ['hear', igmpQuery('232.1.1.1', 10, ['10.0.0.7'])],
  ['hear', igmpQuery('232.1.1.1', 10, ['10.0.0.7', '10.0.0.6'])],
  ['hear', igmpQuery('0.0.0.0', 10, [])],
  ['joinSource', 'a', '232.1.1.1', '10.0.0.7'],
  ['leave', 'c', '232.1.1.1'],
  ['leaveSource', 'a', '232.1.1.1', '10.0.0.7'],
  ['join', 'a', '224.0.0.251'],
  ['leave', 'a', '224.0.0.251'],
  // From here on routers are old.
  ['join', 'a', '239.2.2.2'],
  ['join', 'b', 'ff15::2'],
  ['hear', igmpQuery('0.0.0.0', 10)],
  ['hear', mldQuery('ff15::2', 1000)],
  ['leave', 'a', '239.2.2.2'],
  ['leave', 'b', 'ff15::2'],
  ['join', 'a', '239.3.3.3'],
  ['hear', igmpQuery('0.0.0.0', 0)],
  ['leave', 'a', '239.3.3.3'],
]

/** Seconds that a step has: what routers are told unasked in the older versions takes up to ten, and so does version 1. */
const pause = (index: number): number => (index === 32 || index === 33 ? 11 : 1.6)

const setup = `
ip link add e0 type veth peer name wire
sysctl -qw net.ipv6.conf.wire.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.e0.rp_filter=0
ip link set e0 address 02:00:00:00:00:02
ip addr add 10.0.0.2/24 dev e0
ip link set wire up
ip link set e0 up
sleep 5
`

const python = `
import json, select, socket, struct, sys, time
steps = json.loads(sys.argv[1])
index = socket.if_nametoindex('e0')
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(('wire', 0))
sockets = {}
calls = {'join': 35, 'leave': 36, 'joinSource': 39, 'leaveSource': 40, 'unblockSource': 37, 'blockSource': 38}
def about(frame):
    return frame[12:14] == b'\\x08\\x00' and frame[23] == 2 or frame[12:14] == b'\\x86\\xdd' and frame[20] == 0 and frame[54] == 58
for step, seconds in steps:
    seen = []
    if step[0] == 'hear':
        wire.send(bytes.fromhex(step[1]))
    else:
        six = ':' in step[2]
        family = socket.AF_INET6 if six else socket.AF_INET
        group = socket.inet_pton(family, step[2])
        if step[1] not in sockets: sockets[step[1]] = socket.socket(family, socket.SOCK_DGRAM)
        if six: option, value = (20 if step[0] == 'join' else 21), group + struct.pack('@I', index)
        elif len(step) > 3: option, value = calls[step[0]], group + socket.inet_aton('10.0.0.2') + socket.inet_aton(step[3])
        else: option, value = calls[step[0]], group + bytes(4) + struct.pack('@i', index)
        sockets[step[1]].setsockopt(41 if six else 0, option, value)
    end = time.time() + seconds
    while time.time() < end:
        if select.select([wire], [], [], max(0, end - time.time()))[0]:
            frame, (_, _, kind, _, _) = wire.recvfrom(2000)
            if kind != 4 and about(frame): seen.append(frame.hex())
    print(json.dumps(seen))
`

const isRoot = (): boolean => {
  const net = namespaces()
  try {
    net.add('groups')
    net.run('groups', 'python3 -c pass')
    return true
  } catch {
    return false
  } finally {
    net.remove()
  }
}

/** What Linux sent at each step. */
const linux = async (): Promise<string[][]> => {
  const net = namespaces()
  try {
    net.add('groups')
    net.run('groups', ['sh', '-ec', setup])
    const timed = steps.map((step, index) => [step, pause(index)])
    const { stdout, stderr } = await net.attempt('groups', ['python3', '-c', python, JSON.stringify(timed)])
    expect(stderr).toBe('')
    return stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as string[])
  } finally {
    net.remove()
  }
}

/** What we send at each step. */
const ours = (): string[][] => {
  const clock = new VirtualClock()
  const { root } = new Kernel({ clock, random: seeded(1), name: 'h' })
  const made = root.links.add('eth', 'e0', { mac: 0x020000000002 })
  if (!made.ok) throw new Error(made.errno)
  const link = made.value
  let seen: string[] = []
  link.plug({
    send: frame => {
      const bytes = frame.content()
      const about =
        (bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 2) ||
        (bytes[12] === 0x86 && bytes[20] === 0 && bytes[54] === 58)
      if (about) seen.push(hex(bytes))
    },
  })
  link.setUp(true)
  root.addAddress(link, { ip: ip('10.0.0.2'), length: 24 })
  clock.runUntil(5 * second)
  seen = []
  const sockets = new Map<string, UdpSocket>()
  return steps.map((step, index) => {
    const [call, name, groupText = '', source] = step
    if (call === 'hear')
      link.deliver(Frame.from(Uint8Array.from(name.match(/../g) ?? [], pair => Number.parseInt(pair, 16))))
    else {
      const group = ip(groupText)
      const socket = sockets.get(name) ?? root.udpSocket(isIp6(group) ? 6 : 4)
      sockets.set(name, socket)
      const result =
        source === undefined
          ? socket[call as 'join'](group, link)
          : socket[call as 'joinSource'](group, link, ip(source))
      if (!result.ok) throw new Error(`${step}: ${result.errno}`)
    }
    clock.runUntil(clock.now() + pause(index) * second)
    return seen.splice(0)
  })
}

describe.runIf(isRoot())('a host and its groups', () => {
  test('tell routers what Linux tells them', { timeout: 300_000 }, async () => {
    const real = await linux()
    const simulated = ours()
    expect(simulated.flat().length).toBeGreaterThan(30)
    for (const [index, step] of steps.entries()) expect(simulated[index], `${index} ${step}`).toEqual(real[index])
  })
})
