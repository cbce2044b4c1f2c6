/** What two traces of one packet have in common. */
export const aspects = ['errors', 'flow', 'steps', 'final flow', 'megaflow', 'datapath actions', 'rest'] as const
export type Aspect = (typeof aspects)[number]

/** Numbers of recirculations by the order in which they are first told. */
export const renumber = (text: string): string => {
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
  return aspects.filter(aspect => a[aspect].join('\n') !== b[aspect].join('\n'))
}
