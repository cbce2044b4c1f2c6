/**
 * What the printers of `showLine` share. A printer shows what lies at a place and claims to have a size; the bytes
 * captured may end sooner, at `line.end`. Where they do, tcpdump prints what it knows so far and `[|name]`.
 *
 * No printer imports that of its payload: `line.tables`, made in show.ts, says what follows what.
 */

/** The first sequence numbers of TCP connections, of the side that is named first in the key and of the other. */
export type TcpBases = Map<string, { near: number; far: number }>

/** Shows `size` bytes (as the header around them claims) at `at`. */
export type Printer = (line: Line, at: number, size: number) => void

/** What follows what. */
export type Tables = {
  ethernet: Printer
  /** By ethertype. */
  ethertypes: ReadonlyMap<number, Printer>
  /** By IP protocol or IPv6 next header. */
  protocols: ReadonlyMap<number, Printer>
  /** By UDP port, of either side. */
  ports: ReadonlyMap<number, Printer>
}

/** Deeper nesting is not shown. */
const deepest = 32

/** A line (or more, with `\n`) as it grows. */
export class Line {
  readonly bytes: Uint8Array
  /** Where the bytes end that are there and belong to the innermost packet. */
  end: number
  text = ''
  /** `-e`: the link layer is shown. */
  readonly link: boolean
  /** `-v`. */
  readonly verbose: boolean
  readonly tables: Tables
  /** Remembered from line to line, so that sequence numbers can be shown relative to a connection's first. */
  readonly connections: TcpBases | undefined
  /** Extension headers stand between the addresses and the ports, and the addresses have been shown. */
  fragmented = false
  /** Where the innermost IP header is: the transports' checksums and ports' addresses come from it. */
  ip = 0
  /** The first fragment of something: checksums cannot be judged. */
  incomplete = false
  private depth = 0

  constructor(
    bytes: Uint8Array,
    end: number,
    tables: Tables,
    options: { link: boolean; verbose: boolean; connections?: TcpBases | undefined },
  ) {
    this.bytes = bytes
    this.end = end
    this.tables = tables
    this.link = options.link
    this.verbose = options.verbose
    this.connections = options.connections
  }

  put(text: string): void {
    this.text += text
  }

  /** Whether `size` bytes are there; else the line ends with the mark for bytes cut short. */
  needs(at: number, size: number, name: string): boolean {
    if (at + size <= this.end) return true
    this.put(` [|${name}]`)
    return false
  }

  /** Runs a printer one level deeper. */
  into(print: Printer, at: number, size: number): void {
    if (this.depth >= deepest) {
      this.put(' [|nested]')
      return
    }
    this.depth++
    print(this, at, size)
    this.depth--
  }
}

/** A copy that is one even of a Node `Buffer`, whose own `slice` is a view. */
export const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.subarray(start, end))

export const hex = (value: number, digits = 1): string => value.toString(16).padStart(digits, '0')

/** The names of the bits that are set, lowest first; `none` if there are none. */
export const flagNames = (flags: number, names: readonly string[], separator = ', '): string => {
  const set = names.filter((_, i) => (flags & (1 << i)) !== 0)
  return set.length === 0 ? 'none' : set.join(separator)
}

/** Text as tcpdump prints it: what is not printable with `^` and `M-`. */
export const printable = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ''
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!
    if (byte >= 0x80) {
      text += 'M-'
      byte &= 0x7f
    }
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `^${String.fromCharCode(byte ^ 0x40)}`
  }
  return text
}
