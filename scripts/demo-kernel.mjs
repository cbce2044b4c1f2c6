// `npm run demo:kernel`: a lab of simulated hosts and the Linux kernel's vxlan device ping each other through one VXLAN
// segment. Needs root on Linux, for the kernel's end; `weft vtep` itself does not.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap, root } from './bootstrap.mjs'
import { build } from './build.mjs'
import { namespaces } from './namespaces.mjs'

if (process.platform !== 'linux' || process.getuid() !== 0) {
  console.error("demo:kernel: needs root on Linux, to make network namespaces and the kernel's vxlan device")
  process.exit(1)
}
bootstrap()
build()

const say = text => console.log(`\n*** ${text}`)
const folder = mkdtempSync(join(tmpdir(), 'weft-demo-'))
const net = namespaces()
const clean = () => {
  net.remove()
  rmSync(folder, { recursive: true, force: true })
}
process.on('exit', clean)
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.on(signal, () => {
    console.log('\n*** Interrupted; the namespaces are removed')
    process.exit(status)
  })

const has = program => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs a command in a namespace with its words shown. */
const show = (name, command) => {
  console.log(`${name}# ${command}`)
  net.run(name, command)
}

let failed = 0
const ping = async words => {
  console.log(`kernel# ping ${words}`)
  const { status, stdout, stderr } = await net.attempt('kernel', `ping -n ${words}`)
  console.log(`${stdout}${stderr}`)
  if (status !== 0) failed++
}

/** What tshark says of the first ping on the underlay: a line for each layer. */
const layers = file => {
  const words = ['-n', '-r', file, '-Y', 'icmp', '-V']
  const text = execFileSync('tshark', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const frame = text.split(/^(?=Frame )/m)[0]
  return frame.split('\n').filter(line => /^[A-Z]/.test(line))
}

say('Two namespaces with a cable between them: "kernel" is a Linux host with a vxlan device, "weft" runs Weft')
const [kernel, weft] = [net.add('kernel'), net.add('weft')]
execFileSync('ip', ['-n', kernel, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', weft])
show('kernel', 'ip addr add 10.99.0.2/24 dev eth0')
show('kernel', 'ip link set eth0 up')
show('weft', 'ip addr add 10.99.0.1/24 dev eth0')
show('weft', 'ip link set eth0 up')
try {
  show('kernel', 'ip link add vxlan42 type vxlan id 42 local 10.99.0.2 remote 10.99.0.1 dstport 4789')
} catch (error) {
  console.error(`demo:kernel: this kernel has no vxlan device: ${error.stderr.trim()}`)
  process.exit(1)
}
show('kernel', 'ip addr add 10.0.42.100/24 dev vxlan42')
show('kernel', 'ip addr add fd00:42::100/64 dev vxlan42 nodad')
show('kernel', 'ip link set vxlan42 up')

say('In "weft", a simulated switch with the hosts h1 and h2, joined to VNI 42 through a UDP socket')
const lines = [
  'h1 ping -c 3 10.0.42.100',
  'h2 ping -c 3 -s 1400 fd00:42::100',
  'h1 ip neigh',
  's1 ovs-appctl fdb/show br0',
]
const words = ['--vni', '42', '--local', '10.99.0.1', '--remote', '10.99.0.2']
console.log(`weft# weft vtep ${words.join(' ')}`)
const file = join(folder, 'underlay.pcap')
const tcpdump = has('tcpdump')
  ? net.start('kernel', [
      'tcpdump',
      '-i',
      'eth0',
      '-n',
      '-U',
      '--immediate-mode',
      '-Z',
      'root',
      '-w',
      file,
      'udp port 4789',
    ])
  : undefined
await tcpdump?.until(/listening on/)
const vtep = net.start('weft', [process.execPath, join(root, 'dist', 'cli', 'weft.js'), 'vtep', ...words])
console.log((await vtep.until(/weft vtep: .*/)).trim())

say("The kernel's host pings the simulated ones")
await ping('-c 3 10.0.42.1')
await ping('-c 3 -s 1400 -M do 10.0.42.2')
await ping('-c 3 fd00:42::1')
say('What the kernel has learned: the simulated MACs are behind 10.99.0.1')
console.log(net.run('kernel', 'bridge fdb show dev vxlan42').trim())
await vtep.stop('SIGINT')

say('The simulated hosts ping the kernel: the same again, with lines for the lab')
const again = net.start('weft', [
  process.execPath,
  join(root, 'dist', 'cli', 'weft.js'),
  'vtep',
  ...words,
  ...lines.flatMap(line => ['--exec', line]),
])
if ((await again.ended) !== 0) failed++
console.log(`${again.stdout}${again.stderr}`.trim())

if (tcpdump !== undefined) {
  await tcpdump.stop('SIGINT')
  if (has('tshark')) {
    say('The first ping on the wire between the two, as Wireshark sees it')
    console.log(layers(file).join('\n'))
  } else {
    say('The first frames on the wire between the two, as tcpdump sees them')
    console.log(
      execFileSync('tcpdump', ['-n', '-e', '-v', '-c', '4', '-r', file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    )
  }
}
say(failed === 0 ? 'Every ping was answered; the namespaces are removed' : `${failed} of these failed; see above`)
clean()
process.exitCode = failed === 0 ? 0 : 1
