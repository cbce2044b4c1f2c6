/** The name of a bridge's port by its OpenFlow number. */
export type PortName = (port: number) => string | undefined

/** Reserved ports as text writes them (ovs-ofctl(8), "Port Naming"). */
const reserved: Readonly<Record<string, number>> = {
  UNSET: 0xfff7,
  IN_PORT: 0xfff8,
  TABLE: 0xfff9,
  NORMAL: 0xfffa,
  FLOOD: 0xfffb,
  ALL: 0xfffc,
  CONTROLLER: 0xfffd,
  LOCAL: 0xfffe,
  ANY: 0xffff,
}

/** A number in decimal, a reserved name in any case (`NONE` is `ANY`), or what `byName` knows. */
export const parsePort = (text: string, byName?: (name: string) => number | undefined): number | undefined => {
  if (/^[0-9]+$/.test(text)) {
    const port = Number(text)
    // OpenFlow 1.1 and later number the reserved ports from 0xffffff00.
    if (port >= 0xffffff00 && port <= 0xffffffff) return port - 0xffff0000
    return port <= 0xffff ? port : undefined
  }
  const upper = text.toUpperCase()
  if (upper === 'NONE') return reserved.ANY
  if (Object.hasOwn(reserved, upper)) return reserved[upper]
  return byName?.(text)
}

export const formatPort = (port: number, byNumber?: PortName): string =>
  Object.keys(reserved).find(name => reserved[name] === port) ?? byNumber?.(port) ?? port.toString()
