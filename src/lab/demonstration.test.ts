import { describe, expect, test } from 'vitest'
import { dissect } from '../wire/layers.ts'
import { demonstrate, pingAll } from './demonstration.ts'
import type { Lab } from './lab.ts'
import { labs } from './labs/index.ts'
import { twoHypervisors } from './labs/two-hypervisors.ts'
import { Network } from './network.ts'
import { isRight, type PingResult, pairs } from './ping.ts'

const up = (lab: Lab = twoHypervisors): Network => {
  const net = new Network()
  lab.build(net)
  net.settle()
  return net
}

const show = (net: Network, lab: Lab = twoHypervisors) => {
  let text = ''
  const result = net.finish(
    demonstrate(net, lab, more => {
      text += more
    }),
  )
  return { ...result, text }
}

const pull = (net: Network, end: string): void => {
  for (const cable of net.cables) if (cable.a.name === end || cable.b.name === end) cable.plugged = false
}

/** `web1 -> db1: db1`, who answered each ping. */
const answers = (results: readonly PingResult[]): Record<string, string> =>
  Object.fromEntries(
    results.map(({ from, to, received, answered }) => [`${from} ${to}`, received ? answered.join('+') : '']),
  )

/** The pairs whose ping is not right. */
const wrong = (results: readonly PingResult[]): string[] =>
  results.filter(result => !isRight(result)).map(({ from, to }) => `${from} ${to}`)

describe('the demonstration', () => {
  test.each(labs)('of $name holds what the lab promises', lab => {
    const net = up(lab)
    const { results, passed, text } = show(net, lab)
    expect(wrong(results)).toEqual([])
    expect(results).toHaveLength(pairs(lab).length)
    expect(passed).toBe(true)
    expect(text.startsWith(`*** Lab ${lab.name}: ${lab.about}\n\n${lab.picture}\n\n*** `)).toBe(true)
    expect(text.includes('*** Cables:\n')).toBe(net.cables.length > 0)
    expect(text.includes(`*** Task:\n${lab.exercise?.task}\n\n*** Check:\n`)).toBe(lab.exercise !== undefined)
    const all = `*** Results: 0% dropped (${results.length}/${results.length} received)\n`
    expect(text.includes(all)).toBe(results.length > 0)
    expect(text).not.toContain('\n\n\n')
    expect(text.split('\n').every(line => line.length <= 120 && line === line.trimEnd())).toBe(true)
  })

  test('takes one frame apart, layer by layer', () => {
    const { frame, text } = show(up())
    const layers = dissect(frame!.bytes, frame!.start, frame!.end)
    expect(layers.map(({ protocol }) => protocol)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'ip', 'icmp', 'data'])
    const shown = text.slice(text.indexOf('*** The ping from web1 to db1, as it leaves hv1:eth0:'))
    for (const part of ['192.168.1.10 > 192.168.2.20', '> 4789', 'VNI 100', '10.0.0.1 > 10.0.0.2', 'echo request'])
      expect(shown).toContain(part)
  })

  test('says that tenants with one address are apart', () => {
    const { text } = show(up())
    expect(text).toContain('*** Apart: 10.0.0.2 is db1 for web1 (blue, VNI 100) and db2 for web2 (red, VNI 200)\n')
    expect(text).toContain('*** Apart: 10.0.0.1 is web1 for db1 (blue, VNI 100) and web2 for db2 (red, VNI 200)\n')
  })
})

describe('what is broken is seen', () => {
  test('a VM without its cable gets no answers, and nobody answers in its place', () => {
    const net = up()
    pull(net, 'db1:eth0')
    const { results, passed, text } = show(net)
    expect(passed).toBe(false)
    expect(wrong(results)).toEqual(['web1 db1', 'db1 web1'])
    expect(answers(results)).toMatchObject({ 'web1 db1': '', 'web2 db2': 'db2', 'db2 web2': 'web2' })
    expect(text).toContain('*** Results: 33% dropped (4/6 received)\n')
    expect(text).toMatch(/^blue, VNI 100 +web1 -> db1 +10\.0\.0\.2 +no answer$/m)
    expect(text).not.toContain('*** Apart: 10.0.0.2')
    // db2 has the address that web1 asks for: it must not have heard of it.
    expect(net.get('db2').kernel.root.counters.get('Icmp.InType8')).toBe(1)
  })

  test('a hypervisor without its cable: nothing crosses, and there is no frame to show', () => {
    const net = up()
    pull(net, 'hv1:eth0')
    const { results, passed, frame, text } = show(net)
    expect([passed, frame]).toEqual([false, undefined])
    expect(results.some(({ received }) => received)).toBe(false)
    expect(text).toContain('*** Results: 100% dropped (0/6 received)\n')
    expect(text).toContain('no frame of it came by\n')
  })

  test('a VNI that differs on the other side', () => {
    const net = up()
    net.type('hv2', 'ovs-ofctl add-flow br-int "table=0,in_port=1,actions=set_field:101->tun_id,resubmit(,1)"')
    const { results, passed } = show(net)
    expect(passed).toBe(false)
    expect(wrong(results)).toEqual(['web1 db1', 'db1 web1'])
    expect(answers(results)).toMatchObject({ 'web2 db2': 'db2', 'db2 web2': 'web2', 'hv1 hv2': 'hv2' })
  })

  test('a tunnel to the wrong remote', () => {
    const net = up()
    net.type('hv1', 'ovs-vsctl set interface vtep options:remote_ip=192.168.2.21')
    const { results, passed } = show(net)
    expect(passed).toBe(false)
    expect(wrong(results)).toEqual(['web1 db1', 'db1 web1', 'web2 db2', 'db2 web2'])
    // And right again when it is put right.
    net.type('hv1', 'ovs-vsctl set interface vtep options:remote_ip=192.168.2.20')
    expect(wrong(show(net).results)).toEqual([])
  })

  test('tenants that are mixed up answer, but not as who was meant', () => {
    const net = up()
    for (const tenant of [100, 200])
      net.type(
        'hv2',
        `ovs-ofctl add-flow br-int table=1,tun_id=${tenant},dl_dst=00:00:00:00:00:02,actions=output:${3 - tenant / 100}`,
      )
    let text = ''
    const results = net.finish(
      pingAll(net, twoHypervisors, more => {
        text += more
      }),
    )
    expect(wrong(results)).toContain('web1 db1')
    expect(results.find(({ from, to }) => from === 'web1' && to === 'db1')!.answered).not.toEqual(['db1'])
    expect(text).not.toContain('*** Apart: 10.0.0.2')
  })

  test('other pings that go on meanwhile are not taken for strays', () => {
    const net = up()
    net.type('web1', 'ping -i 0.05 10.0.0.2 > /dev/null &')
    net.type('web2', 'ping -f -c 500 10.0.0.2 > /dev/null &')
    expect(wrong(show(net).results)).toEqual([])
  })

  test('a lab that shows a cable end that is not there is a mistake in the lab', () => {
    const lab = { ...twoHypervisors, shown: { from: 'web1', to: 'db1', at: 'hv1:eth9' } }
    expect(() => show(up(lab), lab)).toThrow('two-hypervisors: no cable end is named hv1:eth9')
  })
})
