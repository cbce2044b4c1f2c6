import { describe, expect, test } from 'vitest'
import { fromUtf8, start, VirtualClock } from '../runtime/index.ts'
import { bench, unreachable, wordsOf } from './bench.testing.ts'
import { programs } from './index.ts'
import { logLine, type Stdio } from './program.ts'

const nobody = unreachable(new VirtualClock())
const recorder = (isTerminal = false): { stdio: Stdio; out: string[]; err: string[] } => {
  const out: string[] = []
  const err: string[] = []
  return {
    out,
    err,
    stdio: {
      isTerminal,
      // biome-ignore lint/correctness/useYield: it never waits
      *print(text) {
        out.push(text)
      },
      // biome-ignore lint/correctness/useYield: it never waits
      *printBytes(bytes) {
        out.push(fromUtf8(bytes))
      },
      // biome-ignore lint/correctness/useYield: it never waits
      *error(text) {
        err.push(text)
      },
      // biome-ignore lint/correctness/useYield: it never waits
      *readAll() {
        return new Uint8Array()
      },
    },
  }
}

describe('without a daemon', () => {
  test.each([
    [
      'ovs-vsctl show',
      ['ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)'],
    ],
    ['ovs-ofctl show s1', ['ovs-ofctl: s1 is not a bridge or a socket']],
    [
      'ovs-appctl version',
      [
        '1970-01-01T00:00:00Z|00001|daemon_unix|WARN|/var/run/openvswitch/ovs-vswitchd.pid: open: No such file or directory',
        'ovs-appctl: cannot read pidfile "/var/run/openvswitch/ovs-vswitchd.pid" (No such file or directory)',
      ],
    ],
  ])('%s', (line, errors) => {
    const { stdio, err } = recorder()
    let status: number | undefined
    const args = wordsOf(line)
    start(programs[args[0] as string]!(args, stdio, nobody), {
      done(result) {
        status = result
      },
    })
    expect([status, err]).toEqual([1, errors])
  })
})

test('each has help and a version', () => {
  const { run } = bench(programs)
  for (const name of Object.keys(programs)) {
    expect(run(`${name} --help`)).toMatchObject({ status: 0, stderr: '' })
    expect(run(`${name} --version`).stdout).toMatch(new RegExp(`^${name} \\(Open vSwitch\\) 3\\.1\\.0\n`))
  }
})

test('wait-until waits for a commit of another', () => {
  const { run } = bench(programs)
  const waiting = run('ovs-vsctl wait-until bridge br0 fail_mode=secure')
  // It has not ended.
  expect(waiting.status).toBe(-1)
  expect(run('ovs-vsctl add-br br0').status).toBe(0)
  expect(waiting.status).toBe(-1)
  expect(run('ovs-vsctl set-fail-mode br0 secure').status).toBe(0)
  expect(waiting.status).toBe(0)
})

test('on a terminal, flows are shown with names and without a header', () => {
  const { connect, run } = bench(programs)
  run('ovs-vsctl add-br br0 -- add-port br0 p1')
  run('ovs-ofctl add-flow br0 priority=7,in_port=1,actions=LOCAL')
  const { stdio, out } = recorder(true)
  start(programs['ovs-ofctl']!(wordsOf('ovs-ofctl --no-stats dump-flows br0'), stdio, connect))
  expect(out.join('')).toBe(' priority=7,in_port=p1 actions=LOCAL\n priority=0 actions=NORMAL\n')
})

test('a failed call changes nothing', () => {
  const { run } = bench(programs)
  run('ovs-vsctl add-br br0')
  expect(run('ovs-vsctl add-port br0 p1 -- set port p1 tag=9999').status).toBe(1)
  expect(run('ovs-vsctl list-ports br0').stdout).toBe('')
  expect(run('ovs-vsctl add-br br1 -- list-br -- add-br br0')).toMatchObject({ stdout: '', status: 1 })
  expect(run('ovs-vsctl list-br').stdout).toBe('br0\n')
})

test('log lines', () => {
  expect(logLine(Date.UTC(2026, 10, 23, 2, 52, 14), 1, 'ofp_port', 'WARN', 'text')).toBe(
    '2026-11-23T02:52:14Z|00001|ofp_port|WARN|text',
  )
})

/** The commands of the field notes' sections "Taps", "OpenFlow" and "VXLAN with Open vSwitch". */
test('the field notes, word for word', () => {
  const { run, files } = bench(programs)
  files.set(
    'flows.txt',
    `  table=0,in_port=1,actions=set_field:100->tun_id,resubmit(,1)
  table=0,in_port=2,actions=set_field:200->tun_id,resubmit(,1)
  table=0,actions=resubmit(,1)
  table=1,tun_id=100,dl_dst=00:00:00:00:00:01,actions=output:1
  table=1,tun_id=100,arp,nw_dst=10.0.0.2,actions=output:10
  table=1,priority=100,actions=drop
`,
  )
  const lines = `ovs-vsctl add-br mybridge
ovs-vsctl show
ovs-vsctl add-port mybridge vport1 -- add-port mybridge vport2
ovs-appctl fdb/show mybridge
ovs-ofctl show mybridge
ovs-ofctl dump-flows mybridge
ovs-vsctl list Bridge
ovs-vsctl list Port
ovs-vsctl list Interface
ovs-vsctl del-br mybridge
ovs-vsctl add-br s1
ovs-ofctl show s1
ovs-ofctl add-flow s1 action=normal
ovs-ofctl del-flows s1
ovs-ofctl add-flow s1 priority=500,in_port=1,actions=output:2
ovs-ofctl add-flow s1 priority=500,dl_type=0x0800,nw_dst=10.0.0.2,actions=output:4
ovs-ofctl add-flow s1 dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,actions=output:2
ovs-vsctl add-port s1 vtep -- set interface vtep type=vxlan option:remote_ip=192.168.2.20 option:key=flow ofport_request=10
ovs-ofctl add-flows s1 flows.txt`
  for (const line of lines.split('\n')) expect({ line, ...run(line) }).toMatchObject({ stderr: '', status: 0 })
  expect(run('ovs-vsctl show').stdout).toMatch(
    /^[-0-9a-f]{36}\n {4}Bridge s1\n(?: {8}Port s1\n {12}Interface s1\n {16}type: internal\n| {8}Port vtep\n {12}Interface vtep\n {16}type: vxlan\n {16}options: \{key=flow, remote_ip="192\.168\.2\.20"\}\n){2}$/,
  )
  expect(run('ovs-vsctl get interface vtep ofport').stdout).toBe('10\n')
  expect(run('ovs-ofctl --no-stats dump-flows s1 table=1').stdout.split('\n')).toContain(
    ' table=1, arp,tun_id=0x64,arp_tpa=10.0.0.2 actions=output:10',
  )
})
