/**
 * Datapath actions from text, in the notation that `actions-text.ts` prints: what `dpctl/add-flow`, `parse-actions` and
 * `normalize-actions` take. Outputs by name, `push_mpls`, `hash` and the like have no notation that Open vSwitch reads, and
 * `drop` stands alone only.
 */
import { type FlowKey, tunnelWords, word } from '../flow/layout.ts'
import { type PortNumberOf, scanOdpPart } from '../flow/odp-parse.ts'
import { OdpScanner } from '../flow/odp-scan.ts'
import type { Action, SparseKey } from './action.ts'
import { scanTracking } from './tracking-parse.ts'
import { scanTunnelPush } from './tunnel-header-parse.ts'
import { scanUserspace } from './userspace-parse.ts'

/**
 * `error` is the number of a system's error, `EINVAL` mostly. Where an action is followed by neither a comma nor a space, it
 * is the size of the action's text with a minus, as in Open vSwitch.
 */
export type ActionsRead = { ok: true; actions: Action[] } | { ok: false; error: number }

const invalid = { ok: false, error: 22 } as const

/** Lists inside lists, at most. */
const mostNested = 32

const separators = /[, \t\r\n]*/y

/** `portNumber` is for outputs by name. */
export const parseOdpActions = (text: string, portNumber?: PortNumberOf): ActionsRead => {
  if (text.toLowerCase() === 'drop') return { ok: true, actions: [explicitDrop] }
  const reader = new ActionReader(new OdpScanner(text), portNumber)
  const { scanner } = reader
  const actions: Action[] = []
  for (;;) {
    scanner.match(separators)
    if (scanner.ended) return { ok: true, actions }
    const from = scanner.at
    const action = reader.action()
    if (action === undefined) return invalid
    if (!scanner.ended && !/[, \t\r\n]/.test(text[scanner.at] as string))
      return { ok: false, error: -(scanner.at - from) }
    actions.push(action)
  }
}

const explicitDrop: Action = { type: 'drop', reason: 'drop_action_of_pipeline' }

class ActionReader {
  readonly scanner: OdpScanner
  private readonly portNumber: PortNumberOf | undefined
  private depth = 0

  constructor(scanner: OdpScanner, portNumber: PortNumberOf | undefined) {
    this.scanner = scanner
    this.portNumber = portNumber
  }

  action(): Action | undefined {
    const { scanner } = this
    const port = scanner.integer(32)
    if (port !== undefined) return { type: 'output', port: Number(port) }
    const named = this.namedPort()
    if (named !== undefined) return named
    const alone = bare.find(({ type }) => scanner.take(type))
    if (alone !== undefined) return alone
    if (scanner.take('ct')) return scanTracking(scanner)
    const [opening = ''] = scanner.match(/[a-z_]+\(/y) ?? []
    const name = opening.slice(0, -1)
    return Object.hasOwn(readers, name) ? readers[name]?.(this) : undefined
  }

  /** A number in a word of its own: `)` ends it. */
  number(width: number): number | undefined {
    const value = this.scanner.integer(width)
    return value !== undefined && this.scanner.take(')') ? Number(value) : undefined
  }

  /** `label=number` one after the other, with commas between; undefined if one is missing or has more bits than it may. */
  values(...wanted: readonly (readonly [label: string, width: number])[]): number[] | undefined {
    const { scanner } = this
    const values: number[] = []
    for (const [label, width] of wanted) {
      if (values.length > 0 && !scanner.take(',')) return undefined
      const value = scanner.take(`${label}=`) ? scanner.integer(64) : undefined
      if (value === undefined || value >> BigInt(width) !== 0n) return undefined
      values.push(Number(value))
    }
    return values
  }

  /** Actions up to a parenthesis. */
  list(): Action[] | undefined {
    if (++this.depth >= mostNested) return undefined
    const actions: Action[] = []
    for (;;) {
      this.scanner.match(separators)
      if (this.scanner.take(')')) break
      const action = this.scanner.ended ? undefined : this.action()
      if (action === undefined) return undefined
      actions.push(action)
    }
    this.depth--
    return actions
  }

  private namedPort(): Action | undefined {
    if (this.portNumber === undefined) return undefined
    const { scanner } = this
    const from = scanner.at
    const number = this.portNumber(scanner.match(/[^, \t\r\n)]*/y)?.[0] ?? '')
    if (number !== undefined) return { type: 'output', port: number }
    scanner.at = from
    return undefined
  }
}

/** Actions that are a word. */
const bare: readonly Action[] = [{ type: 'pop_vlan' }, { type: 'ct_clear' }]

type Read = (reader: ActionReader) => Action | undefined

const ofNumber =
  (width: number, make: (value: number) => Action): Read =>
  reader => {
    const value = reader.number(width)
    return value === undefined ? undefined : make(value)
  }

/** Actions that are a word and what is in parentheses behind it. */
const readers: Readonly<Record<string, Read>> = {
  trunc: ofNumber(32, size => ({ type: 'trunc', size })),
  recirc: ofNumber(32, id => ({ type: 'recirc', id })),
  meter: ofNumber(32, meter => ({ type: 'meter', meter })),
  lb_output: ofNumber(32, bond => ({ type: 'lb_output', bond })),
  tnl_pop: ofNumber(32, port => ({ type: 'tnl_pop', port })),
  pop_nsh: ({ scanner }) => (scanner.take(')') ? { type: 'pop_nsh' } : undefined),
  userspace: ({ scanner }) => scanUserspace(scanner),
  tnl_push: ({ scanner }) => scanTunnelPush(scanner),
  push_vlan: reader => readTag(reader),
  add_mpls: reader => readLabel(reader),
  push_nsh: ({ scanner }) => readServiceHeader(scanner),
  set: ({ scanner }) => readSet(scanner),
  clone(reader) {
    const actions = reader.list()
    return actions === undefined ? undefined : { type: 'clone', actions }
  },
  sample(reader) {
    const percent = Number(reader.scanner.match(/sample=\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)%,actions\(/y)?.[1] ?? -1)
    if (percent < 0 || percent > 100) return undefined
    const actions = reader.list()
    if (actions === undefined || !reader.scanner.take(')')) return undefined
    return { type: 'sample', probability: Math.floor((percent / 100) * 0xffffffff + 0.5), actions }
  },
  check_pkt_len(reader) {
    const { scanner } = reader
    const size = scanner.take('size=') ? scanner.integer(16) : undefined
    const greater = size !== undefined && scanner.take(',gt(') ? branch(reader) : undefined
    const lessEqual = greater !== undefined && scanner.take(',le(') ? branch(reader) : undefined
    if (size === undefined || greater === undefined || lessEqual === undefined || !scanner.take(')')) return undefined
    return { type: 'check_pkt_len', size: Number(size), greater, lessEqual }
  },
}

const branch = (reader: ActionReader): Action[] | undefined =>
  reader.scanner.take('drop)') ? [explicitDrop] : reader.list()

const readTag = (reader: ActionReader): Action | undefined => {
  const { scanner } = reader
  const tpid = scanner.take('tpid=') ? scanner.integer(16) : 0x8100n
  if (tpid === undefined || (tpid !== 0x8100n && !scanner.take(','))) return undefined
  const [vid, pcp] = reader.values(['vid', 12], ['pcp', 3]) ?? []
  if (vid === undefined || pcp === undefined) return undefined
  const cfi = scanner.take(',cfi=') ? scanner.integer(1) : 1n
  if (cfi === undefined || !scanner.take(')')) return undefined
  return { type: 'push_vlan', tpid: Number(tpid), tci: (pcp << 13) | vid, ...(cfi === 0n ? { cfi: false } : {}) }
}

const readLabel = (reader: ActionReader): Action | undefined => {
  const shapes = [
    ['label', 20],
    ['tc', 3],
    ['ttl', 8],
    ['bos', 1],
    ['eth_type', 16],
  ] as const
  const read = reader.values(...shapes)
  if (read === undefined || !reader.scanner.take(')')) return undefined
  const [label = 0, tc = 0, ttl = 0, bos = 0, ethType = 0] = read
  return { type: 'add_mpls', label: ((label << 12) | (tc << 9) | (bos << 8) | ttl) >>> 0, ethType, inner: true }
}

/** Values of a service header: those that are not told are as a switch has them that knows nothing better. */
const serviceShapes = [
  ['flags', 8],
  ['ttl', 8],
  ['mdtype', 8],
  ['np', 8],
  ['spi', 32],
  ['si', 8],
  ['c1', 32],
  ['c2', 32],
  ['c3', 32],
  ['c4', 32],
] as const
type ServiceValue = (typeof serviceShapes)[number][0]
const mostContext = 248

const readServiceHeader = (scanner: OdpScanner): Action | undefined => {
  const values: Record<ServiceValue, number> = {
    ...{ flags: 0, ttl: 63, mdtype: 1, np: 3, spi: 0, si: 255 },
    ...{ c1: 0, c2: 0, c3: 0, c4: 0 },
  }
  let tlvs: number[] = []
  do {
    const shape = serviceShapes.find(([label]) => scanner.take(`${label}=`))
    if (shape !== undefined) {
      const value = scanner.integer(shape[1])
      if (value === undefined) return undefined
      values[shape[0]] = Number(value)
    } else if (scanner.take('md2=')) {
      const digits = scanner.match(/0x((?:[0-9a-fA-F]{2})*)/y)?.[1]
      if (digits === undefined || digits.length > 2 * mostContext) return undefined
      tlvs = (digits.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))
    } else break
  } while (scanner.take(','))
  const { flags, ttl, mdtype, np, spi, si, c1, c2, c3, c4 } = values
  if (!scanner.take(')') || (mdtype !== 1 && mdtype !== 2) || spi > 0xffffff) return undefined
  while (tlvs.length % 4 !== 0) tlvs.push(0)
  const head: SparseKey = [
    [word.nsh, ((flags << 24) | (ttl << 16) | (mdtype << 8) | np) >>> 0],
    [word.nshPath, ((spi << 8) | si) >>> 0],
  ]
  const context: SparseKey = mdtype === 1 ? [c1, c2, c3, c4].map((value, i) => [word.nshContext + i, value]) : []
  return { type: 'push_nsh', key: [...head, ...context], mdType: mdtype, tlvs: mdtype === 2 ? tlvs : [] }
}

const readSet = (scanner: OdpScanner): Action | undefined => {
  const read = scanOdpPart(scanner)
  const [part] = read?.parts ?? []
  if (read === undefined || part === undefined || !scanner.take(')')) return undefined
  const { key, mask } = read
  if (part.name === 'tunnel') {
    const row = key.slice(word.tunIdHigh, word.tunIdHigh + tunnelWords)
    return { type: 'tunnel', row }
  }
  return { type: 'set', ...sparse(key, mask), part }
}

const sparse = (key: FlowKey, mask: FlowKey): { key: SparseKey; mask: SparseKey } => {
  const places = [...mask.keys()].filter(place => mask[place] !== 0 || key[place] !== 0)
  return { key: places.map(place => [place, key[place]!]), mask: places.map(place => [place, mask[place]!]) }
}
