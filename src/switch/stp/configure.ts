import { formatMac } from '../../wire/address.ts'
import type { BridgePort } from '../port.ts'
import type { TreeHost } from '../tree-host.ts'
import { hasLink, numberPorts } from './numbers.ts'
import { type StpOptions, stpPathCost, stpTimes } from './settings.ts'
import { Stp } from './stp.ts'

/** Makes the tree what it should be; undefined if it cannot be. Says in `errors` what is wrong with what was asked for. */
export const configureStp = (
  host: Pick<TreeHost, 'name' | 'mac' | 'ports' | 'now' | 'log'>,
  before: Stp | undefined,
  options: StpOptions,
  errors: string[],
): Stp | undefined => {
  const now = host.now()
  const mac = chosenMac(host, options.systemId, 'stp-system-id', errors)
  const numbered = numberPorts(host.name, [...host.ports.values()])
  errors.push(...numbered.errors)
  if (numbered.isOff) return undefined
  const id = (BigInt((options.priority ?? 0x8000) & 0xffff) << 48n) | BigInt(mac)
  const stp = before ?? new Stp(host, now, id, stpTimes(options))
  stp.setId(now, id)
  stp.setTimes(stpTimes(options))
  for (const { number } of stp.members()) {
    const port = host.ports.get(number)
    if (port === undefined || !numbered.ids.has(port) || !hasLink(port)) stp.removePort(now, number)
  }
  for (const [port, portId] of numbered.ids) if (hasLink(port)) setPort(stp, now, port, portId)
  return stp
}

/** The MAC that a bridge is known by in its tree. Says in `errors` if what was asked for is none. */
export const chosenMac = (
  { name, mac }: Pick<TreeHost, 'name' | 'mac'>,
  asked: number | 'invalid' | undefined,
  column: string,
  errors: string[],
): number => {
  if (asked === 'invalid') errors.push(`bridge ${name}: invalid ${column}, defaulting to ${formatMac(mac)}`)
  return typeof asked === 'number' ? asked : mac
}

const setPort = (stp: Stp, now: number, port: BridgePort, id: number): void => {
  const { ofport, linkSpeed, treeOptions } = port
  const cost = (treeOptions.stp?.pathCost ?? stpPathCost(linkSpeed)) & 0xffff
  if (stp.member(ofport) === undefined) stp.addPort(now, ofport, id, cost)
  else {
    stp.setPortId(now, ofport, id)
    stp.setPathCost(now, ofport, cost)
  }
}
