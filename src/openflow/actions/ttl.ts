import type { ActionFormatter, ActionParsers } from './codec.ts'

/** `dec_ttl`, or with the controllers that are told of a TTL that runs out: `dec_ttl(1,2)`. */
export const ttlParsers: ActionParsers = {
  dec_ttl: argument => {
    if (argument.trim() === '') return { type: 'dec_ttl', controllerIds: [0] }
    const controllerIds = argument.split(/[, ]+/).map(text => (Number.parseInt(text, 10) || 0) & 0xffff)
    return { type: 'dec_ttl', controllerIds, as: 'list' }
  },
}

export const formatDecTtl: ActionFormatter<'dec_ttl'> = ({ controllerIds, as }) =>
  as === undefined && controllerIds.length === 1 && controllerIds[0] === 0
    ? 'dec_ttl'
    : `dec_ttl(${controllerIds.join(',')})`
