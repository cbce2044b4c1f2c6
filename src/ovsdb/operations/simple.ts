/** The operations that touch no row: RFC 7047 §5.2.7 to §5.2.10. */
import { Fault } from '../fault.ts'
import type { Operation } from './call.ts'

export const commit: Operation = call => {
  const durable = call.members.required('durable', 'boolean')
  if (call.members.failed !== undefined) return call.members.failed
  if (durable === true) call.durable = true
  return {}
}

export const abort: Operation = () => new Fault('aborted', 'aborted by request')

export const comment: Operation = ({ members, comments }) => {
  const text = members.required('comment', 'string')
  if (members.failed !== undefined) return members.failed
  comments.push(String(text))
  return {}
}

export const assert: Operation = ({ members, holdsLock }) => {
  const lock = members.required('lock', 'id')
  if (members.failed !== undefined) return members.failed
  return holdsLock(String(lock)) ? {} : new Fault('not owner', `Asserted lock ${lock} not held.`)
}
