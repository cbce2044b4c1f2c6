import type { Task } from '../../runtime/index.ts'
import { fromUtf8, utf8 } from '../../runtime/index.ts'
import type { Command, Commands, Process } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { byName, parseOptions, usage } from '../options.ts'
import { OpenFile } from '../streams.ts'
import { type Followed, follow } from './follow.ts'
import { allLines, eachInput, joinLines, linesOf } from './input.ts'

/** `-5` means `-n 5` to head and tail. */
const oldStyle = (args: readonly string[]): string[] =>
  args.map((word, i) => (i === 0 && /^-\d+$/.test(word) ? `-n${word.slice(1)}` : word))

/** A piece of a text by bytes or by lines; `count` as it was typed, `+N` or `-N` or `N`. */
type Cut = (bytes: Uint8Array, unit: 'lines' | 'bytes', count: string) => Uint8Array

const ends = (cut: Cut): Command =>
  function* (process) {
    const name = process.args[0] as string
    const parsed = parseOptions(oldStyle(process.args.slice(1)), {
      n: 'required',
      lines: 'required',
      c: 'required',
      bytes: 'required',
      q: 'none',
      v: 'none',
      f: 'none',
      ...(name === 'tail' ? { s: 'required' } : {}),
    })
    if (!parsed.ok) return yield* usage(process, parsed.error)
    const given = byName(parsed.options)
    const unit = given.has('c') || given.has('bytes') ? 'bytes' : 'lines'
    const count = given.get('c') ?? given.get('bytes') ?? given.get('n') ?? given.get('lines') ?? '10'
    if (!/^[-+]?\d+$/.test(count)) return yield* process.fail(`${name}: invalid number of ${unit}: '${count}'`)
    const titled = (parsed.operands.length > 1 && !given.has('q')) || given.has('v')
    if (name === 'head' && parsed.operands.length === 0 && !count.startsWith('-'))
      return yield* headOfStdin(process, unit, Number(count))
    let first = true
    const followed: Followed[] = []
    const fine = yield* eachInput(
      process,
      parsed.operands,
      function* (input) {
        if (titled)
          yield* process.print(`${first ? '' : '\n'}==> ${input.name === '-' ? 'standard input' : input.name} <==\n`)
        first = false
        if (input.name !== '-') followed.push({ name: input.name, position: input.bytes.length })
        yield* process.printBytes(cut(input.bytes, unit, count))
        return undefined
      },
      (file, why) =>
        why === strerror('EISDIR')
          ? `${name}: error reading '${file}': ${why}`
          : `${name}: cannot open '${file}' for reading: ${why}`,
    )
    if (name === 'tail' && given.has('f') && parsed.operands.some(operand => operand !== '-')) {
      if (followed.length === 0) return yield* process.fail('tail: no files remaining')
      return yield* follow(process, followed, titled)
    }
    return fine ? 0 : 1
  }

/** Stops reading when it has enough, so that a writer that never ends is ended by its closed pipe. */
function* headOfStdin(process: Process, unit: 'lines' | 'bytes', count: number): Task<number> {
  let left = count
  while (left > 0) {
    const bytes = yield* process.read()
    if (bytes === undefined) break
    const taken = unit === 'bytes' ? bytes.subarray(0, left) : firstLines(bytes, left)
    yield* process.printBytes(taken)
    left -= unit === 'bytes' ? taken.length : taken.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0)
  }
  return 0
}

const firstLines = (bytes: Uint8Array, count: number): Uint8Array => {
  let at = 0
  for (let i = 0; i < count; i++) {
    const end = bytes.indexOf(10, at)
    if (end < 0) return bytes
    at = end + 1
  }
  return bytes.subarray(0, at)
}

const lineCount = (bytes: Uint8Array): number => linesOf(bytes).length

const head = ends((bytes, unit, count) => {
  const number = Number(count)
  if (unit === 'bytes')
    return count.startsWith('-') ? bytes.subarray(0, Math.max(0, bytes.length + number)) : bytes.subarray(0, number)
  return firstLines(bytes, count.startsWith('-') ? Math.max(0, lineCount(bytes) + number) : number)
})

const tail = ends((bytes, unit, count) => {
  const number = Math.abs(Number(count))
  const fromStart = count.startsWith('+')
  if (unit === 'bytes')
    return fromStart ? bytes.subarray(Math.max(0, number - 1)) : bytes.subarray(Math.max(0, bytes.length - number))
  const skipped = fromStart ? Math.max(0, number - 1) : Math.max(0, lineCount(bytes) - number)
  return bytes.subarray(firstLines(bytes, skipped).length)
})

const wc: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    l: 'none',
    lines: 'none',
    w: 'none',
    words: 'none',
    c: 'none',
    bytes: 'none',
    m: 'none',
    chars: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const chosen = new Set(parsed.options.map(option => option.name[0] as string))
  if (chosen.size === 0) for (const letter of 'lwc') chosen.add(letter)
  const rows: { counts: number[]; name: string }[] = []
  const totals = [0, 0, 0, 0]
  const fine = yield* eachInput(process, parsed.operands, function* ({ name, bytes }) {
    const text = fromUtf8(bytes)
    const counts = [
      text.split('\n').length - 1,
      text.split(/\s+/).filter(word => word !== '').length,
      [...text].length,
      bytes.length,
    ]
    for (const [i, count] of counts.entries()) totals[i] = (totals[i] as number) + count
    rows.push({ counts, name: parsed.operands.length === 0 ? '' : name })
    return undefined
  })
  if (parsed.operands.length > 1) rows.push({ counts: totals, name: 'total' })
  const columns = ['l', 'w', 'm', 'c'].flatMap((letter, i) => (chosen.has(letter) ? [i] : []))
  const alone = columns.length === 1 && parsed.operands.length <= 1
  const fromPipe =
    parsed.operands.includes('-') || (parsed.operands.length === 0 && process.files.get(0)?.stream.kind !== 'file')
  const width = alone ? 1 : fromPipe ? 7 : String(totals[3]).length
  for (const row of rows) {
    const numbers = columns.map(i => String(row.counts[i]).padStart(width)).join(' ')
    yield* process.print(`${numbers}${row.name === '' ? '' : ` ${row.name}`}\n`)
  }
  return fine ? 0 : 1
}

const uniq: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    c: 'none',
    count: 'none',
    d: 'none',
    repeated: 'none',
    u: 'none',
    unique: 'none',
    i: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const { lines, fine } = yield* allLines(process, parsed.operands.slice(0, 1))
  const groups: { line: string; count: number }[] = []
  const same = (a: string, b: string): boolean => (given.has('i') ? a.toLowerCase() === b.toLowerCase() : a === b)
  for (const line of lines) {
    const last = groups[groups.length - 1]
    if (last !== undefined && same(last.line, line)) last.count++
    else groups.push({ line, count: 1 })
  }
  const repeated = given.has('d') || given.has('repeated')
  const unique = given.has('u') || given.has('unique')
  const chosen = groups.filter(group => !(repeated && group.count === 1) && !(unique && group.count > 1))
  const counted = given.has('c') || given.has('count')
  yield* process.print(
    joinLines(chosen.map(group => (counted ? `${String(group.count).padStart(7)} ${group.line}` : group.line))),
  )
  return fine ? 0 : 1
}

const cut: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    d: 'required',
    delimiter: 'required',
    f: 'required',
    fields: 'required',
    c: 'required',
    characters: 'required',
    b: 'required',
    s: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const fields = given.get('f') ?? given.get('fields')
  const list = fields ?? given.get('c') ?? given.get('characters') ?? given.get('b')
  if (list === undefined) return yield* usage(process, 'you must specify a list of bytes, characters, or fields')
  const delimiter = given.get('d') ?? given.get('delimiter') ?? '\t'
  if (delimiter.length !== 1) return yield* usage(process, 'the delimiter must be a single character')
  const ranges = rangesOf(list)
  if (ranges === undefined)
    return yield* usage(
      process,
      `invalid ${fields === undefined ? 'byte/character position' : 'field value'} '${list.replace(/^[\d,-]*/, '') || list}'`,
    )
  const inside = (i: number): boolean => ranges.some(([low, high]) => i + 1 >= low && i + 1 <= high)
  const { lines, fine } = yield* allLines(process, parsed.operands)
  const out = lines.flatMap(line => {
    if (fields === undefined) return [[...line].filter((_, i) => inside(i)).join('')]
    if (!line.includes(delimiter)) return given.has('s') ? [] : [line]
    return [
      line
        .split(delimiter)
        .filter((_, i) => inside(i))
        .join(delimiter),
    ]
  })
  yield* process.print(joinLines(out))
  return fine ? 0 : 1
}

const rangesOf = (list: string): [number, number][] | undefined => {
  const ranges: [number, number][] = []
  for (const part of list.split(/[, ]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part)
    if (match === null || (match[1] === '' && match[3] === '')) return undefined
    const low = Number(match[1] || 1)
    ranges.push([low, match[2] === '' ? low : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])])
  }
  return ranges
}

const tee: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), { a: 'none', append: 'none', i: 'none' })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const mode = parsed.options.some(option => option.name[0] === 'a') ? 'append' : 'write'
  const files: OpenFile[] = []
  let status = 0
  for (const name of parsed.operands) {
    const opened = process.machine.files.open(process, name, mode)
    if (opened.ok) files.push(new OpenFile(opened.value))
    else status = yield* process.fail(`tee: ${name}: ${strerror(opened.errno)}`)
  }
  for (let bytes = yield* process.read(); bytes !== undefined; bytes = yield* process.read()) {
    yield* process.printBytes(bytes)
    for (const file of files) yield* file.stream.write(bytes)
  }
  for (const file of files) file.close()
  return status
}

const tac: Command = function* (process) {
  const { lines, fine } = yield* allLines(
    process,
    process.args.slice(1),
    (name, why) => `tac: failed to open '${name}' for reading: ${why}`,
  )
  yield* process.printBytes(utf8(joinLines(lines.reverse())))
  return fine ? 0 : 1
}

/** Filters that work on lines: head, tail, wc, uniq, cut, tee, tac. */
export const lineCommands: Commands = { head, tail, wc, uniq, cut, tee, tac }
