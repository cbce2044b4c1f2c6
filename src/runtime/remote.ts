/** Names of ends of connections, as all programs of Open vSwitch have them (ovsdb(7), "Connection Methods"). */

/** The port of OpenFlow (IANA). */
export const openFlowPort = 6653
/** The port of OVSDB (IANA). */
export const ovsdbPort = 6640

/** Who is to be called. */
export type ActiveRemote = { type: 'unix'; path: string } | { type: 'tcp' | 'ssl'; host: string; port: number }
/** Where to wait for calls; `host` undefined for all addresses. */
export type PassiveRemote =
  | { type: 'punix'; path: string }
  | { type: 'ptcp' | 'pssl'; host: string | undefined; port: number }
export type Remote = ActiveRemote | PassiveRemote

export const isPassive = (remote: Remote): remote is PassiveRemote => remote.type.startsWith('p')
const portOf = (text: string | undefined, usual: number): number | undefined => {
  if (text === undefined || text === '') return usual
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined
}

/** Reads `tcp:10.0.0.1:6653`, `tcp:[::1]`, `ptcp:6653:127.0.0.1`, `unix:/path`, `punix:/path`, `ssl:…`, `pssl:…`. */
export const parseRemote = (text: string, usualPort = openFlowPort): Remote | undefined => {
  const [, type = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? []
  if (type === 'unix' || type === 'punix') return rest === '' ? undefined : { type, path: rest }
  if (type === 'tcp' || type === 'ssl') {
    const found = /^(?:\[([^\]]+)\]|([^:]+))(?::([0-9]+))?$/.exec(rest)
    const host = found?.[1] ?? found?.[2]
    const port = portOf(found?.[3], usualPort)
    return host === undefined || port === undefined ? undefined : { type, host, port }
  }
  if (type === 'ptcp' || type === 'pssl') {
    const found = /^([0-9]*)(?::(?:\[([^\]]+)\]|(.+)))?$/.exec(rest)
    const port = portOf(found?.[1], usualPort)
    return found === null || port === undefined ? undefined : { type, host: found[2] ?? found[3], port }
  }
  return undefined
}
