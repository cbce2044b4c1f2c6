import { strtoull } from './c-number.ts'
import type { TlvMap } from './message.ts'

const number = '\\s*([+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*))'
const one = new RegExp(`^\\{class=${number},type=${number},len=${number}\\}->tun_metadata${number}`)

/**
 * Reads tunnel options and the fields that they are to stand in, `{class=0xffff,type=1,len=4}->tun_metadata0`, apart by
 * commas. Numbers that are too large lose their upper bits; undefined if the text is none of this.
 */
export const parseTlvMaps = (text: string): TlvMap[] | undefined => {
  const maps: TlvMap[] = []
  let rest = text
  while (rest !== '') {
    const found = one.exec(rest.replace(/^,/, ''))
    if (found === null) return undefined
    const [, ...numbers] = found
    const [optionClass = 0, type = 0, length = 0, index = 0] = numbers.map(each => Number(strtoull(each) & 0xffffn))
    maps.push({ class: optionClass, type: type & 0xff, length: length & 0xff, index })
    rest = found.input.slice(found[0].length)
  }
  return maps
}
