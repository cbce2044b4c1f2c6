/** `--color` and OVS_COLORS: how flows are coloured (ovs-ofctl(8), "OPTIONS"). */
import { colored, type Paint, plain, type Style, type StyleKey, styleKeys } from '../../flow/paint.ts'
import type { Stdio } from '../program.ts'

export type ColorWish = 'always' | 'never' | 'auto'

/** What may stand for each, in any case; the manual has the first ones. */
const wishes: Readonly<Record<string, ColorWish>> = {
  auto: 'auto',
  tty: 'auto',
  'if-tty': 'auto',
  always: 'always',
  yes: 'always',
  force: 'always',
  never: 'never',
  no: 'never',
  none: 'never',
}

/** Without a word it is left to the terminal; undefined of a word that is none. */
export const colorWish = (word = 'auto'): ColorWish | undefined => {
  const key = word.toLowerCase()
  return Object.hasOwn(wishes, key) ? wishes[key] : undefined
}

/** SGR codes if OVS_COLORS does not say others. */
const usual: Readonly<Record<Style, string>> = {
  actions: '1;31',
  drop: '34',
  learn: '31',
  param: '36',
  paren: '35',
  special: '33',
  value: '32',
}

/** What C prints for a text that is not there: a key without `=`. */
const noText = '(null)'

const isKey = (name: string): name is StyleKey => Object.hasOwn(styleKeys, name)

/** `ac=01;31:dr=34`: keys that are not known are passed over, and so are codes of more than digits and semicolons. */
export const codesOf = (text: string): Record<Style, string> => {
  const codes: Record<Style, string> = { ...usual }
  for (const part of text.split(':')) {
    const [, key = '', code] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? []
    if (isKey(key) && (code === undefined || /^[0-9;]*$/.test(code))) codes[styleKeys[key]] = code ?? noText
  }
  return codes
}

/** How a command colours what it prints. A terminal that is not known, or cannot (`dumb`), is not asked to by `auto`. */
export const paintFor = (wish: ColorWish, { isTerminal, env }: Pick<Stdio, 'isTerminal' | 'env'>): Paint => {
  const terminal = env?.get('TERM')
  const colors = wish === 'always' || (wish === 'auto' && isTerminal && terminal !== undefined && terminal !== 'dumb')
  return colors ? colored(codesOf(env?.get('OVS_COLORS') ?? '')) : plain
}
