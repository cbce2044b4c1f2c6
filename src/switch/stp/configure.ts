import type { BridgePort } from '../port.ts'
import type { TreeHost } from '../tree-host.ts'
import { hasLink, numberPorts } from './numbers.ts'
import { type StpOptions, stpPathCost, stpTimes } from './settings.ts'
import { Stp } from './stp.ts'

/** Makes the tree what it should be; undefined if it cannot be. Says in `errors` what is wrong with what was asked for. */
export const configureStp = (
  host: Pick<TreeHost, 'name' | 'mac' | 'ports' | 'now'>,
  before: Stp | undefined,
  options: StpOptions,
  errors: string[],
): Stp | undefined => {
  const now = host.now()
  const numbered = numberPorts(host.name, [...host.ports.values()])
  errors.push(...numbered.errors)
  if (numbered.isOff) return undefined
  const id = (BigInt((options.priority ?? 0x8000) & 0xffff) << 48n) | BigInt(options.systemId ?? host.mac)
  const stp = before ?? new Stp(now, id, stpTimes(options))
  stp.setId(now, id)
  stp.setTimes(stpTimes(options))
  for (const { number } of stp.members()) {
    const port = host.ports.get(number)
    if (port === undefined || !numbered.ids.has(port) || !hasLink(port)) stp.removePort(now, number)
  }
  for (const [port, portId] of numbered.ids) if (hasLink(port)) setPort(stp, now, port, portId)
  return stp
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
