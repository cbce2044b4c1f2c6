import type { TcpOption } from '../../wire/tcp-options.ts'

/** The options of a segment that a connection looks at; numbers as on the wire. */
export type SegmentOptions = {
  mss?: number
  shift?: number
  sackPermitted?: boolean
  timestamps?: { value: number; echo: number }
  sack?: readonly { left: number; right: number }[]
}

export const readOptions = (options: readonly TcpOption[]): SegmentOptions => {
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

/** Options of every other segment: timestamps and what is held out of order. */
export const plainOptions = ({ timestamps, sack }: SegmentOptions): TcpOption[] => {
  const options: TcpOption[] = []
  if (timestamps !== undefined) options.push(nop, nop, { kind: 'timestamps', ...timestamps })
  if (sack !== undefined && sack.length > 0) options.push(nop, nop, { kind: 'sack', blocks: [...sack] })
  return options
}
