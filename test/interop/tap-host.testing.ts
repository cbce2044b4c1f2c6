/**
 * A host of the kernel at the end of a cable of ours: a tap `k0` in a namespace of its own, whose frames come to the test.
 * A tap without offloads gives frames as a NIC would put them on a wire: cut to the MTU, with their checksums.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { namespaces } from '../../scripts/namespaces.mjs'

export type TapHost = {
  /** Gives the kernel a frame. */
  send(frame: Uint8Array): void
  /** Set to hear the kernel's frames. */
  heard: (frame: Uint8Array) => void
  /** Runs a command in the kernel's namespace. */
  run(command: string): string
  /** Runs a Python program there; gives what it printed. Rejects if it fails. */
  python(program: string, ...args: string[]): Promise<string>
  close(): void
}

/** Frames as lines of hexadecimal, from and to the tap. */
const carrier = `
import fcntl, os, selectors, struct, sys
tap = os.open('/dev/net/tun', os.O_RDWR)
no_packet_information, is_tap = 0x1000, 2
fcntl.ioctl(tap, 0x400454ca, struct.pack('16sH22x', b'k0', is_tap | no_packet_information))
ready = selectors.DefaultSelector()
ready.register(tap, selectors.EVENT_READ)
ready.register(0, selectors.EVENT_READ)
rest = b''
print('ready', flush=True)
while True:
    for key, _ in ready.select():
        if key.fd == tap:
            try:
                print(os.read(tap, 70000).hex(), flush=True)
            except OSError:
                pass
            continue
        chunk = os.read(0, 1 << 18)
        if not chunk:
            sys.exit()
        *lines, rest = (rest + chunk).split(b'\\n')
        for line in lines:
            try:
                os.write(tap, bytes.fromhex(line.decode()))
            except OSError:
                pass
`

/** Whether taps in namespaces can be made here. */
export const hasTaps = (): boolean => {
  if (process.getuid?.() !== 0) return false
  const net = namespaces()
  try {
    net.add('probe')
    net.run('probe', 'ip tuntap add k0 mode tap')
    return true
  } catch {
    return false
  } finally {
    net.remove()
  }
}

/** `addresses` such as `10.7.0.1/24` are those of `k0`, which is up at the end. */
export const startTapHost = async (name: string, ...addresses: string[]): Promise<TapHost> => {
  const net = namespaces()
  const space = net.add(name)
  const run = (command: string): string => net.run(name, command)
  const child = spawn('ip', ['netns', 'exec', space, 'python3', '-u', '-c', carrier], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => {})
  const host: TapHost = {
    heard: () => {},
    send: frame => child.stdin.write(`${Buffer.from(frame).toString('hex')}\n`),
    run,
    async python(program, ...args) {
      const running = net.start(name, ['python3', '-u', '-c', program, ...args])
      const status = await running.ended
      if (status !== 0) throw new Error(`${running.stdout}${running.stderr}`)
      return running.stdout
    },
    close() {
      child.stdin.end()
      net.remove()
    },
  }
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error('the tap ended')))
    createInterface(child.stdout).on('line', line => {
      if (line === 'ready') resolve()
      else host.heard(Uint8Array.from(Buffer.from(line, 'hex')))
    })
  })
  run('sysctl -q -w net.ipv6.conf.k0.accept_dad=0 net.ipv6.conf.k0.router_solicitations=0')
  for (const address of addresses) run(`ip addr add ${address} dev k0${address.includes(':') ? ' nodad' : ''}`)
  run('ip link set k0 up')
  return host
}
