import { word } from '../flow/layout.ts'
import type { Action } from './action.ts'

/** The header of a `push_nsh`. */
export const formatNsh = ({ key, mdType, tlvs }: Extract<Action, { type: 'push_nsh' }>): string => {
  const at = (place: number): number => key.find(([index]) => index === place)?.[1] ?? 0
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
  else if (tlvs.length > 0) parts.push(`md2=0x${tlvs.map(byte => byte.toString(16).padStart(2, '0')).join('')}`)
  return parts.join(',')
}
