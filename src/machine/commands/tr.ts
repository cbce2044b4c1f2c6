import { utf8, utf8Decoder } from '../../runtime/index.ts'
import type { Command } from '../command.ts'
import { byName, parseOptions, usage } from '../options.ts'
import { unescaped } from './echo.ts'

const range = (from: string, to: string): string => {
  let out = ''
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) out += String.fromCharCode(code)
  return out
}
const classes: Record<string, string> = {
  lower: range('a', 'z'),
  upper: range('A', 'Z'),
  digit: range('0', '9'),
  alpha: range('A', 'Z') + range('a', 'z'),
  alnum: range('0', '9') + range('A', 'Z') + range('a', 'z'),
  space: '\t\n\v\f\r ',
  blank: '\t ',
  punct: range('!', '/') + range(':', '@') + range('[', '`') + range('{', '~'),
  cntrl: `${range('\0', '\x1f')}\x7f`,
  xdigit: `${range('0', '9')}ABCDEFabcdef`,
}

/** tr(1): translates, deletes (`-d`), squeezes (`-s`), of the complement (`-c`). Sets have ranges, classes and escapes. */
export const tr: Command = function* (process) {
  const parsed = parseOptions(
    process.args.slice(1),
    {
      d: 'none',
      delete: 'none',
      s: 'none',
      'squeeze-repeats': 'none',
      c: 'none',
      C: 'none',
      complement: 'none',
      t: 'none',
    },
    true,
  )
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const deletes = given.has('d') || given.has('delete')
  const squeezes = given.has('s') || given.has('squeeze-repeats')
  const [first, second, extra] = parsed.operands
  if (first === undefined) return yield* usage(process, 'missing operand')
  if (second === undefined && !deletes && !squeezes)
    return yield* process.fail(
      `tr: missing operand after '${first}'\nTwo strings must be given when translating.\nTry 'tr --help' for more information.`,
    )
  if (extra !== undefined) return yield* usage(process, `extra operand '${extra}'`)
  const from = setOf(first)
  const to = second === undefined ? '' : setOf(second)
  const complement = given.has('c') || given.has('C') || given.has('complement')
  const translates = !deletes && second !== undefined
  if (translates && to === '') return yield* process.fail('tr: when not truncating set1, string2 must be non-empty')
  const among = new Set(from)
  const squeezed = new Set(second === undefined ? from : to)
  const map = new Map<string, string>()
  for (const [i, character] of [...from].entries()) map.set(character, to[Math.min(i, to.length - 1)] ?? '')
  let previous: string | undefined
  const decode = utf8Decoder()
  for (let bytes = yield* process.read(); bytes !== undefined; bytes = yield* process.read()) {
    let out = ''
    for (const character of decode(bytes)) {
      const member = among.has(character) !== complement
      if (deletes && member) continue
      const changed =
        translates && member ? (complement ? (to.at(-1) as string) : (map.get(character) as string)) : character
      const squeezable = second === undefined && !deletes ? member : squeezed.has(changed)
      if (squeezes && squeezable && changed === previous) continue
      out += changed
      previous = changed
    }
    yield* process.printBytes(utf8(out))
  }
  return 0
}

const setOf = (text: string): string => {
  const plain = unescaped(text, 'printf').text
  let out = ''
  for (let i = 0; i < plain.length; i++) {
    const named = /^\[:([a-z]+):\]/.exec(plain.slice(i, i + 12))
    const members = named === null ? undefined : classes[named[1] as string]
    if (named !== null && members !== undefined) {
      out += members
      i += named[0].length - 1
    } else if (plain[i + 1] === '-' && i + 2 < plain.length) {
      out += range(plain[i] as string, plain[i + 2] as string)
      i += 2
    } else out += plain[i]
  }
  return out
}
