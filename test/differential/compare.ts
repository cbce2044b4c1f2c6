import { splitActions } from '../interop/translate-compare.ts'

/** What two traces of one packet have in common. */
export const aspects = ['errors', 'flow', 'steps', 'final flow', 'megaflow', 'datapath actions', 'rest'] as const
export type Aspect = (typeof aspects)[number]

/** Numbers of recirculations by the order in which they are first told. */
const renumber = (text: string): string => {
  const ids = new Map<string, string>()
  const order = (digits: string): string => {
    const id = String(Number(digits))
    if (id === '0') return '0'
    const known = ids.get(id) ?? String(ids.size + 1)
    ids.set(id, known)
    return known
  }
  return text
    .replace(/recirc\((0x[0-9a-f]+)\)/g, (_, id) => `recirc(${order(id)})`)
    .replace(/recirc_id=(0x[0-9a-f]+|\d+)/g, (_, id) => `recirc_id=${order(id)}`)
}

const aspectOf = (line: string): Aspect =>
  line.startsWith('error:')
    ? 'errors'
    : line.startsWith('Flow: ')
      ? 'flow'
      : line.startsWith('Final flow: ')
        ? 'final flow'
        : line.startsWith('Megaflow: ')
          ? 'megaflow'
          : line.startsWith('Datapath actions: ')
            ? 'datapath actions'
            : /^( *>*|-|\d|bridge|$)/.test(line) && /^ |^-|^bridge/.test(line)
              ? 'steps'
              : 'rest'

/** Open vSwitch promises no order of ports where it floods. */
export const floods = /FLOOD|\bALL\b|flooding/

/** For each output what was done to the frame before, where pushing and popping of one tag is nothing, in any order. */
const deliveries = (actions: string, tag: string | undefined): string => {
  // Of bridges that send to each other until a limit is reached, only the pieces.
  if (actions.length > 20_000) return splitActions(actions).sort().join(',')
  const done: string[] = []
  const out: string[] = []
  for (const part of splitActions(actions)) {
    const last = done.at(-1)
    if (/^(\d+$|userspace|sample|clone)/.test(part)) out.push(`${done.join(',')}>${part}`)
    else if (part === 'pop_vlan' && last?.startsWith('push_vlan')) done.pop()
    else if (last === 'pop_vlan' && tag !== undefined && part === tag && !done.slice(0, -1).includes('pop_vlan'))
      done.pop()
    else done.push(part)
  }
  return out.sort().join(' ')
}

/** The tag that a packet came with, as the datapath would push it again. */
const tagOf = (flow: string): string | undefined => {
  const found = /dl_vlan=(\d+),dl_vlan_pcp=(\d+)/.exec(flow)
  return found === null ? undefined : `push_vlan(vid=${found[1]},pcp=${found[2]})`
}

type Parts = { readonly [A in Aspect]: string[] }

const partsOf = (trace: string): Parts => {
  const parts: Record<Aspect, string[]> = {
    errors: [],
    flow: [],
    steps: [],
    'final flow': [],
    megaflow: [],
    'datapath actions': [],
    rest: [],
  }
  for (const line of renumber(trace).split('\n')) parts[aspectOf(line)].push(line)
  return parts
}

/** In what the traces differ. */
export const differences = (theirs: string, ours: string): Aspect[] => {
  const [a, b] = [partsOf(theirs), partsOf(ours)]
  const isFlooded = floods.test(theirs)
  return aspects.filter(aspect => {
    const [x, y] = [a[aspect], b[aspect]].map(lines => {
      if (!isFlooded) return lines.join('\n')
      if (aspect === 'steps') return lines.sort().join('\n')
      if (aspect !== 'datapath actions') return lines.join('\n')
      return lines
        .map((line, i) => deliveries(line.slice('Datapath actions: '.length), tagOf(a.flow[i] ?? '')))
        .join('\n')
    })
    return x !== y
  })
}
