import { u8, u16, u32 } from './header.ts'
import { type Parsed, parsed, refused } from './parsed.ts'

/** RFC 9293 §3.2, RFC 7323 (window scale, timestamps), RFC 2018 (SACK). */
export const TcpOptionType = {
  end: 0,
  nop: 1,
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
} as const

/** `nop` stands for one byte of padding, kept so that options come out as they went in. */
export type TcpOption =
  | { kind: 'nop' }
  | { kind: 'mss'; mss: number }
  | { kind: 'windowScale'; shift: number }
  | { kind: 'sackPermitted' }
  | { kind: 'sack'; blocks: { left: number; right: number }[] }
  | { kind: 'timestamps'; value: number; echo: number }
  | { kind: 'other'; type: number; data: Uint8Array }

/** Options up to `end` or the end-of-list option. Refuses `short`, and `length` for an option length under 2. */
export const parseTcpOptions = (bytes: Uint8Array, start: number, end: number): Parsed<TcpOption[]> => {
  const options: TcpOption[] = []
  for (let at = start; at < end; ) {
    const type = bytes[at]!
    if (type === TcpOptionType.end) break
    if (type === TcpOptionType.nop) {
      options.push({ kind: 'nop' })
      at++
      continue
    }
    if (at + 2 > end) return refused('short')
    const size = bytes[at + 1]!
    if (size < 2) return refused('length')
    if (at + size > end) return refused('short')
    options.push(readOption(bytes, at, type, size))
    at += size
  }
  return parsed(options)
}

const readOption = (bytes: Uint8Array, at: number, type: number, size: number): TcpOption => {
  if (type === TcpOptionType.mss && size === 4) return { kind: 'mss', mss: u16.get(bytes, at + 2) }
  if (type === TcpOptionType.windowScale && size === 3) return { kind: 'windowScale', shift: bytes[at + 2]! }
  if (type === TcpOptionType.sackPermitted && size === 2) return { kind: 'sackPermitted' }
  if (type === TcpOptionType.timestamps && size === 10)
    return { kind: 'timestamps', value: u32.get(bytes, at + 2), echo: u32.get(bytes, at + 6) }
  if (type === TcpOptionType.sack && size % 8 === 2) {
    const blocks: { left: number; right: number }[] = []
    for (let i = at + 2; i < at + size; i += 8) blocks.push({ left: u32.get(bytes, i), right: u32.get(bytes, i + 4) })
    return { kind: 'sack', blocks }
  }
  return { kind: 'other', type, data: bytes.subarray(at + 2, at + size) }
}

const sizes = { nop: 1, mss: 4, windowScale: 3, sackPermitted: 2, timestamps: 10 } as const

const optionSize = (option: TcpOption): number => {
  if (option.kind === 'sack') return 2 + 8 * option.blocks.length
  if (option.kind === 'other') return 2 + option.data.length
  return sizes[option.kind]
}

/** The size of options in bytes, filled up to a multiple of 4. */
export const tcpOptionsSize = (options: readonly TcpOption[]): number =>
  (options.reduce((size, option) => size + optionSize(option), 0) + 3) & ~3

/** Writes options and the padding behind them; returns `tcpOptionsSize`. */
export const writeTcpOptions = (bytes: Uint8Array, start: number, options: readonly TcpOption[]): number => {
  const total = tcpOptionsSize(options)
  bytes.fill(0, start, start + total)
  let at = start
  for (const option of options) {
    const size = optionSize(option)
    bytes[at] = option.kind === 'other' ? option.type : TcpOptionType[option.kind]
    if (size > 1) bytes[at + 1] = size
    switch (option.kind) {
      case 'mss':
        u16.set(bytes, at + 2, option.mss)
        break
      case 'windowScale':
        u8.set(bytes, at + 2, option.shift)
        break
      case 'timestamps':
        u32.set(bytes, at + 2, option.value)
        u32.set(bytes, at + 6, option.echo)
        break
      case 'sack':
        for (const [i, { left, right }] of option.blocks.entries()) {
          u32.set(bytes, at + 2 + 8 * i, left)
          u32.set(bytes, at + 6 + 8 * i, right)
        }
        break
      case 'other':
        bytes.set(option.data, at + 2)
    }
    at += size
  }
  return total
}
