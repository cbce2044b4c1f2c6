/** Reads a datapath's notation from left to right, as a program in C scans it: what follows a value is looked at next. */
import { parseIp6 } from '../wire/address.ts'
import { fragment } from './layout.ts'
import { type OdpRow, onesOf } from './odp-parts.ts'

export type Scanned = { value: bigint; mask: bigint }

const integer = /\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/y
const macDigits = /\s*[0-9a-fA-F]+(?::[0-9a-fA-F]+){5}/y
const ip4Digits = /\s*[0-9]+(?:\.[0-9]+){3}/y
const ip6Digits = /[0-9a-fA-F:.]+/y

const fragments: Readonly<Record<string, number>> = {
  no: 0,
  first: fragment.any,
  later: fragment.any | fragment.later,
}

export class OdpScanner {
  readonly text: string
  at = 0

  constructor(text: string, at = 0) {
    this.text = text
    this.at = at
  }

  /** What is left. */
  get rest(): string {
    return this.text.slice(this.at)
  }

  get ended(): boolean {
    return this.at >= this.text.length
  }

  /** Whether the text goes on so; then it is behind that. */
  take(literal: string): boolean {
    if (!this.text.startsWith(literal, this.at)) return false
    this.at += literal.length
    return true
  }

  /** What a pattern, which is a sticky one, finds here; then it is behind that. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }

  /** A whole number as `%i` of scanf(3) reads it, of which `width` bits are kept. */
  integer(width: number): bigint | undefined {
    const found = this.match(integer)
    if (found === undefined) return undefined
    const digits = found[2] as string
    const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
    return BigInt.asUintN(width, found[1] === '-' ? -size : size)
  }

  /** A value, and behind a `/` its mask if there may be one; without it, all bits count. */
  scan(row: OdpRow, masked: boolean): Scanned | undefined {
    const value = this.value(row)
    if (value === undefined) return undefined
    const full = onesOf(row.width)
    if (!masked || row.kind === 'fragment' || this.text[this.at] !== '/') return { value, mask: full }
    this.at++
    const mask = this.value(row)
    return mask === undefined ? undefined : { value, mask }
  }

  private value({ kind, width, room }: OdpRow): bigint | undefined {
    if (kind === 'mac') return this.mac()
    if (kind === 'ip4') return this.ip4()
    if (kind === 'ip6') return this.ip6()
    if (kind === 'fragment') {
      const [name = ''] = this.match(/no|first|later/y) ?? []
      return name === '' ? undefined : BigInt(fragments[name] as number)
    }
    if (room > 0) return this.integer(room)
    const value = this.integer(64)
    return value === undefined || value > onesOf(width) ? undefined : value
  }

  private mac(): bigint | undefined {
    const found = this.match(macDigits)
    if (found === undefined) return undefined
    const bytes = found[0].trim().split(':')
    return bytes.reduce((mac, byte) => (mac << 8n) | BigInt(Number.parseInt(byte.slice(-2), 16)), 0n)
  }

  private ip4(): bigint | undefined {
    const found = this.match(ip4Digits)
    if (found === undefined) return undefined
    const bytes = found[0].trim().split('.')
    return bytes.reduce((address, byte) => (address << 8n) | (BigInt(byte) & 0xffn), 0n)
  }

  private ip6(): bigint | undefined {
    const found = this.match(ip6Digits)
    return found === undefined ? undefined : parseIp6(found[0])
  }
}
