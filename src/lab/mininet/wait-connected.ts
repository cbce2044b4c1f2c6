import { second, sleep, type Task, type VirtualClock } from '../../runtime/index.ts'
import type { Output } from './output.ts'
import { OVSSwitch } from './ovs-switch.ts'
import type { Switch } from './switch.ts'

/** How often it is looked, and how long without an end that was asked for, ns: a spanning tree needs 30 s. */
const interval = second / 20
const patience = 60 * second

/** Waits until all switches are connected; `timeout` in seconds. True if they are. */
export function* waitConnected(
  switches: readonly Switch[],
  output: Output,
  clock: VirtualClock,
  timeout: number | undefined,
): Task<boolean> {
  output.info('*** Waiting for switches to connect\n')
  const began = clock.now()
  const limit = timeout === undefined ? patience : timeout * second
  let remaining = [...switches]
  for (;;) {
    for (const each of remaining) if (each.connected()) output.info(`${each} `)
    remaining = remaining.filter(each => !each.connected())
    if (remaining.length === 0) {
      output.info('\n')
      return true
    }
    if (clock.now() - began >= limit) break
    yield* sleep(clock, Math.min(interval, limit - (clock.now() - began)))
  }
  output.warn(`Timed out after ${Math.trunc(limit / second)} seconds\n`)
  for (const each of remaining) {
    output.warn(`Warning: ${each.name} is not connected to a controller\n`)
    if (each instanceof OVSSwitch) explain(each, output)
  }
  return false
}

/** Waits until all switches are connected, and says nothing; at most so many ns. */
export function* untilConnected(switches: readonly Switch[], clock: VirtualClock, limit: number): Task<void> {
  const end = clock.now() + limit
  while (clock.now() < end && !switches.every(each => each.connected()))
    yield* sleep(clock, Math.min(interval, end - clock.now()))
}

/** Says why, controller by controller. */
const explain = (each: OVSSwitch, output: Output): void => {
  const unreachable = each.unreachable()
  if (unreachable.length === 0)
    output.warn(`*** ${each.name} has no controller, and does nothing without (failMode secure)\n`)
  for (const { target, why } of unreachable) {
    const reason =
      why === 'Protocol error'
        ? 'it speaks no version of OpenFlow that the switch speaks'
        : (why ?? 'it does not answer')
    output.warn(`*** ${each.name} cannot reach ${target}: ${reason}\n`)
  }
}
