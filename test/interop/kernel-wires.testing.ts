/**
 * A bridge of ours in the test's own process, on cables whose other ends are devices of the kernel: `w1` and so on of a
 * namespace are what our ports are plugged into, each the other end of `v1` and so on, which the test gives to a kernel
 * bridge or uses as a host. Time is the real one.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { namespaces } from '../../scripts/namespaces.mjs'
import { SoftDatapath } from '../../src/datapath/soft/index.ts'
import { Pace } from '../../src/node/pace.ts'
import { seeded, VirtualClock } from '../../src/runtime/index.ts'
import type { Bridge } from '../../src/switch/bridge.ts'
import type { BridgeOptions } from '../../src/switch/bridge-options.ts'
import type { BridgePort } from '../../src/switch/port.ts'
import { Switch } from '../../src/switch/switch.ts'
import { Frame } from '../../src/wire/frame.ts'

export type Carried = { readonly wire: number; readonly bytes: Uint8Array }

export type KernelWires = {
  readonly bridge: Bridge
  readonly ports: readonly BridgePort[]
  /** Frames of the kernel, by number of their cable. */
  readonly heard: Carried[]
  /** Frames of our ports. */
  readonly sent: Carried[]
  now(): number
  /** Lets something happen to the switch at the present time. */
  enter<T>(happen: () => T): T
  /** A frame comes in on a port, as if the kernel had sent it. */
  receive(wire: number, bytes: Uint8Array): void
  /** Runs a command in the kernel's namespace. */
  run(command: string): string
  /** The same for a command that may fail. */
  attempt(command: string): Promise<unknown>
  /** Waits until something is so, looking at it at the present time. Throws with what `shown` says if it does not come. */
  until(isSo: () => boolean, shown: () => string, limit?: number): Promise<void>
  close(): void
}

/** Whether namespaces can be made here, and kernel bridges in them. */
export const hasKernelBridges = (): boolean => {
  if (process.getuid?.() !== 0) return false
  const net = namespaces()
  try {
    net.add('probe')
    net.run('probe', 'ip link add k0 type bridge')
    net.run('probe', 'ip link add v1 type veth peer name w1')
    return true
  } catch {
    return false
  } finally {
    net.remove()
  }
}

/** `w1` to `w<count>` carry frames as lines of their number and hexadecimal, from and to this program's own ends. */
const carrier = `
import selectors, socket, sys
count, outgoing, all_types = int(sys.argv[1]), 4, socket.htons(3)
wires, ready = {}, selectors.DefaultSelector()
for number in range(1, count + 1):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, all_types)
    wire.bind(('w%d' % number, 0))
    wires[number] = wire
    ready.register(wire, selectors.EVENT_READ, number)
ready.register(sys.stdin.buffer.raw, selectors.EVENT_READ, 0)
rest = b''
print('ready', flush=True)
while True:
    for key, _ in ready.select():
        if key.data:
            try:
                frame, source = key.fileobj.recvfrom(65536)
            except OSError:
                continue
            if source[2] != outgoing:
                print(key.data, frame.hex(), flush=True)
            continue
        chunk = key.fileobj.read(65536)
        if not chunk:
            sys.exit()
        *lines, rest = (rest + chunk).split(b'\\n')
        for line in lines:
            number, text = line.split()
            try:
                wires[int(number)].send(bytes.fromhex(text.decode()))
            except OSError:
                pass
`

/** `count` cables into a namespace of a name of its own; `options` are our bridge's, whose ports p1 and so on have their numbers. */
export const startKernelWires = async (name: string, count: number, options: BridgeOptions): Promise<KernelWires> => {
  const net = namespaces()
  const space = net.add(name)
  const run = (command: string): string => net.run(name, command)
  run('sysctl -q -w net.ipv6.conf.default.accept_dad=0')
  for (let i = 1; i <= count; i++) {
    run(`ip link add v${i} address 02:00:00:00:01:0${i} type veth peer name w${i}`)
    // The carrier's end is nobody's: the kernel says nothing of its own there.
    run(`sysctl -q -w net.ipv6.conf.w${i}.disable_ipv6=1`)
    run(`ip link set w${i} up`)
  }
  const child = spawn('ip', ['netns', 'exec', space, 'python3', '-u', '-c', carrier, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const clock = new VirtualClock()
  const pace = new Pace(clock)
  const enter = <T>(happen: () => T): T => pace.enter(happen)
  const sw = new Switch({ datapath: new SoftDatapath({ clock }), clock, random: seeded(1) })
  const sent: Carried[] = []
  const send = (wire: number, bytes: Uint8Array): void => {
    sent.push({ wire, bytes })
    child.stdin.write(`${wire} ${Buffer.from(bytes).toString('hex')}\n`)
  }
  const vport = (port: string, send: (frame: Frame) => void) => ({ name: port, type: 'dummy' as const, send })
  const bridge = sw.addBridge(
    'br0',
    vport('br0', () => {}),
    options,
  )
  const ports = Array.from({ length: count }, (_, i) => {
    const number = i + 1
    const wanted = { name: `p${number}`, type: 'dummy' as const, ofport: number, tree: { stp: { number } } }
    const port = sw.addPort(bridge, {
      ...wanted,
      vport: vport(wanted.name, frame => send(number, Uint8Array.from(frame.content()))),
    })
    if (typeof port === 'string') throw new Error(port)
    return port
  })
  const heard: Carried[] = []
  const receive = (wire: number, bytes: Uint8Array): void =>
    enter(() => ports[wire - 1]?.receive(Frame.from(Uint8Array.from(bytes))))
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error('the cables ended')))
    createInterface(child.stdout).on('line', line => {
      if (line === 'ready') return resolve()
      const [wire = '', text = ''] = line.split(' ')
      const bytes = Uint8Array.from(Buffer.from(text, 'hex'))
      heard.push({ wire: Number(wire), bytes })
      receive(Number(wire), bytes)
    })
  })
  return {
    bridge,
    ports,
    heard,
    sent,
    now: () => clock.now(),
    enter,
    receive,
    run,
    attempt: command => net.attempt(name, command),
    async until(isSo, shown, limit = 30_000) {
      const end = Date.now() + limit
      while (!enter(isSo)) {
        if (Date.now() > end) throw new Error(`it did not come to it:\n${shown()}`)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    },
    close() {
      child.stdin.end()
      sw.close()
      pace.stop()
      net.remove()
    },
  }
}
