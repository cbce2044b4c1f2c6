/**
 * Our switch in the place of ovs-vswitchd: a real ovsdb-server and the real tools cannot tell which of the two they have.
 * Each session is run on both, and must be told the same.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nativeTunnelScript } from './native-tunnels-script.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { treeSessions } from './tree-sessions.ts'
import { lifeScript, vswitchdSessions } from './vswitchd-scripts.ts'
import { later, until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

const dummy = '--disable-system --disable-system-route'
const begin = [
  'ovs-vsctl -t 30 add-br br0 -- set bridge br0 datapath-type=dummy other-config:hwaddr=aa:55:aa:55:00:00',
  ...[1, 2].map(n => `-- add-port br0 p${n} -- set interface p${n} type=dummy ofport_request=${n}`),
].join(' ')

/** A database server of Open vSwitch with a run directory, for one switch or the other. */
class Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-vswitchd-'))
  private readonly server: ChildProcess
  /** The words that start the switch. */
  readonly daemon: string

  constructor(daemon: string) {
    this.daemon = daemon
    const schema = '/usr/share/openvswitch/vswitch.ovsschema'
    const command = `ovsdb-tool create conf.db ${schema} && exec ovsdb-server conf.db --remote=punix:${this.directory}/db.sock --unixctl=none`
    this.server = spawn('sh', ['-c', command], { cwd: this.directory, stdio: 'ignore' })
  }

  /** What commands say, one after the other, with what differs from one run to the next made the same. */
  async told(...lines: string[]): Promise<string> {
    const command = (line: string): string => line.replaceAll('DAEMON', this.daemon).replaceAll('DIR', this.directory)
    const shown = (line: string): string => JSON.stringify(line).replaceAll('\\"', "'")
    const script = lines.map(line => `echo '$' ${shown(line)}; ${command(line)} 2>&1; echo "[$?]"\n`)
    const file = join(this.directory, 'script')
    writeFileSync(file, script.join(''))
    const { stdout, stderr } = await runIn(this.directory, `sh ${file}`, 200_000)
    rmSync(file)
    return `${stdout}${stderr}`
      .replaceAll(this.directory, 'DIR')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/ufid:[-0-9a-f]+/g, 'UFID')
      .replace(/, dp-extra-info:\S+/g, '')
      .replace(/(duration|idle_age|used|sec_since\w+)[=:]"?[0-9.]+"?s?/g, '$1')
      .replace(/aa:55:aa:55:00:(?!00)../g, 'MAC')
      .replace(/actions:([0-9a-z,]+)$/gm, (_all, ports: string) => `actions:${ports.split(',').sort()}`)
      .replace(/missed:\d+/g, 'missed')
      .replace(/(?<==\n)((?!\[).*\n)+/g, rows => `${rows.trim().split('\n').sort().join('\n')}\n`)
      .replace(/cookie=0x0, |\(xid=\S+\)/g, '')
      .replace(/pid \d+/g, 'pid N')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
  }

  /** The lines of its log without times and numbers, and with made-up MACs made the same. */
  log(): string[] {
    return readFileSync(join(this.directory, 'ovs-vswitchd.log'), 'utf8')
      .replaceAll(this.directory, 'DIR')
      .replace(/^[^|]*\|\d+\|/gm, '')
      .replace(/(using datapath ID )0000(?!aa55aa55)\w+/g, '$1ID')
      .split('\n')
      .filter(line => !line.startsWith('memory|'))
  }

  /** The files there, with numbers of processes left out. */
  files(): string {
    const names = readdirSync(this.directory).filter(name => !name.startsWith('.'))
    return names
      .map(name => name.replace(/\.\d+\.ctl/, '.N.ctl'))
      .sort()
      .join(' ')
  }

  async start(dummies = '--enable-dummy=override'): Promise<void> {
    await until(() => existsSync(join(this.directory, 'db.sock')), 'the socket of the database')
    expect(await this.told('ovs-vsctl --retry -t 60 --no-wait init')).toContain('\n[0]\n')
    expect(await this.told(`DAEMON ${dummies} ${dummy} --pidfile --log-file -vconsole:off --detach`)).toContain(
      '\n[0]\n',
    )
  }

  pid(): number {
    return Number(readFileSync(join(this.directory, 'ovs-vswitchd.pid'), 'utf8'))
  }

  async close(): Promise<void> {
    if (existsSync(join(this.directory, 'ovs-vswitchd.pid'))) process.kill(this.pid(), 'SIGKILL')
    this.server.kill('SIGKILL')
    // They write no more when they are gone.
    await later(50)
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 })
  }
}

describe.skipIf(!hasOpenVswitch())('weft vswitchd and ovs-vswitchd', () => {
  let weft: WeftCli
  let places: [ours: Place, real: Place]

  beforeAll(async () => {
    weft = await buildWeft()
    places = [new Place(weft.tool('vswitchd')), new Place('ovs-vswitchd')]
    await Promise.all(places.map(place => place.start()))
  })
  afterAll(async () => {
    await Promise.all((places ?? []).map(place => place.close()))
    weft?.close()
  })

  const both = async (...lines: string[]): Promise<void> => {
    const [ours, real] = await Promise.all(places.map(place => place.told(...lines)))
    expect(ours).toBe(real)
  }

  test.each(Object.entries(vswitchdSessions))('%s', async (_, lines) => {
    await both('ovs-vsctl -t 30 --if-exists del-br br0', begin, ...lines)
  })

  test('how commands are called', async () => {
    const [ours, real] = await Promise.all(places.map(place => place.told('ovs-appctl list-commands')))
    const names = (text = ''): string[] => text.split('\n').filter(line => line.startsWith('  '))
    const known = new Set(names(ours))
    expect([...known].filter(line => !names(real).includes(line))).toEqual([])
    const shared = names(real).filter(line => known.has(line))
    expect(shared.length).toBeGreaterThan(95)
    // With many more arguments than any of them takes, and with none, where it takes some.
    const calls = shared.flatMap(line => {
      const [name = '', usage = ''] = line.trim().split(/\s+/)
      const takesAny = /receive|dpctl.add-|ct-.*-limits|trace|vlog|dump-flows|dpctl.show|exit|list-commands/.test(name)
      const without = usage !== '' && !usage.startsWith('[') ? [`ovs-appctl ${name}`] : []
      return [...without, ...(takesAny ? [] : [`ovs-appctl ${name} ${'x '.repeat(12)}`])]
    })
    await both(...calls)
  })

  test('frames over streams, and in files', async () => {
    const listening = await Promise.all(
      places.map(
        ({ directory }) =>
          new Promise<{ frames: Buffer[]; sockets: Socket[]; close(): void }>(resolve => {
            const got = { frames: [] as Buffer[], sockets: [] as Socket[], close: () => server.close() }
            const server = createServer(socket => {
              got.sockets.push(socket)
              socket.on('data', bytes => got.frames.push(bytes)).on('error', () => {})
            }).listen(join(directory, 'far'), () => resolve(got))
          }),
      ),
    )
    await both('ovs-vsctl -t 30 --if-exists del-br br0')
    await both(
      `${begin} -- set interface p1 options:stream=unix:DIR/far options:pcap=DIR/p1.pcap -- set interface p2 options:pstream=punix:DIR/near options:tx_pcap=DIR/tx.pcap options:rxq_pcap=DIR/rx.pcap`,
    )
    await both('ovs-appctl netdev-dummy/conn-state')
    const near = await Promise.all(
      places.map(
        ({ directory }) =>
          new Promise<{ socket: Socket; frames: Buffer[] }>(resolve => {
            const frames: Buffer[] = []
            const socket = connect(join(directory, 'near'), () => resolve({ socket, frames }))
            socket.on('data', bytes => frames.push(bytes)).on('error', () => {})
          }),
      ),
    )
    const frame = `5054000000075054000000051234${'00'.repeat(46)}`
    await both(`ovs-appctl netdev-dummy/receive p2 ${frame}`)
    for (const { sockets } of listening) sockets[0]?.write(Buffer.from(`003c${frame}`, 'hex'))
    const isThere = ({ frames }: { frames: Buffer[] }): boolean => Buffer.concat(frames).length >= 62
    await until(() => [...listening, ...near].every(isThere), 'a frame over each stream')
    for (const side of [listening, near]) {
      const [ours, real] = side.map(({ frames }) => Buffer.concat(frames).toString('hex'))
      expect(ours).toBe(real)
      expect(ours).toBe(`003c${frame}`)
    }
    const captured = places.map(({ directory }) =>
      ['p1', 'tx', 'rx'].map(name => withoutTimes(readFileSync(join(directory, `${name}.pcap`)))),
    )
    expect(captured[0]).toEqual(captured[1])
    // Less than an Ethernet header ends the connection. Open vSwitch, which keeps it, ends each that comes after, too.
    for (const { sockets } of listening) sockets[0]?.write(Buffer.from('00056162636465', 'hex'))
    await until(() => listening.every(({ sockets }) => sockets[0]?.closed), 'the end of the connections')
    for (const { socket } of near) socket.destroy()
    for (const { close } of listening) close()
    await both('ovs-vsctl -t 30 clear interface p1 options -- clear interface p2 options')
  })

  test.each(Object.entries(treeSessions))('on a stopped clock: %s', async (_, lines) => {
    // Sessions before this one may have asked for more of the log.
    await both(
      'ovs-appctl vlog/set file:info',
      'ovs-appctl time/stop',
      'ovs-vsctl -t 30 --if-exists del-br br0',
      begin,
      ...lines,
    )
  })

  test('tunnels that the datapath makes itself', async () => {
    // Where all devices are dummies, Open vSwitch's tunnels are too.
    const others: [Place, Place] = [new Place(weft.tool('vswitchd')), new Place('ovs-vswitchd')]
    try {
      await Promise.all(others.map(place => place.start('--enable-dummy')))
      const counted = await Promise.all(others.map(place => place.told(begin, ...countedScript)))
      expect(counted[0]).toBe(counted[1])
      const [ours, real] = await Promise.all(others.map(place => place.told(...nativeTunnelScript)))
      expect(ours).toBe(real)
      expect(ours).toContain('tnl_push(tnl_port(4789)')
      expect(ours).toContain('tnl_pop(4789)')
    } finally {
      await Promise.all(others.map(place => place.close()))
    }
  })

  test('the whole log of a session', async () => {
    const others: [Place, Place] = [new Place(weft.tool('vswitchd')), new Place('ovs-vswitchd')]
    try {
      await Promise.all(others.map(place => place.start()))
      const said = await Promise.all(others.map(place => place.told(...loggedScript)))
      expect(said[0]).toBe(said[1])
      const logs = others.map(place => place.log())
      expect(logs[0]).toEqual(logs[1])
      expect(logs[1]?.length).toBeGreaterThan(60)
    } finally {
      await Promise.all(others.map(place => place.close()))
    }
  })

  test('the log of a tunnel with mistakes', async () => {
    const others: [Place, Place] = [new Place(weft.tool('vswitchd')), new Place('ovs-vswitchd')]
    try {
      await Promise.all(others.map(place => place.start('--enable-dummy')))
      const said = await Promise.all(others.map(place => place.told(begin, ...tunnelMistakes)))
      expect(said[0]).toBe(said[1])
      const logs = others.map(place => place.log().filter(line => line.includes('vz')))
      // Open vSwitch looks once more whenever a link of this computer changes.
      const [ours, real] = logs.map(lines => [...new Set(lines)])
      expect(ours).toEqual(real)
      for (const lines of logs) expect(lines.filter(line => line.includes('invalid TOS')).length).toBeGreaterThan(5)
    } finally {
      await Promise.all(others.map(place => place.close()))
    }
  })

  test('from the start to the end', async () => {
    await both(...lifeScript)
    for (const place of places) await place.told('ovs-appctl exit --cleanup')
    await until(
      () => places[0].files() === places[1].files(),
      () => `what one leaves behind: ${places[0].files()}, and the other: ${places[1].files()}`,
    )
    expect(places[0].files()).toBe(places[1].files())
  })
})

/** Mistakes of which the log tells whenever the switch looks at its ports. */
const tunnelMistakes = [
  'ovs-vsctl -t 30 add-port br0 vz -- set interface vz type=vxlan options:tos=3',
  'ovs-vsctl -t 30 get interface vz error ofport',
  'ovs-vsctl -t 30 set bridge br0 other-config:x=1',
  'ovs-vsctl -t 30 set interface vz options:remote_ip=9.9.9.9',
  'ovs-vsctl -t 30 set bridge br0 other-config:x=2',
  'ovs-vsctl -t 30 remove interface vz options remote_ip',
  'ovs-vsctl -t 30 get interface vz error ofport',
  'ovs-vsctl -t 30 set interface vz options:remote_ip=224.0.0.1 options:zz=1',
  'ovs-vsctl -t 30 get interface vz error ofport',
  'ovs-vsctl -t 30 set interface vz options:remote_ip=9.9.9.9 options:tos=4',
  'ovs-vsctl -t 30 get interface vz error',
]

/**
 * What the log of a switch tells of. Names of one transaction are such that Open vSwitch's tables keep them apart: the order
 * of two in one place is that of their rows' names, which are made up.
 */
const loggedScript = [
  'ovs-vsctl -t 30 add-br br0 -- add-port br0 p1 -- add-port br0 v1 -- add-port br0 tun -- set interface tun type=vxlan options:remote_ip=1.2.3.4',
  'ovs-vsctl -t 30 set bridge br0 other-config:hwaddr=aa:55:aa:55:00:00',
  'ovs-vsctl -t 30 add-br br1 -- add-port br1 eth1 -- add-port br0 pa -- set interface pa type=patch options:peer=pb -- add-port br1 pb -- set interface pb type=patch options:peer=pa',
  'ovs-vsctl -t 30 -- --id=@m create mirror name=m0 -- set bridge br0 mirrors=@m',
  'ovs-vsctl -t 30 -- --id=@p get port eth1 -- set mirror m0 output_port=@p',
  'ovs-vsctl -t 30 -- --id=@p get port p1 -- --id=@q get port eth1 -- set mirror m0 output_port=@p select_src_port=@q output_vlan=9',
  'ovs-vsctl -t 30 clear bridge br0 mirrors',
  'ovs-vsctl -t 30 add-port br0 x -- set interface x type=nonsense',
  'ovs-vsctl -t 30 del-port x',
  'ovs-vsctl -t 30 add-port br0 y -- set interface y type=patch',
  'ovs-vsctl -t 30 del-port y',
  'ovs-vsctl -t 30 set bridge br1 protocols=OpenFlow13',
  'ovs-ofctl add-flow br0 in_port=1,actions=drop',
  'ovs-appctl vlog/set bridge:file:warn',
  'ovs-vsctl -t 30 del-port p1 -- del-port v1',
  'ovs-appctl vlog/set bridge:file:info',
  'ovs-vsctl -t 30 del-br br1',
  'ovs-vsctl -t 30 del-br br0',
]

/** Frames, and what was counted of them by daemons that have seen no others. */
const countedScript = [
  'ovs-ofctl add-flow br0 in_port=p1,actions=normal',
  'ovs-ofctl add-flow br0 in_port=p2,actions=drop',
  ...['p1', 'p1', 'p2'].map(
    (port, i) =>
      `ovs-appctl netdev-dummy/receive ${port} 'in_port(1),eth(src=50:54:00:00:00:0${i},dst=50:54:00:00:00:07),eth_type(0x1234)'`,
  ),
  ...[
    'mac_learning_learned',
    'mac_learning_moved',
    'netdev_received',
    'netdev_sent',
    'drop_action_of_pipeline',
    'drop_action_recursion_too_deep',
    'datapath_drop_meter',
    'datapath_drop_upcall_error',
    'nope',
  ].map(name => `ovs-appctl coverage/read-counter ${name}`),
  'ovs-vsctl -t 30 del-br br0',
  'ovs-appctl coverage/read-counter mac_learning_learned',
]

/** A capture file's bytes in hexadecimal, each record without the time. */
const withoutTimes = (bytes: Buffer): string => {
  const parts = [bytes.subarray(0, 24)]
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8))
    parts.push(bytes.subarray(at + 8, at + 16 + bytes.readUInt32LE(at + 8)))
  return Buffer.concat(parts).toString('hex')
}
