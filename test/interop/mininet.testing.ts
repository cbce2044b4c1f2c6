/** Mininet itself, in namespaces of its own: its processes, links, files and its Open vSwitch are gone when it ends. */
import { spawn, spawnSync } from 'node:child_process'

export type Said = { stdout: string; stderr: string; status: number | null }

/** What runs before `mn`: an Open vSwitch without a kernel module, in folders that nobody else sees. */
const within = `set -e
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/openvswitch /run/netns
ip link set lo up
export OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=/tmp OVS_DBDIR=/tmp
{
  ovsdb-tool create /tmp/conf.db /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server /tmp/conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile --log-file=/tmp/ovsdb.lg --verbose=console:off
  ovs-vsctl --no-wait init
  ovs-vswitchd --detach --pidfile --log-file=/tmp/vswitchd.lg --verbose=console:off
} >/tmp/start.lg 2>&1
cat >/tmp/script
cd /root
set +e
"$@"`

const namespaces = ['-mnp', '--fork', '--kill-child', '--mount-proc']

/** Whether Mininet, Open vSwitch and the right to make namespaces are here. */
export const hasMininet = (): boolean =>
  ['mn', 'ovs-vswitchd', 'ovs-testcontroller'].every(name => spawnSync('which', [name]).status === 0) &&
  spawnSync('unshare', [...namespaces, 'true']).status === 0

/** Runs a program and waits for its end; `input` is its stdin. */
export const run = (program: string, words: readonly string[], input = '', limit = 120_000): Promise<Said> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { timeout: limit, stdio: 'pipe' })
    const said: Said = { stdout: '', stderr: '', status: null }
    child.stdout.setEncoding('utf8').on('data', text => (said.stdout += text))
    child.stderr.setEncoding('utf8').on('data', text => (said.stderr += text))
    child.on('error', reject)
    child.on('close', status => resolve({ ...said, status }))
    child.stdin.end(input)
  })

/** Runs Mininet's own `mn`; `script` is in /tmp/script. */
export const realMn = async (words: readonly string[], script = ''): Promise<Said> => {
  const said = await run('unshare', [...namespaces, 'bash', '-c', within, 'bash', 'mn', ...words], script)
  return { ...said, stdout: inOrder(said.stdout), stderr: inOrder(said.stderr) }
}

/** It names its switches as they happen to connect. */
const inOrder = (text: string): string =>
  text.replace(/(?<=^\*\*\* Waiting for switches to connect\n)(s\S+ )+/m, names =>
    (names.match(/\S+ /g) ?? []).sort().join(''),
  )

/** What is not the same twice, or is this computer's: times, pids, addresses by chance, limits that Mininet may not set. */
export const plain = (text: string): string =>
  text
    .replace(/^\d{4}-\d\d-\d\dT.*\n/gm, '')
    .replace(/^\*\*\* Error setting resource limits\..*\n/gm, '')
    .replace(/^\*\*\* Removing excess controllers[\s\S]*\*\*\* Cleanup complete\.\n/gm, '')
    // What a module of this computer's kernel is set to.
    .replace(/^Warning: Linux bridge may not work with .*\n/gm, '')
    // Where this computer has its programs.
    .replace(/^\(\/.*:\/.*\)$/gm, '(PATH)')
    .replace(/completed in [\d.]+ seconds/g, 'completed in N seconds')
    .replace(/Elapsed time: [\d.]+ secs/g, 'Elapsed time: N secs')
    // Whether the shell's word of a job comes before Mininet looks elsewhere is chance.
    .replace(/^\[\d+\] \d+\r?\n/gm, '')
    .replace(/pid=\d+/g, 'pid=N')
    .replace(/time=[\d.]+ ms/g, 'time=N ms')
    .replace(/(min\/avg\/max\/mdev =? ?)[\d.]+\/[\d.]+\/[\d.]+\/[\d.]+/g, '$1N')
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC')
    .replace(/fe80::[0-9a-f:]+/g, 'fe80::N')
