/** Networks of our switches, run by controllers that others wrote. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bridge } from '../../src/switch/bridge.ts'
import { freePort, hasOsKen, type Process, startOsKen, startProcess } from './controllers/controller.testing.ts'
import { type Line, startLine } from './controllers/line.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'

const control = async (line: Line, targets: readonly string[], version = 'OpenFlow10'): Promise<void> => {
  for (const name of line.network.daemons.keys()) {
    if (!name.startsWith('s')) continue
    const say = async (command: string): Promise<void> => {
      const { status, stderr } = await line.run(name, command)
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' })
    }
    // A bridge that is secure keeps what another controller told it; the new one must not find it, nor lose what it says.
    await say(`ovs-vsctl del-controller br0 -- set bridge br0 protocols=${version}`)
    await say(`ovs-ofctl -O ${version} del-flows br0`)
    await say(`ovs-vsctl set-controller br0 ${targets.join(' ')}`)
    for (const target of targets)
      await line.run(
        name,
        `ovs-vsctl set controller $(ovs-vsctl --bare --columns=_uuid find controller target='"${target}"' | head -n 1) max_backoff=1000`,
      )
  }
}

const bridgeOf = (line: Line, name: string): Bridge | undefined =>
  line.network.daemons.get(name)?.hand.made.get('br0')?.bridge

const isConnected = (line: Line, name: string, target?: string): boolean =>
  [...(line.network.daemons.get(name)?.hand.made.values() ?? [])].every(({ agent }) =>
    [...agent.peers].some(
      ({ connection }) =>
        connection.kind === 'primary' &&
        connection.version !== undefined &&
        (target === undefined || connection.name === target),
    ),
  )

const allConnected = async (line: Line, controller: Process, target?: string): Promise<void> => {
  const names = [...line.network.daemons.keys()].filter(name => name.startsWith('s'))
  await until(
    () => names.every(name => isConnected(line, name, target)),
    () => `not connected: ${controller.output}`,
  )
}

/** Every host pings every other. */
const pingAll = async (line: Line): Promise<string[]> => {
  const hosts = [...line.network.machines.keys()].filter(name => name.startsWith('h'))
  const pairs = hosts.flatMap(from => hosts.filter(to => to !== from).map(to => [from, to] as const))
  const failed: string[] = []
  for (const [from, to] of pairs) {
    const { status } = await line.run(from, `ping -c 1 -W 2 10.0.0.${to.slice(1)}`)
    if (status !== 0) failed.push(`${from} ${to}`)
  }
  return failed
}

describe.skipIf(!hasOpenVswitch() || !hasOsKen())('a line of three switches', () => {
  let line: Line
  beforeAll(() => {
    line = startLine(3)
  })
  afterAll(() => line?.close())

  describe('os-ken: a learning switch', () => {
    test.each([
      ['OpenFlow10', 1],
      ['OpenFlow12', 3],
      ['OpenFlow13', 4],
      ['OpenFlow14', 5],
      ['OpenFlow15', 6],
    ])('%s', async (name, version) => {
      const port = await freePort()
      const controller = startOsKen(['learning_switch.py'], port, { env: { WEFT_VERSION: String(version) } })
      try {
        await until(
          () => controller.output.includes('OFPHandler'),
          () => controller.output,
        )
        await control(line, [`tcp:127.0.0.1:${port}`], name)
        await allConnected(line, controller)
        // From 1.3 on nothing goes to the controller before it has asked for that.
        if (version > 1)
          await until(
            () => ['s1', 's2', 's3'].every(each => (bridgeOf(line, each)?.flows.dump().length ?? 0) > 0),
            () => `no flows from os-ken: ${controller.output}`,
          )
        expect(await pingAll(line), controller.output).toEqual([])
        const { stdout } = await line.run('s2', `ovs-ofctl -O ${name} dump-flows br0`)
        // Each of the six ordered pairs goes through the switch in the middle.
        expect(stdout.match(/priority=10,in_port=.*dl_src=.*dl_dst=.*actions=output:/g)).toHaveLength(6)
        expect(controller.output).not.toMatch(/Traceback|malformed/)
      } finally {
        await controller.stop()
      }
    })
  })

  test('ovs-testcontroller, with ovs-ofctl snoop and monitor beside it', async () => {
    const port = await freePort()
    const controller = startProcess(
      'ovs-testcontroller',
      [`ptcp:${port}:127.0.0.1`, `--unixctl=${line.directory}/controller.ctl`],
      { cwd: line.directory },
    )
    const listeners: Process[] = []
    try {
      await control(line, [`tcp:127.0.0.1:${port}`])
      await allConnected(line, controller)
      const run = { env: { OVS_RUNDIR: join(line.directory, 's2') } }
      const snoop = startProcess('ovs-ofctl', ['snoop', 'br0'], run)
      const monitor = startProcess('ovs-ofctl', ['monitor', 'br0', '65534', 'watch:'], run)
      listeners.push(snoop, monitor)
      await until(
        () => monitor.output.includes('NXST_FLOW_MONITOR reply'),
        () => `monitor: ${monitor.output}`,
      )
      expect(await pingAll(line)).toEqual([])
      await until(
        () => (snoop.output.match(/^OFPT_FLOW_MOD/gm) ?? []).length >= 6,
        () => `snoop: ${snoop.output}`,
      )
      expect(snoop.output).toMatch(/^OFPT_PACKET_IN/m)
      expect(snoop.output).toMatch(/^OFPT_PACKET_OUT/m)
      expect(snoop.output).not.toMatch(/decode error|OFPT_ERROR/)
      await until(
        () => (monitor.output.match(/event=ADDED/g) ?? []).length >= 6,
        () => `monitor: ${monitor.output}`,
      )
    } finally {
      for (const listener of listeners) await listener.stop()
      await controller.stop()
    }
  })

  test('a controller that is killed is replaced by another, and called again when it is back', async () => {
    const [one, two] = [await freePort(), await freePort()]
    const begin = (port: number): Process =>
      startProcess('ovs-testcontroller', [`ptcp:${port}:127.0.0.1`, `--unixctl=${line.directory}/${port}.ctl`], {
        cwd: line.directory,
      })
    let first = begin(one)
    const second = begin(two)
    const targets = [`tcp:127.0.0.1:${one}`, `tcp:127.0.0.1:${two}`]
    try {
      await control(line, targets)
      for (const target of targets) await allConnected(line, first, target)
      await first.stop('SIGKILL')
      await until(
        () => !isConnected(line, 's1', targets[0]),
        () => 'still connected',
      )
      const { stdout } = await line.run('s1', `ovs-vsctl --bare --columns=target find controller is_connected=false`)
      expect(stdout).toBe(`${targets[0]}\n`)
      for (const name of ['s1', 's2', 's3']) await line.run(name, 'ovs-ofctl del-flows br0')
      expect(await pingAll(line)).toEqual([])
      first = begin(one)
      await allConnected(line, first, targets[0])
    } finally {
      await first.stop()
      await second.stop()
    }
  })
})

test.skipIf(!hasOsKen())('os-ken: finds a ring of three switches by LLDP', async () => {
  const line = startLine(3, { ring: true })
  const port = await freePort()
  const links = join(line.directory, 'links')
  const controller = startOsKen(['topology_report.py', 'os_ken.topology.switches'], port, {
    env: { WEFT_LINKS: links },
    options: ['--observe-links'],
  })
  const found = (): string => {
    try {
      return readFileSync(links, 'utf8')
    } catch {
      return ''
    }
  }
  try {
    await control(line, [`tcp:127.0.0.1:${port}`], 'OpenFlow13')
    const expected = ['1 2 3 3', '1 3 2 2', '2 2 1 3', '2 3 3 2', '3 2 2 3', '3 3 1 2']
      .map(text => `${text}\n`)
      .join('')
    await until(
      () => found() === expected,
      () => `found\n${found()}${controller.output}`,
    )
  } finally {
    await controller.stop()
    line.close()
  }
})

test.skipIf(!hasOpenVswitch())('ovs-testcontroller over TLS', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-tls-'))
  const at = (name: string): string => join(directory, name)
  const openssl = (words: string): void =>
    void execFileSync('openssl', words.split(' '), { cwd: directory, stdio: 'pipe' })
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'
  openssl(`req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=ca`)
  for (const name of ['switch', 'controller']) {
    openssl(`req ${key} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`)
    openssl(`x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out ${name}.pem`)
  }
  const port = await freePort()
  const files = [
    '--private-key',
    at('controller.key'),
    '--certificate',
    at('controller.pem'),
    '--ca-cert',
    at('ca.pem'),
  ]
  const controller = startProcess(
    'ovs-testcontroller',
    [`pssl:${port}:127.0.0.1`, ...files, `--unixctl=${at('c.ctl')}`],
    { cwd: directory },
  )
  const tls = { privateKey: at('switch.key'), certificate: at('switch.pem'), caCertificate: at('ca.pem') }
  const line = startLine(2, { tls })
  try {
    await control(line, [`ssl:127.0.0.1:${port}`])
    await allConnected(line, controller)
    expect(await pingAll(line)).toEqual([])
  } finally {
    line.close()
    await controller.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})
