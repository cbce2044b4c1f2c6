import { u32 } from '../../wire/header.ts'
import { parseTcpOptions, type TcpOption } from '../../wire/tcp-options.ts'

/** The options of a segment that a connection looks at; numbers as on the wire. */
export type SegmentOptions = {
  mss?: number
  shift?: number
  sackPermitted?: boolean
  timestamps?: { value: number; echo: number }
  sack?: readonly { left: number; right: number }[]
}

const readOptions = (options: readonly TcpOption[]): SegmentOptions => {
  const read: SegmentOptions = {}
  for (const option of options) {
    if (option.kind === 'mss') read.mss = option.mss
    else if (option.kind === 'windowScale') read.shift = Math.min(14, option.shift)
    else if (option.kind === 'sackPermitted') read.sackPermitted = true
    else if (option.kind === 'timestamps') read.timestamps = { value: option.value, echo: option.echo }
    else if (option.kind === 'sack') read.sack = option.blocks
  }
  return read
}

const nop = { kind: 'nop' } as const

/** Options of a SYN in Linux's order; 4 to 20 bytes. */
export const synOptions = ({ mss, shift, sackPermitted, timestamps }: SegmentOptions): TcpOption[] => {
  const options: TcpOption[] = [{ kind: 'mss', mss: mss ?? 536 }]
  if (timestamps !== undefined) {
    if (sackPermitted) options.push({ kind: 'sackPermitted' })
    else options.push(nop, nop)
    options.push({ kind: 'timestamps', ...timestamps })
  } else if (sackPermitted) options.push(nop, nop, { kind: 'sackPermitted' })
  if (shift !== undefined) options.push(nop, { kind: 'windowScale', shift })
  return options
}

/** What nearly every segment has: two bytes of padding, and timestamps. */
const usual = 0x0101080a

/** The options of a segment, at `at` to `end`; undefined if they cannot be. */
export const optionsOf = (bytes: Uint8Array, at: number, end: number): SegmentOptions | undefined => {
  if (at === end) return none
  if (end - at === 12 && u32.get(bytes, at) === usual)
    return { timestamps: { value: u32.get(bytes, at + 4), echo: u32.get(bytes, at + 8) } }
  const parsed = parseTcpOptions(bytes, at, end)
  return parsed.ok ? readOptions(parsed.value) : undefined
}

const none: SegmentOptions = {}
