/** OpenFlow's port numbers of 16 bits: ports are below `max`, those from `unset` on stand for something (ovs-fields(7), in_port). */
export const OfPort = {
  max: 0xff00,
  unset: 0xfff7,
  inPort: 0xfff8,
  table: 0xfff9,
  normal: 0xfffa,
  flood: 0xfffb,
  all: 0xfffc,
  controller: 0xfffd,
  local: 0xfffe,
  none: 0xffff,
} as const

/** Reserved ports as text writes them (ovs-ofctl(8), "Port Naming"). */
const reserved: Readonly<Record<string, number>> = {
  UNSET: OfPort.unset,
  IN_PORT: OfPort.inPort,
  TABLE: OfPort.table,
  NORMAL: OfPort.normal,
  FLOOD: OfPort.flood,
  ALL: OfPort.all,
  CONTROLLER: OfPort.controller,
  LOCAL: OfPort.local,
  ANY: OfPort.none,
}
const reservedNames: ReadonlyMap<number, string> = new Map(Object.entries(reserved).map(([name, port]) => [port, name]))

const reservedPort = (name: string): number | undefined => {
  const upper = name.toUpperCase()
  if (upper === 'NONE') return OfPort.none
  return Object.hasOwn(reserved, upper) ? reserved[upper] : undefined
}

/** The name of a bridge's port by its OpenFlow number. */
export type PortName = (port: number) => string | undefined
/** The OpenFlow number of a bridge's port by its name. */
export type PortNumber = (name: string) => number | undefined

/** Takes what the original tool logs on the way: `module`, text and level of a line of its log. */
export type Warn = (module: string, text: string, level?: 'WARN' | 'ERR' | 'INFO') => void

/** Whether a name needs no quotes so as not to be read as something else. */
const plain = /^[A-Za-z][A-Za-z0-9]*$/

/**
 * A port as ovs-ofctl reads it: a decimal number, OpenFlow 1.1's 32-bit reserved numbers too, a reserved name in any case
 * (`NONE` is `ANY`), or a name of the bridge (in double quotes or without). Undefined for anything else.
 */
export const parsePort = (text: string, byName?: PortNumber, warn: Warn = () => {}): number | undefined => {
  if (/^-[0-9]+$/.test(text)) {
    warn('ofp_port', `Negative value ${text} is not a valid port number.`)
    return undefined
  }
  if (/^[0-9]+$/.test(text) && Number(text) <= 0xffffffff) return parseNumbered(Number(text), warn)
  const port = reservedPort(text)
  if (port !== undefined) return port
  const name = parseName(text)
  return name === undefined ? undefined : byName?.(name)
}

/** The name of a port or a table: in quotes it may have the escapes of JSON. Undefined if they are wrong. */
export const parseName = (text: string): string | undefined => {
  if (!text.startsWith('"')) return text
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

const parseNumbered = (port: number, warn: Warn): number | undefined => {
  if (port < OfPort.max) return port
  // OpenFlow 1.1 and later number the reserved ports from 0xffffff00.
  if (port >= 0xffffff00) return port - 0xffff0000
  if (port > 0xffff) {
    warn('ofp_port', `port ${port} is outside the supported range 0 through ffff or 0xffffff00 through 0xffffffff`)
    return undefined
  }
  const name = port === OfPort.unset ? undefined : reservedNames.get(port)
  warn(
    'ofp_port',
    name === undefined
      ? `port ${port} is a reserved OF1.0 port number that will be translated to ${port + 0xffff0000} when talking to an OF1.1 or later controller`
      : `referring to port ${name} as ${port} is deprecated for compatibility with OpenFlow 1.1 and later`,
  )
  return port
}

/** Reserved ports by their names in capitals, others by the bridge's name for them if it has one, else the number. */
export const formatPort = (port: number, byNumber?: PortName): string => {
  const word = reservedNames.get(port)
  if (word !== undefined) return word
  const name = byNumber?.(port)
  return name === undefined ? String(port) : formatName(name)
}

/** The name of a port or a table, in quotes unless it is letters and digits. */
export const formatName = (name: string): string => (plain.test(name) ? name : JSON.stringify(name))
