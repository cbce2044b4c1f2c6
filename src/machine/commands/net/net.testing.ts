import { Frame } from '../../../wire/frame.ts'
import { testMachine } from '../../machine.testing.ts'
import { netCommands } from './index.ts'

/** A machine with the network's programs; `text` runs lines and gives what the last one printed, stderr behind stdout. */
export const netMachine = (...lines: string[]) => {
  const made = testMachine(netCommands)
  const text = (...more: string[]): string => {
    let printed = ''
    for (const line of more) {
      const ran = made.run(line)
      printed = ran.stdout + ran.stderr
    }
    return printed
  }
  text(...lines)
  return { ...made, text, status: (line: string): number => made.run(line).status }
}

/** A machine with two namespaces and a veth between them: 10.0.0.1 on `e0`, and 10.0.0.2 on `e1` in `far`. */
export const twoHosts = () =>
  netMachine(
    'ip netns add far',
    'ip link add e0 address 02:00:00:00:00:01 type veth peer name e1 address 02:00:00:00:00:02 netns far',
    'ip link set lo up; ip link set e0 up; ip -n far link set lo up; ip -n far link set e1 up',
    'ip addr add 10.0.0.1/24 dev e0; ip -n far addr add 10.0.0.2/24 dev e1',
    'sleep 3',
  )

/** The bytes of hex digits as a frame. */
export const frameOf = (hex: string): Frame =>
  Frame.from(Uint8Array.from((hex.replaceAll(/\s/g, '').match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))))
