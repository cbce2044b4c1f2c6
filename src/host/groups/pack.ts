import { type Ip, isIp6 } from '../../wire/address.ts'
import { type GroupRecord, GroupRecordType } from '../../wire/group-code.ts'

/**
 * Records as the messages that carry them, each of no more than `room` bytes behind the message's header. A record that
 * excludes too many sources for one message names the first of them, any other goes on in the next (RFC 3376 §4.2.16).
 */
export const pack = (records: readonly GroupRecord<Ip>[], room: number): GroupRecord<Ip>[][] => {
  const messages: GroupRecord<Ip>[][] = []
  let message: GroupRecord<Ip>[] = []
  let used = 0
  const next = (): void => {
    if (message.length > 0) messages.push(message)
    message = []
    used = 0
  }
  for (const { type, group, sources } of records) {
    const [head, each] = isIp6(group) ? [20, 16] : [8, 4]
    const whole = type === GroupRecordType.isExclude || type === GroupRecordType.toExclude
    const least = head + (whole ? sources.length : Math.min(1, sources.length)) * each
    if (used + least > room) next()
    const most = Math.floor((room - head) / each)
    let at = 0
    do {
      const fit = Math.min(sources.length - at, Math.max(0, Math.floor((room - used - head) / each)), most)
      message.push({ type, group, sources: sources.slice(at, at + fit) })
      used += head + fit * each
      at += fit
      if (whole || fit === 0) break
      if (at < sources.length) next()
    } while (at < sources.length)
  }
  next()
  return messages
}
