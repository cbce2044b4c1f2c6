import { word } from '../flow/layout.ts'
import type { Action, SparseKey } from './action.ts'

const wordOf = (key: SparseKey, place: number): number => key.find(([index]) => index === place)?.[1] ?? 0

/** The header of a `push_nsh`. */
export const formatNsh = ({ key, mdType, tlvs }: Extract<Action, { type: 'push_nsh' }>): string => {
  const at = (place: number): number => wordOf(key, place)
  const [head, path] = [at(word.nsh), at(word.nshPath)]
  const parts = [
    `flags=${head >>> 24}`,
    `ttl=${(head >>> 16) & 255}`,
    `mdtype=${mdType}`,
    `np=${head & 255}`,
    `spi=0x${(path >>> 8).toString(16)}`,
    `si=${path & 255}`,
  ]
  if (mdType === 1) for (let i = 0; i < 4; i++) parts.push(`c${i + 1}=0x${at(word.nshContext + i).toString(16)}`)
  else if (mdType !== 2) parts.push('<error: unknown mdtype>')
  else parts.push(`md2=${formatBytes(tlvs)}`)
  return parts.join(',')
}

const formatBytes = (bytes: readonly number[]): string =>
  bytes.length === 0
    ? '0'
    : `0x${bytes
        .map(byte => byte.toString(16).padStart(2, '0'))
        .join('')
        .replace(/^0+(?=.)/, '')}`

type Field = readonly [name: string, place: number, low: number, width: number]
const head: readonly Field[] = [
  ['flags', word.nsh, 24, 8],
  ['ttl', word.nsh, 16, 8],
  ['spi', word.nshPath, 8, 24],
  ['si', word.nshPath, 0, 8],
]
const contexts = [0, 1, 2, 3].map((i): Field => [`c${i + 1}`, word.nshContext + i, 0, 32])

/**
 * The part of a `set` that is about NSH, if there is one. Of a header that has no contexts of fixed length (the key says its
 * kind) Open vSwitch tells zeros for them, which are not written.
 */
export const formatNshSet = (key: SparseKey, mask: SparseKey): string[] => {
  const format = ([name, place, low, width]: Field): string[] => {
    const ones = 2 ** width - 1
    const bits = ((wordOf(mask, place) >>> low) & ones) >>> 0
    const value = ((wordOf(key, place) >>> low) & ones) >>> 0
    if (bits === 0) return []
    if (bits === ones) return [`${name}=${width > 8 ? hex(value) : value}`]
    return [width > 8 ? `${name}=${hex(value)}/${hex(bits, 8)}` : `${name}=${hex(value, 2)}/${hex(bits, 2)}`]
  }
  const hasContexts = ((wordOf(key, word.nsh) >>> 8) & 0xff) === 1
  const parts = [...head, ...(hasContexts ? contexts : [])].flatMap(format)
  if (parts.length === 0) return []
  return [`set(nsh(${[...parts, ...(hasContexts ? [] : contexts.map(([name]) => `${name}=0x0`))].join(',')}))`]
}

const hex = (value: number, digits = 1): string => `0x${value.toString(16).padStart(digits, '0')}`
