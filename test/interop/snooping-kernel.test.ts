import { describe, expect, test } from 'vitest'
import { second } from '../../src/runtime/clock.ts'
import type { QuerierOptions } from '../../src/switch/snooping/querier.ts'
import { showGroups } from '../../src/switch/snooping/show.ts'
import type { SnoopingOptions } from '../../src/switch/snooping/table.ts'
import { formatIp4, type Ip4, multicastMac, parseIp4, parseIp6 } from '../../src/wire/address.ts'
import { pushEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { pushIpv4 } from '../../src/wire/ipv4.ts'
import { pushIpv6 } from '../../src/wire/ipv6.ts'
import { dissect } from '../../src/wire/layers.ts'
import { type Carried, hasKernelBridges, type KernelWires, startKernelWires } from './kernel-wires.testing.ts'

const ip = (text: string): Ip4 => parseIp4(text) as Ip4

const hwaddr = 0x020000000177

/** What a stranger sends to a group. */
const data = (group: string): Uint8Array => {
  const frame = Frame.from(Uint8Array.of(0, 1, 0, 2, 0, 8, 0, 0))
  const dst = parseIp4(group)
  if (dst !== undefined) {
    pushIpv4(frame, { src: ip('10.0.0.7'), dst, protocol: 17, ttl: 1 })
    return pushEthernet(frame, { dst: multicastMac(dst), src: 0x12, type: 0x0800 }).content()
  }
  const dst6 = parseIp6(group) as bigint
  pushIpv6(frame, { src: parseIp6('fe80::7') as bigint, dst: dst6, nextHeader: 17, hopLimit: 1 })
  return pushEthernet(frame, { dst: multicastMac(dst6), src: 0x12, type: 0x86dd }).content()
}

/** Questions among frames, as `1 igmp3 10.0.0.1 all` or `2 mld1 239.1.1.1`, with the cable in front. */
const questions = (frames: readonly Carried[]): string[] =>
  frames.flatMap(({ wire, bytes }) => {
    let source = ''
    for (const layer of dissect(bytes)) {
      if (layer.protocol === 'ip' && layer.value) source = formatIp4(layer.value.src)
      if (layer.protocol === 'igmp' && layer.value?.kind === 'query')
        return [
          `${wire} igmp${layer.value.v3 ? 3 : 2} ${source} ${layer.value.group === 0 ? 'all' : formatIp4(layer.value.group)}`,
        ]
      if (layer.protocol === 'mld' && layer.value?.kind === 'query')
        return [`${wire} mld${layer.value.v2 ? 2 : 1} ${layer.value.group === 0n ? 'all' : 'group'}`]
    }
    return []
  })

const groups = ({ bridge, now }: KernelWires): string =>
  bridge.snooping === undefined ? '' : showGroups(bridge.snooping.table, now())
/** Whether a group is on a port. */
const has = (wires: KernelWires, port: number, group: string): boolean =>
  groups(wires)
    .split('\n')
    .some(line => line.trim().split(/ +/).slice(0, 3).join(' ') === `${port} 0 ${group}`)

/** The cables by which data for a group goes that comes from the last. */
const reached = (wires: KernelWires, group: string): number[] => {
  wires.sent.splice(0)
  wires.receive(wires.ports.length, data(group))
  return wires.sent.map(({ wire }) => wire)
}

const start = async (name: string, snooping: SnoopingOptions): Promise<KernelWires> => {
  const wires = await startKernelWires(name, 3, { hwaddr, snooping })
  wires.run('sysctl -q -w net.ipv6.conf.default.router_solicitations=0')
  return wires
}

/** A host at a device of the kernel. */
const host = ({ run }: KernelWires, device: string, number: number): void => {
  run(`sysctl -q -w net.ipv6.conf.${device}.router_solicitations=0`)
  run(`ip addr add 10.0.${number}.1/24 dev ${device}`)
  run(`ip link set ${device} up`)
}
const wants = ({ run }: KernelWires, device: string, group: string, what: 'add' | 'del' = 'add'): void =>
  void run(`ip addr ${what} ${group}/${group.includes(':') ? 128 : 32} dev ${device} autojoin`)

const versions = [
  { igmp: 1, mld: 1 },
  { igmp: 2, mld: 1 },
  { igmp: 3, mld: 2 },
]

describe.runIf(hasKernelBridges())('multicast snooping with hosts and bridges of the kernel', () => {
  test.concurrent('hosts of all versions come and go, and time ends what they forget', async () => {
    const wires = await start('hosts', { agingTime: 15, disableFloodUnregistered: true })
    try {
      host(wires, 'v1', 1)
      for (const { igmp, mld } of versions) {
        wires.run(`sysctl -q -w net.ipv4.conf.v1.force_igmp_version=${igmp} net.ipv6.conf.v1.force_mld_version=${mld}`)
        const [four, six] = [`239.1.1.${igmp}`, `ff0e::${igmp}`]
        for (const group of [four, six]) {
          expect(reached(wires, group)).toEqual([])
          wants(wires, 'v1', group)
          await wires.until(
            () => has(wires, 1, group),
            () => groups(wires),
          )
          expect(reached(wires, group)).toEqual([1])
          wants(wires, 'v1', group, 'del')
        }
        await wires.until(
          () => !has(wires, 1, six) && (igmp === 1 || !has(wires, 1, four)),
          () => groups(wires),
        )
      }
      // Version 1 cannot leave.
      expect(has(wires, 1, '239.1.1.1')).toBe(true)
      await wires.until(
        () => !has(wires, 1, '239.1.1.1'),
        () => groups(wires),
      )
    } finally {
      wires.close()
    }
  })

  test.concurrent('a host leaves, another behind the same port stays', async () => {
    const querier = { interval: 8, address: ip('10.0.0.1') }
    const wires = await start('leave', { querier, disableFloodUnregistered: true })
    try {
      wires.run('ip link add k0 type bridge mcast_snooping 0')
      wires.run('ip link set v1 master k0 up')
      for (const [number, [device, end]] of [
        ['h1', 'e1'],
        ['h2', 'e2'],
      ].entries()) {
        wires.run(`ip link add ${device} type veth peer name ${end}`)
        wires.run(`ip link set ${end} master k0 up`)
        host(wires, device as string, number + 1)
      }
      wires.run('ip link set k0 up')
      for (const group of ['239.1.1.1', 'ff0e::1']) {
        for (const device of ['h1', 'h2']) wants(wires, device, group)
        await wires.until(
          () => has(wires, 1, group),
          () => groups(wires),
        )
        wires.sent.splice(0)
        wants(wires, 'h1', group, 'del')
        const asked = group.includes(':') ? '1 mld2 group' : '1 igmp3 10.0.0.1 239.1.1.1'
        await wires.until(
          () => questions(wires.sent).includes(asked),
          () => questions(wires.sent).join('\n'),
        )
        // h2 answers in time, so that the group is there when nobody is waited for any more.
        const over = wires.now() + 3 * second
        await wires.until(
          () => wires.now() > over && has(wires, 1, group),
          () => groups(wires),
        )
        expect(reached(wires, group)).toEqual([1])
        wants(wires, 'h2', group, 'del')
        await wires.until(
          () => !has(wires, 1, group),
          () => groups(wires),
        )
      }
    } finally {
      wires.close()
    }
  })

  /** A bridge of the kernel that asks every two seconds; ours begins to when it has been heard. */
  const bothAsk = async (wires: KernelWires, querier: QuerierOptions): Promise<void> => {
    const { run } = wires
    const times = 'mcast_query_interval 200 mcast_startup_query_interval 100 mcast_query_response_interval 100'
    const options = `mcast_snooping 1 mcast_query_use_ifaddr 1 ${times} mcast_querier_interval 3000`
    run(`ip link add k0 address 02:00:00:00:01:00 type bridge ${options}`)
    run('ip addr add 10.0.0.5/24 dev k0')
    run('ip link set v1 master k0 up')
    run('ip link set k0 up')
    run('ip link set k0 type bridge mcast_querier 1')
    for (const asked of ['1 igmp2 10.0.0.5 all', '1 mld1 all'])
      await wires.until(() => questions(wires.heard).includes(asked), heard(wires))
    wires.enter(() => wires.bridge.configure({ hwaddr, snooping: { querier: { interval: 2, ...querier } } }))
  }
  const heard = (wires: KernelWires) => (): string => `${questions(wires.heard).join('\n')}\n${groups(wires)}`
  const rounds = (wires: KernelWires, question: string): number =>
    questions(wires.sent).filter(text => text === question).length

  test.concurrent('the kernel asks where its address is the lower, until it does not', async () => {
    const wires = await start('higher', {})
    const asks = (family: 0 | 0n): boolean => wires.bridge.snooping?.asks(0, family) === true
    try {
      await bothAsk(wires, { address: ip('10.0.0.9') })
      await wires.until(() => !asks(0) && !asks(0n), heard(wires))
      expect(has(wires, 1, 'querier')).toBe(true)
      wires.run('ip link set k0 type bridge mcast_querier 0')
      await wires.until(() => asks(0) && asks(0n), heard(wires))
      wires.sent.splice(0)
      await wires.until(
        () => rounds(wires, '2 igmp3 10.0.0.9 all') > 0 && rounds(wires, '2 mld2 all') > 0,
        heard(wires),
      )
    } finally {
      wires.close()
    }
  })

  test.concurrent('the kernel leaves it to us where our address is the lower', async () => {
    const wires = await start('lower', {})
    try {
      await bothAsk(wires, { address: ip('10.0.0.2'), igmpVersion: 2 })
      await wires.until(() => rounds(wires, '1 igmp2 10.0.0.2 all') > 0, heard(wires))
      // Its question may have been on its way when ours was; from the next on it is silent, though it is its turn as often.
      await wires.until(() => rounds(wires, '1 igmp2 10.0.0.2 all') > 1, heard(wires))
      wires.heard.splice(0)
      await wires.until(() => rounds(wires, '1 igmp2 10.0.0.2 all') > 4, heard(wires))
      expect(questions(wires.heard).filter(text => text.includes('igmp'))).toEqual([])
      expect(wires.run('bridge -d mdb show')).toMatch(/router ports on k0: v1/)
    } finally {
      wires.close()
    }
  })
})
