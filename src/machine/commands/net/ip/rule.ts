import { type IpObject, unknownCommand } from './call.ts'
import { jsonList } from './json.ts'
import { abbreviated } from './words.ts'

const tables = { 4: ['local', 'main', 'default'], 6: ['local', 'main'] } as const
const priorities = [0, 32766, 32767]

/** `ip rule show`: the rules that every namespace starts with, and the only ones there are here. */
export const rule: IpObject = ({ words, options }) => {
  const word = words.next() ?? 'show'
  if (abbreviated(word, ['show', 'list', 'lst']) === undefined) throw unknownCommand(word, 'rule')
  const rules = tables[options.family ?? 4].map((table, i) => ({
    priority: priorities[i] as number,
    src: 'all',
    table,
  }))
  if (options.json) return jsonList(rules, options.pretty)
  return rules.map(({ priority, table }) => `${priority}:\tfrom all lookup ${table}\n`).join('')
}
