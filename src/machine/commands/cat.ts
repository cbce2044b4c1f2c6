import { utf8, utf8Decoder } from '../../runtime/index.ts'
import type { Command } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { byName, parseOptions, usage } from '../options.ts'
import { OpenFile } from '../streams.ts'

const table = {
  n: 'none',
  'number-nonblank': 'none',
  number: 'none',
  b: 'none',
  s: 'none',
  u: 'none',
  E: 'none',
  T: 'none',
  A: 'none',
} as const

/** cat(1): files or stdin to stdout as they come; `-n` numbers lines, `-b` those with text, `-s` squeezes, `-E -T -A` show. */
export const cat: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), table)
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const edit = editor({
    numbers:
      given.has('b') || given.has('number-nonblank') ? 'text' : given.has('n') || given.has('number') ? 'all' : 'none',
    squeeze: given.has('s'),
    ends: given.has('E') || given.has('A'),
    tabs: given.has('T') || given.has('A'),
  })
  const decode = utf8Decoder()
  let status = 0
  for (const name of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
    const { files } = process.machine
    const opened = name === '-' ? undefined : files.open(process, name, 'read')
    if (opened !== undefined && !opened.ok) {
      status = yield* process.fail(`cat: ${name}: ${strerror(opened.errno)}`)
      continue
    }
    const file = opened === undefined ? undefined : new OpenFile(opened.value)
    for (;;) {
      const bytes = file === undefined ? yield* process.read() : yield* file.stream.read()
      if (bytes === undefined || typeof bytes === 'string') break
      yield* process.printBytes(given.size === 0 ? bytes : utf8(edit(decode(bytes))))
    }
    file?.close()
  }
  return status
}

type Shown = { numbers: 'none' | 'text' | 'all'; squeeze: boolean; ends: boolean; tabs: boolean }

/** Edits text as it comes; a line may come in parts. */
const editor = (shown: Shown): ((text: string) => string) => {
  let number = 0
  let atStart = true
  let empty = false
  return text => {
    let out = ''
    for (const piece of text.split(/(?<=\n)/)) {
      const blank = atStart && piece === '\n'
      if (blank && empty && shown.squeeze) continue
      if (atStart && (shown.numbers === 'all' || (shown.numbers === 'text' && !blank)))
        out += `${String(++number).padStart(6)}\t`
      let line = piece
      if (shown.tabs) line = line.replaceAll('\t', '^I')
      if (shown.ends) line = line.replace(/\n$/, '$$\n')
      out += line
      atStart = piece.endsWith('\n')
      empty = blank
    }
    return out
  }
}
