import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasMininet, plain, realMn, run, type Said } from './mininet.testing.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

let weft: WeftCli
beforeAll(async () => {
  weft = await buildWeft()
})
afterAll(() => weft.close())

const ourMn = (words: readonly string[], input = ''): Promise<Said> => {
  const [program = '', ...rest] = weft.tool('mn').split(' ')
  return run(program, [...rest, ...words], input)
}

/** Both streams, without what differs from run to run. */
const streams = ({ stdout, stderr }: Said): { stdout: string; stderr: string } => ({
  stdout: plain(stdout),
  stderr: plain(stderr),
})

const datapath = ['--switch', 'ovs,datapath=user']

describe.runIf(hasMininet())('weft mn says what mn says', () => {
  test.each([
    [['--test', 'pingall']],
    [['--topo', 'single,3', '--mac', '--arp', '--test', 'pingall+pingpair']],
    [['--topo', 'linear,2,2', '--test', 'pingall']],
    [['--topo', 'tree,2,2', '--test', 'pingall']],
    [['--topo', 'reversed,3', '--controller', 'none', '--test', 'none']],
    [['--topo', 'torus,3,3', '--controller', 'none', '--test', 'none']],
    [['-i', '192.168.5.0/24', '--test', 'pingpair', '-v', 'output']],
    [['-v', 'warning', '--test', 'none']],
    [['--controller', 'remote,ip=127.0.0.1,port=6999', '--test', 'none']],
    [['--controller', 'remote', '--test', 'none']],
    [['--host', 'cfs', '--test', 'none']],
    [['-x', '--test', 'none']],
    [['--switch', 'lxbr', '--test', 'pingall']],
    [['--switch', 'lxbr,stp=1', '--topo', 'single,3', '--controller', 'none', '--test', 'pingall']],
    [['--switch', 'lxbr', '--topo', 'tree,2,2', '--test', 'pingpair']],
    [['--switch', 'ivs', '--test', 'none']],
    [['--controller', 'nox', '--test', 'none']],
    [['--innamespace', '--switch', 'lxbr', '--test', 'none']],
    [['--innamespace', '--switch', 'ovs', '--test', 'none']],
    [['--pin', '--host', 'cfs', '--test', 'none']],
    [['--listenport', '7000', '--test', 'none']],
    [['--nat', '--test', 'pingall']],
  ])('%s', async words => {
    const all = words.includes('--switch') ? words : [...datapath, ...words]
    const [theirs, ours] = await Promise.all([realMn(all), ourMn(all)])
    expect(streams(ours)).toEqual(streams(theirs))
  })

  test.each([
    [['--topo', 'bogus']],
    [['--host', 'bogus']],
    [['--switch', 'bogus']],
    [['--controller', 'bogus']],
    [['--link', 'bogus']],
    [['--topo', 'torus,2,2']],
    [['--custom', 'nofile.py']],
    [['--bogus']],
    [['--topo']],
    [['-v', 'bogus']],
    [['--listenport', 'x']],
    [[...datapath, '--test', 'bogus']],
  ])('%s, which is wrong', async words => {
    const [theirs, ours] = await Promise.all([realMn(words), ourMn(words)])
    expect(streams(ours)).toEqual(streams(theirs))
    expect(ours.status).not.toBe(0)
  })

  test('at the prompt', async () => {
    const script = `nodes
net
dump
links
intfs
ports
bogus
h1
pingpair
pingallfull
link h1 h2 up
link h1
link h1 s9 up
link h9 s1 up
link h1 s1 sideways
iperf h1
iperf h1 h9
iperfudp 10M
switch
switch s1 bogus
dpctl
xterm
xterm h9
noecho h1 echo hi
py 1+1
px print
sh echo shell
h1 echo one; echo two >&2
h1 false
h1 echo $?
h1 cd /tmp
h1 pwd
h1 X=5
h1 echo $X
h1 sleep 100 &
h1 jobs
h1 kill %1
h1 echo h2 h1-eth0 s1 h2,
h1 ping -c1 h2
h1 ls -d /etc /usr
h1 nosuchcommand
h1 route -n
h1 ip link
link h1 s1 down
pingall 1
link h1 s1 up
pingall
time nodes
help
help bogus
`
    const words = [...datapath, '-w', '--test', 'none', '--post']
    const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
    const folder = mkdtempSync('/tmp/weft-mininet-')
    writeFileSync(`${folder}/script`, script)
    const both = await Promise.all([realMn([...words, '/tmp/script'], script), ourMn([...words, `${folder}/script`])])
    rmSync(folder, { recursive: true })
    const [theirs, ours] = both.map(streams) as [Said, Said]
    // A name that nobody knows is an error in the words of each language; here it is one of a builtin of Python.
    expect(ours.stdout).toBe(theirs.stdout)
    expect(ours.stderr.replace(/name 'print' is not defined\n/, '')).toBe(theirs.stderr)
  })

  test('with a script on standard input', async () => {
    const script = 'nodes\nh1 echo a\nnodes\nexit\n'
    const ours = streams(await ourMn(datapath, script))
    expect(ours.stdout).toBe('mininet> mininet> mininet> mininet> ')
    expect(ours.stderr).toContain(
      '*** Starting CLI:\navailable nodes are: \nc0 h1 h2 s1\na\r\navailable nodes are: \nc0 h1 h2 s1\n',
    )
  })
})
