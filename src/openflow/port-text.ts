import * as inFlow from '../flow/port-text.ts'

export type { Warn } from '../flow/port-text.ts'

/** For those who do not listen to warnings; what is said to it need not be put into words. */
export const silent: inFlow.Warn = () => {}

/** Names of a bridge's ports, both ways; without it only numbers and the reserved names are known. */
export interface PortNames {
  /** The port's OpenFlow number. */
  number(name: string): number | undefined
  name(number: number): string | undefined
}

/** As `parsePort` of the flow texts, with the names of a bridge. */
export const parsePort = (text: string, ports?: PortNames, warn?: inFlow.Warn): number | undefined =>
  inFlow.parsePort(text, name => ports?.number(name), warn)

/** As `formatPort` of the flow texts, with the names of a bridge. */
export const formatPort = (port: number, ports?: PortNames): string =>
  inFlow.formatPort(port, number => ports?.name(number))
