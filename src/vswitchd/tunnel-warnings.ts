import type { Log } from '../runtime/log.ts'
import { inTableOrder } from '../switch/name-order.ts'
import { parseTunnelOptions } from '../tunnel/options.ts'

/**
 * Tells the log what is wrong with the options of a VXLAN port, as each time that Open vSwitch looks at them. A text says
 * why there can be no such port: all that is wrong, a line each.
 */
export const warnOfTunnel = (log: Log, name: string, options: Readonly<Record<string, string>>): string | undefined => {
  const ordered = Object.fromEntries([...inTableOrder(Object.keys(options))].map(key => [key, options[key] ?? '']))
  const { warnings, error } = parseTunnelOptions(name, ordered)
  const wrong = [...warnings, ...(error === undefined ? [] : [error])].join('\n')
  if (wrong === '') return undefined
  log('netdev_vport', 'warn', wrong)
  if (error === undefined) return undefined
  log('netdev', 'warn', `${name}: could not set configuration (Invalid argument)`)
  return wrong
}
