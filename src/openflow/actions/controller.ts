import { parseUpTo } from '../number.ts'
import { splitWords } from '../words.ts'
import type { ActionFormatter, ActionOf, ActionParser, ActionParsers } from './codec.ts'

type Controller = ActionOf<'controller'>
const reasons: readonly string[] = ['no_match', 'action', 'invalid_ttl'] satisfies Controller['reason'][]
const isReason = (text: string): text is Controller['reason'] => reasons.includes(text)
const notYet = new Set(['userdata', 'pause', 'meter_id'])

/** `controller`, `CONTROLLER:128`, `controller(reason=no_match,max_len=128,id=3)`. */
const parse: ActionParser = argument => {
  let action: Controller = { type: 'controller', maxLength: 0xffff, reason: 'action', controllerId: 0 }
  if (/^[0-9]/.test(argument) && !argument.includes('=')) {
    const maxLength = parseUpTo(argument, 0xffff)
    return maxLength === undefined ? `invalid max_len "${argument}"` : { ...action, maxLength }
  }
  for (const { name, value } of splitWords(argument)) {
    if (name === 'reason') {
      if (!isReason(value)) return `unknown reason "${value}"`
      action = { ...action, reason: value }
    } else if (name === 'max_len' || name === 'id') {
      const number = parseUpTo(value, 0xffff)
      if (number === undefined) return `invalid ${name} "${value}"`
      action = name === 'id' ? { ...action, controllerId: number } : { ...action, maxLength: number }
    } else if (notYet.has(name)) return `controller(${name}) is not supported yet`
    else return `unknown key "${name}" parsing controller action`
  }
  return action
}

export const controllerParsers: ActionParsers = { controller: parse }

export const formatController: ActionFormatter<'controller'> = ({ maxLength, reason, controllerId }) => {
  if (reason === 'action' && controllerId === 0) return `CONTROLLER:${maxLength}`
  const parts: string[] = []
  if (reason !== 'action') parts.push(`reason=${reason}`)
  if (maxLength !== 0xffff) parts.push(`max_len=${maxLength}`)
  if (controllerId !== 0) parts.push(`id=${controllerId}`)
  return `controller(${parts.join(',')})`
}
