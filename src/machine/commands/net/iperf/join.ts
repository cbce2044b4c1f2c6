import { errnoText, type Link, type Result, type UdpSocket } from '../../../../host/index.ts'
import { formatIp, isMulticastIp } from '../../../../wire/address.ts'
import type { Session } from './session.ts'

/** What a server says of its group, and of why it could not join it: it listens none the less. */
export type Joined = { lines: readonly string[]; complaint?: string }

const single = 'Server set to single client traffic mode (per multicast receive)'

/** A server whose `-B` names a group joins it, on the link behind `%` or that of the route, from the source of `-H` alone. */
export const joinGroup = (session: Session, socket: UdpSocket): Joined => {
  const { address: group } = socket
  if (group === undefined || !isMulticastIp(group)) return { lines: [] }
  const { options, process } = session
  const { namespace } = process
  const device = /%(.+?)\]?(?::\d+)?$/.exec(options.bind ?? '')?.[1]
  const source = options.source === undefined ? undefined : session.resolve(options.source)
  const [text, from] = [formatIp(group), source === undefined ? '*' : formatIp(source)]
  const where = device === undefined ? '' : ` w/iface ${device}`
  const named = source === undefined ? `(*,G)=*,${text}` : `(S,G)=${from},${text}`
  const plainly = source === undefined && device === undefined
  const lines = [plainly ? `Joining multicast group  ${text}` : `Joining multicast ${named}${where}`, single]
  const path = device === undefined ? namespace.route(group) : undefined
  const link: Link | undefined =
    device !== undefined ? namespace.links.get(device) : typeof path === 'object' ? path.link : undefined
  const joined: Result | undefined =
    link === undefined
      ? undefined
      : source === undefined
        ? socket.join(group, link)
        : socket.joinSource(group, link, source)
  if (joined?.ok) return { lines }
  const call =
    device !== undefined && link === undefined ? 'mcast if_nametoindex' : callOf(plainly, source !== undefined)
  return { lines, complaint: `${call} failed: ${errnoText[joined?.errno ?? 'ENODEV']}` }
}

const callOf = (plainly: boolean, sourced: boolean): string =>
  plainly ? 'multicast join' : sourced ? 'mcast join source group' : 'mcast join group'
