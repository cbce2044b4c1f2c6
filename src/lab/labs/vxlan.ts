import type { Task } from '../../runtime/index.ts'
import { wayOf } from '../check.ts'
import type { Lab } from '../lab.ts'
import type { Network } from '../network.ts'
import { isRight, ping } from '../ping.ts'
import { columnOf, flowsOf, portsOf, reaches } from './looks.ts'
import { underlay } from './two-hypervisors.ts'

const tenants = { 'blue, VNI 100': ['web1', 'db1'], 'red, VNI 200': ['web2', 'db2'] } as const

const addTunnel = (n: number): string =>
  `ovs-vsctl add-port s1 vtep -- set interface vtep type=vxlan option:remote_ip=${tunnelEnd(3 - n)} option:key=flow ofport_request=10`

/** The underlay's address of hypervisor `n`. */
const tunnelEnd = (n: number): string => `192.168.${n}.${n}0`

function* missing(network: Network): Task<string[]> {
  const wrong: string[] = []
  for (const n of [1, 2]) wrong.push(...(yield* lacks(network, n)))
  if (wrong.length > 0) return wrong
  for (const [group, [one, other]] of Object.entries(tenants))
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const result = yield* ping(network, { group, from, to })
      const answered = result.answered.join(' and ')
      if (result.received && !isRight(result))
        wrong.push(
          `${from} of ${group} gets its answer from ${answered}, not ${to}: the flows of table 0 say who is who`,
        )
      else if (!result.received)
        wrong.push(
          `${from} does not reach ${to} (${group}): ${wayOf(to, result.answered)}; capture FILE shows which VNI it has`,
        )
    }
  return wrong
}

/** What hypervisor `n` still needs, the first of it. */
function* lacks(network: Network, n: number): Task<string[]> {
  const hv = `hv${n}`
  const ports = yield* portsOf(network, hv, 's1')
  if (ports === undefined) return [`${hv} has no bridge s1: ovs-vsctl add-br s1`]
  const without = ['vport1', 'vport2'].filter(port => !ports.includes(port))
  if (without.length > 0) return without.map(port => `${port} of ${hv} is not in s1: ovs-vsctl add-port s1 ${port}`)
  if (!ports.includes('vtep')) return [`s1 of ${hv} has no tunnel port vtep: ${addTunnel(n)}`]
  const wrong: string[] = []
  const wanted = { type: 'vxlan', 'options:remote_ip': tunnelEnd(3 - n), 'options:key': 'flow', ofport: '10' }
  for (const [column, value] of Object.entries(wanted)) {
    const found = yield* columnOf(network, hv, 'Interface', 'vtep', column)
    const set = column === 'ofport' ? 'ofport_request' : column
    if (found !== value)
      wrong.push(
        `vtep of ${hv} has ${column} ${found ?? '(none)'}, not ${value}: ovs-vsctl set interface vtep ${set}=${value}`,
      )
  }
  if (wrong.length > 0) return wrong
  if ((yield* flowsOf(network, hv, 's1', 'table=1')).length === 0)
    return [`s1 of ${hv} has no flows in table 1: ovs-ofctl add-flows s1 flows.txt`]
  return (yield* reaches(network, hv, tunnelEnd(3 - n)))
    ? []
    : [`${hv} does not reach ${tunnelEnd(3 - n)}, the other end of the tunnel: ip route, ip -br addr`]
}

export const vxlan: Lab = {
  name: 'vxlan',
  about: 'two tenants on two hypervisors before there is a tunnel: the switches, VTEPs and flows are left to you',
  picture: `
   web1 10.0.0.1    web2 10.0.0.1               db1 10.0.0.2     db2 10.0.0.2
   blue, VNI 100    red, VNI 200                blue, VNI 100    red, VNI 200
        |vport1          |vport2                     |vport1          |vport2
   +----+----------------+----+                 +----+----------------+----+
   | hv1       (s1)           |                 | hv2       (s1)           |
   |           (vtep)         |                 |           (vtep)         |
   |       eth0 192.168.1.10  |                 |       eth0 192.168.2.20  |
   +------------+-------------+                 +------------+-------------+
                |                                            |
                +------ 192.168.1.1  r1  192.168.2.1 --------+`.slice(1),
  build: underlay,
  groups: { underlay: ['hv1', 'hv2'] },
  exercise: {
    task: `
Both tenants use the same addresses and MACs, and shall never meet. Give each hypervisor a bridge s1 with vport1 as
port 1, vport2 as port 2, and a VXLAN port vtep as port 10 to the other hypervisor whose VNI the flows set
(option:key=flow). flows.txt is there on both: its table 0 gives a tenant its VNI, table 1 says where to. Read it
(hv1 cat flows.txt), then hv1 ovs-ofctl add-flows s1 flows.txt.`.slice(1),
    missing,
    solution: [1, 2].flatMap(n =>
      [
        'ovs-vsctl add-br s1',
        'ovs-vsctl add-port s1 vport1',
        'ovs-vsctl add-port s1 vport2',
        addTunnel(n),
        'ovs-ofctl add-flows s1 flows.txt',
      ].map(line => `hv${n} ${line}`),
    ),
  },
}
