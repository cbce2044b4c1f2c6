/** Who daemons are and whom they tell what they log: options that the originals and ours have in common. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownerFile, ownerOf } from './ovs.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

const prefix = 'weft-daemon-'

/** Whether a process has files of a directory open: its number may be another's by now. */
const isAt = (pid: number, directory: string): boolean => {
  const files = `/proc/${pid}/fd`
  return readdirSync(files).some(file => readlinkSync(join(files, file)).startsWith(`${directory}/`))
}

/** Ends the servers of runs that were cut off; those of runs that go on stay. */
const removeLeft = (): void => {
  for (const name of readdirSync(tmpdir()).filter(entry => entry.startsWith(prefix))) {
    const directory = join(tmpdir(), name)
    try {
      const owner = readFileSync(join(directory, ownerFile), 'utf8')
      if (owner === '' || ownerOf(Number.parseInt(owner, 10)) === owner) continue
    } catch {
      // Another run is at it.
      continue
    }
    try {
      const pid = Number(readFileSync(join(directory, 'ovsdb-server.pid'), 'utf8'))
      if (isAt(pid, directory)) process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
    rmSync(directory, { recursive: true, force: true })
  }
}

const isRoot = process.geteuid?.() === 0

describe.skipIf(!hasOpenVswitch() || !isRoot)('options of daemons', () => {
  let weft: WeftCli
  const directories: string[] = []
  beforeAll(async () => {
    removeLeft()
    weft = await buildWeft()
  })
  afterAll(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
    weft?.close()
  })
  const place = (): string => {
    const directory = mkdtempSync(join(tmpdir(), prefix))
    writeFileSync(join(directory, ownerFile), ownerOf(process.pid) as string)
    directories.push(directory)
    chmodSync(directory, 0o777)
    return directory
  }
  const kinds = ['real', 'ours'] as const
  type Kind = (typeof kinds)[number]
  type Tool = 'ovsdb-server' | 'ovs-vswitchd' | 'ovs-ofctl' | 'ovs-appctl' | 'ovsdb-client'
  const words = (kind: Kind, tool: Tool): string =>
    kind === 'real' ? tool : weft.tool(tool === 'ovs-vswitchd' ? 'vswitchd' : tool)

  test.each([
    ['ovsdb-server', '--user=weft-nobody conf.db'],
    ['ovsdb-server', '--pidfile --user=weft-nobody conf.db'],
    ['ovsdb-server', '--user=weft-nobody --pidfile=abc conf.db'],
    ['ovsdb-server', '--pidfile=abc --user=nobody:weft-nobody conf.db'],
    ['ovsdb-server', '--user=nobody:root conf.db'],
    ['ovsdb-server', '--user=0 conf.db'],
    ['ovs-vswitchd', '--user=weft-nobody --log-file=never'],
    ['ovs-vswitchd', '-vconsole:off --user=nobody:root --detach'],
    ['ovs-ofctl', '--user=weft-nobody monitor br0'],
    ['ovsdb-client', '--user=weft-nobody monitor Bridge'],
  ] as const)('%s %s', async (tool, rest) => {
    const directory = place()
    const said = await Promise.all(kinds.map(kind => runIn(directory, `${words(kind, tool)} ${rest}`)))
    expect(said[1]).toEqual(said[0])
    expect(said[0]?.status).toBe(1)
    expect(existsSync(join(directory, 'never'))).toBe(false)
  })

  test('a server that is somebody else, with its files', async () => {
    const seen = await Promise.all(
      kinds.map(async kind => {
        const directory = place()
        const { status } = await runIn(directory, 'ovsdb-tool create conf.db')
        expect(status).toBe(0)
        for (const name of ['conf.db', '.conf.db.~lock~']) chmodSync(join(directory, name), 0o666)
        const options = '-vconsole:off --log-file --pidfile --remote=punix:x.sock --unixctl=u.ctl --detach'
        const line = `${words(kind, 'ovsdb-server')} --user=nobody ${options} conf.db`
        expect(await runIn(directory, line)).toEqual({ stdout: '', stderr: '', status: 0 })
        const pid = Number(readFileSync(join(directory, 'ovsdb-server.pid'), 'utf8'))
        try {
          const ids = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^(Uid|Gid|Groups):.*$/gm)
          const files = ['ovsdb-server.log', 'ovsdb-server.pid', 'u.ctl', 'x.sock'].map(name => {
            const { uid, gid } = statSync(join(directory, name))
            return [name, uid, gid]
          })
          const list = await runIn(directory, `ovs-appctl -t ${directory}/u.ctl ovsdb-server/list-dbs`)
          return { ids: ids?.map(text => text.trim()), files, list }
        } finally {
          process.kill(pid, 'SIGTERM')
          await until(() => !existsSync(join(directory, 'ovsdb-server.pid')), 'the end of the server')
        }
      }),
    )
    expect(seen[1]).toEqual(seen[0])
    expect(seen[0]?.ids?.[0]).not.toContain('\t0')
  })

  test('what a run leaves that is cut off is ended by the next', async () => {
    const [kept, left] = await Promise.all(
      [true, false].map(async isOurs => {
        const directory = place()
        await runIn(directory, 'ovsdb-tool create conf.db')
        const options = '-vconsole:off --pidfile --remote=punix:x.sock --unixctl=u.ctl --no-chdir --detach'
        expect((await runIn(directory, `ovsdb-server ${options} conf.db`)).status).toBe(0)
        const pid = Number(readFileSync(join(directory, 'ovsdb-server.pid'), 'utf8'))
        // As of a process that had this number before another.
        if (!isOurs) writeFileSync(join(directory, ownerFile), `${process.pid} 0`)
        return { directory, pid }
      }),
    )
    removeLeft()
    await until(() => left === undefined || ownerOf(left.pid) === undefined, 'the end of the server')
    expect(existsSync(left?.directory ?? '')).toBe(false)
    expect(existsSync(kept?.directory ?? '')).toBe(true)
    process.kill(kept?.pid as number, 'SIGTERM')
    await until(() => !existsSync(join(kept?.directory ?? '', 'ovsdb-server.pid')), 'the end of the other')
  })

  test('only root can be somebody else', async () => {
    const directory = place()
    const as = 'setpriv --reuid=nobody --clear-groups --'
    const said = await Promise.all(
      kinds.map(kind => runIn(directory, `${as} ${words(kind, 'ovs-ofctl')} --user=nobody monitor br0`)),
    )
    expect(said[1]).toEqual(said[0])
    expect(said[0]?.stderr).toBe('ovs-ofctl: (null): only root can use --user option\n')
  })

  test('errors of ovs-vsctl are in the log too', async () => {
    const logs = await Promise.all(
      kinds.map(async kind => {
        const directory = place()
        const vsctl = `${kind === 'real' ? 'ovs-vsctl' : weft.tool('ovs-vsctl')} --log-file=log --db=unix:nobody`
        for (const rest of ['add-br', 'add-br br0', '--no-wait set bridge br0 nope=1', '--no-syslog nope', '-t x show'])
          await runIn(directory, `${vsctl} ${rest}`)
        const called = `Called as ${vsctl}`.replace(/^(Called as ).*( --log-file)/, '$1ovs-vsctl$2')
        return readFileSync(join(directory, 'log'), 'utf8')
          .replace(/^[-\dT:.]+Z/gm, '')
          .replaceAll(directory, 'DIR')
          .replaceAll(called, 'called')
      }),
    )
    expect(logs[1]).toBe(logs[0])
    expect(logs[0]).toContain("|db_ctl_base|ERR|'add-br' command requires at least 1 arguments\n")
  })

  test('syslog, by the library, at a socket, and not at all', async () => {
    const heard = await Promise.all(
      kinds.map(async kind => {
        const directory = place()
        const appctl = words(kind, 'ovs-appctl')
        writeFileSync(join(directory, 'listen.py'), listener)
        writeFileSync(join(directory, 'script'), session(directory, appctl))
        const { stdout, stderr, status } = await runIn(directory, `unshare -m sh ${directory}/script`)
        expect(status, stderr).toBe(0)
        return stdout.replaceAll(directory, 'DIR').replace(/[A-Z][a-z][a-z] [ 0-9]\d [\d:]{8}/g, 'TIME')
      }),
    )
    expect(heard[1]).toBe(heard[0])
    expect(heard[0]).toContain('<28>TIME ovs-appctl: ovs|00001|unixctl|WARN|failed to connect to /nonexist\n')
    expect(heard[0]).toContain('<156>TIME')
    expect(heard[0]).toContain('\n<28>ovs|00001|')
  })
})

/** Prints the datagrams of a socket, up to one that says so. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
  line = s.recv(4096).decode()
  if line == 'end': break
  print(line.rstrip('\\0'), flush=True)
`

/** With a /dev of its own, where there is a syslog daemon. */
const session = (directory: string, appctl: string): string => `
set -e
cd ${directory}
mkdir dev
mount -t tmpfs none dev
for name in null zero urandom random tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
python3 listen.py dev/log >by-library & library=$!
python3 listen.py socket >by-socket & socket=$!
until [ -S dev/log ] && [ -S socket ]; do sleep 0.05; done
mount --rbind dev /dev
run() { ${appctl} "$@" -t /nonexist x 2>/dev/null || true; }
run
run -vsyslog:warn
run -vFACILITY:local3
run -vsyslog:off
run --syslog-method=unix:${directory}/socket
OVS_SYSLOG_METHOD=unix:${directory}/socket run -vPATTERN:syslog:'%c %m'
OVS_SYSLOG_METHOD=null run
run --syslog-method=null
run --syslog-method=unix:${directory}/nobody
for path in dev/log socket; do
  python3 -c "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'end', '$path')"
done
wait $library $socket
cat by-library by-socket
`
