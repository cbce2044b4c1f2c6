import { hexdump, hexdumpText, showLine, type TcpBases } from '../../../../wire/index.ts'
import { formatDate } from '../../date.ts'
import type { TcpdumpOptions } from './options.ts'
import { microseconds } from './pcap-file.ts'

/** A frame with what is known of its capture. `time` is milliseconds since 1970. */
export type Captured = {
  time: number
  bytes: Uint8Array
  /** For a capture of all interfaces: the interface's name, and which way the frame went. */
  device?: { name: string; way: string; index: number }
}

/** Prints frames; remembers what lines depend on. */
export class LinePrinter {
  private readonly options: TcpdumpOptions
  private readonly connections: TcpBases = new Map()
  private first: number | undefined
  private previous: number | undefined
  private count = 0

  constructor(options: TcpdumpOptions) {
    this.options = options
  }

  /** The line or lines of one frame, with the `\n`. */
  line(captured: Captured): string {
    const { options, connections } = this
    const { bytes, device, time } = captured
    const end = Math.min(bytes.length, options.snapLength)
    this.count++
    const number = options.numbered ? `${String(this.count).padStart(5)}  ` : ''
    const verbose = options.verbose > 0
    const link = options.link && device === undefined
    const shown = showLine(bytes, 0, end, { link, verbose, connections })
    const where = device === undefined ? '' : `${device.name.padEnd(5)} ${device.way.padEnd(3)} `
    const dump = this.dump(bytes, end)
    return `${number}${this.stamp(time)}${where}${shown}${dump}\n`
  }

  private dump(bytes: Uint8Array, end: number): string {
    const { dump, dumpLink } = this.options
    const start = dumpLink ? 0 : Math.min(14, end)
    if (dump === 'hex') return hexdump(bytes, start, end)
    if (dump === 'text') return hexdumpText(bytes, start, end)
    return dump === 'ascii' ? `\n${ascii(bytes, start, end)}` : ''
  }

  private stamp(time: number): string {
    const since = (base: number): string => ` ${clock(time - base)} `
    this.first ??= time
    const previous = this.previous ?? time
    this.previous = time
    switch (this.options.time) {
      case 0:
        return `${formatDate('%T', time)}.${micro(time)} `
      case 1:
        return ''
      case 2:
        return `${Math.floor(time / 1000)}.${micro(time)} `
      case 3:
        return since(previous)
      case 4:
        return `${formatDate('%F %T', time)}.${micro(time)} `
      default:
        return since(this.first)
    }
  }
}

const micro = (time: number): string => String(microseconds(time)).padStart(6, '0')

const clock = (milliseconds: number): string => `${formatDate('%T', milliseconds)}.${micro(milliseconds)}`

/** `-A`: what can be printed, and dots. */
const ascii = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    const kept = byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127)
    text += kept ? (byte === 13 ? '.' : String.fromCharCode(byte)) : '.'
  }
  return text
}
