import { OfPort } from './action.ts'

/** Names of a bridge's ports, both ways; without it only numbers and the reserved names are known. */
export interface PortNames {
  /** The port's OpenFlow number. */
  number(name: string): number | undefined
  name(number: number): string | undefined
}

/** Takes what the original tool logs on the way: `module`, `level` and text of a line of its log. */
export type Warn = (module: string, text: string, level?: 'WARN' | 'ERR' | 'INFO') => void

const reserved: Record<string, number> = {
  in_port: OfPort.inPort,
  table: OfPort.table,
  normal: OfPort.normal,
  flood: OfPort.flood,
  all: OfPort.all,
  controller: OfPort.controller,
  local: OfPort.local,
  none: OfPort.none,
  any: OfPort.none,
  unset: OfPort.unset,
}
const reservedNames = new Map(
  Object.entries(reserved)
    .filter(([name]) => name !== 'any')
    .map(([name, number]) => [number, name === 'none' ? 'ANY' : name.toUpperCase()]),
)
reservedNames.set(OfPort.none, 'ANY')

/** Whether a name needs quotes so as not to be read as something else. */
const plain = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/**
 * A port as ovs-ofctl reads it: a decimal number, OpenFlow 1.1's 32-bit reserved numbers too, a reserved name, or a name
 * of the bridge (in double quotes or without). Undefined for anything else.
 */
export const parsePort = (text: string, ports?: PortNames, warn: Warn = () => {}): number | undefined => {
  if (/^-[0-9]+$/.test(text)) {
    warn('ofp_port', `Negative value ${text} is not a valid port number.`)
    return undefined
  }
  if (/^[0-9]+$/.test(text) && Number(text) <= 0xffffffff) {
    const number = Number(text)
    if (number < OfPort.max) return number
    if (number <= 0xffff) {
      const name = reservedNames.get(number)
      if (name !== undefined && number !== OfPort.unset) {
        warn(
          'ofp_port',
          `referring to port ${name} as ${number} is deprecated for compatibility with OpenFlow 1.1 and later`,
        )
      } else {
        warn(
          'ofp_port',
          `port ${number} is a reserved OF1.0 port number that will be translated to ${number + 0xffff0000} when talking to an OF1.1 or later controller`,
        )
      }
      return number
    }
    if (number >= 0xffffff00) return number - 0xffff0000
    warn('ofp_port', `port ${number} is outside the supported range 0 through ffff or 0xffffff00 through 0xffffffff`)
    return undefined
  }
  const word = reserved[text.toLowerCase()]
  if (word !== undefined) return word
  const quoted = /^"(.*)"$/.exec(text)
  return ports?.number(quoted === null ? text : (quoted[1] as string))
}

/** Reserved ports by their names in capitals, others by the bridge's name for them if it has one, else the number. */
export const formatPort = (port: number, ports?: PortNames): string => {
  const word = reservedNames.get(port)
  if (word !== undefined) return word
  const name = ports?.name(port)
  if (name === undefined) return String(port)
  return plain.test(name) && reserved[name.toLowerCase()] === undefined ? name : JSON.stringify(name)
}
