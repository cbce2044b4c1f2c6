import { unescaped } from './echo.ts'

/** What printf gives: the text, and its complaints without the `printf: ` (status 1 if there are any). */
export type Printed = { text: string; errors: string[] }

const directive = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|-?\d+)?)?([hlLjzt]*)([a-zA-Z%])?/y

/** printf(1) with bash's `%b` and `%q`; the format is used again until the arguments are used up. */
export const printf = (format: string, args: readonly string[]): Printed => {
  const run: Run = { args: [...args], text: '', errors: [], stop: false }
  do {
    const before = run.args.length
    pass(format, run)
    if (run.args.length === before) break
  } while (run.args.length > 0 && !run.stop)
  return { text: run.text, errors: run.errors }
}

type Run = { args: string[]; text: string; errors: string[]; stop: boolean }

const pass = (format: string, run: Run): void => {
  for (let i = 0; i < format.length; ) {
    if (format[i] !== '%') {
      const next = format.indexOf('%', i)
      const end = next < 0 ? format.length : next
      run.text += unescaped(format.slice(i, end), 'printf').text
      i = end
      continue
    }
    directive.lastIndex = i
    const match = directive.exec(format) as RegExpExecArray
    i = directive.lastIndex
    const [, flags = '', width = '', precision, , conversion] = match
    if (conversion === undefined) {
      run.errors.push(`\`${format.slice(match.index, i + 1).slice(-1)}': missing format character`)
      run.stop = true
      return
    }
    if (conversion === '%') {
      run.text += '%'
      continue
    }
    const hasPrecision = match[0].includes('.')
    const wide = width === '*' ? number(run, run.args.shift() ?? '0') : Number(width || 0)
    const digits = !hasPrecision
      ? undefined
      : precision === '*'
        ? number(run, run.args.shift() ?? '0')
        : Number(precision ?? 0)
    const spec: Spec = {
      flags: wide < 0 ? `${flags}-` : flags,
      width: Math.min(Math.abs(wide), 65536),
      precision: digits === undefined || digits < 0 ? undefined : Math.min(digits, 100),
    }
    convert(run, conversion, spec)
    if (run.stop) return
  }
}

type Spec = { flags: string; width: number; precision: number | undefined }

const convert = (run: Run, conversion: string, spec: Spec): void => {
  const argument = run.args.shift()
  switch (conversion) {
    case 's':
      run.text += pad((argument ?? '').slice(0, spec.precision), spec)
      return
    case 'c':
      run.text += pad((argument ?? '').slice(0, 1), spec)
      return
    case 'b': {
      const done = unescaped(argument ?? '', 'echo')
      run.text += pad(done.text.slice(0, spec.precision), spec)
      run.stop = done.stop
      if (done.stop) run.args = []
      return
    }
    case 'q':
      run.text += pad(quote(argument ?? ''), spec)
      return
    case 'd':
    case 'i':
      run.text += integer(whole(run, argument), 10, '', spec)
      return
    case 'u':
      run.text += integer(BigInt.asUintN(64, whole(run, argument)), 10, '', spec)
      return
    case 'o':
      run.text += integer(BigInt.asUintN(64, whole(run, argument)), 8, '0', spec)
      return
    case 'x':
      run.text += integer(BigInt.asUintN(64, whole(run, argument)), 16, '0x', spec)
      return
    case 'X':
      run.text += integer(BigInt.asUintN(64, whole(run, argument)), 16, '0x', spec).toUpperCase()
      return
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      run.text += float(number(run, argument ?? '0'), conversion, spec)
      return
    default:
      run.errors.push(`\`${conversion}': invalid format character`)
      run.stop = true
      run.args = []
  }
}

const whole = (run: Run, argument: string | undefined): bigint => {
  if (argument === undefined || argument === '') return 0n
  if (/^["']/.test(argument)) return BigInt(argument.codePointAt(1) ?? 0)
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)?/.exec(argument) as RegExpExecArray
  const [, sign, digits] = match
  if (digits === undefined || match[0].length < argument.length) run.errors.push(`${argument}: invalid number`)
  if (digits === undefined) return 0n
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return sign === '-' ? -value : value
}

const number = (run: Run, argument: string): number => {
  if (/^["']/.test(argument)) return argument.codePointAt(1) ?? 0
  const value = Number.parseFloat(/^\s*[-+]?0[xX]/.test(argument) ? String(Number(argument)) : argument)
  if (argument !== '' && Number.isNaN(Number(argument))) run.errors.push(`${argument}: invalid number`)
  return Number.isNaN(value) ? 0 : value
}

const integer = (value: bigint, base: number, mark: string, spec: Spec): string => {
  const negative = value < 0n
  let digits = (negative ? -value : value).toString(base)
  if (spec.precision !== undefined) digits = digits.padStart(spec.precision, '0')
  if (spec.flags.includes('#') && value !== 0n) digits = mark + digits
  return padNumber(digits, negative, {
    ...spec,
    flags: spec.precision === undefined ? spec.flags : spec.flags.replaceAll('0', ''),
  })
}

const float = (value: number, conversion: string, spec: Spec): string => {
  const precision = spec.precision ?? 6
  const size = Math.abs(value)
  const lower = conversion.toLowerCase()
  let digits: string
  if (lower === 'f') digits = size.toFixed(precision)
  else if (lower === 'e') digits = exponent(size.toExponential(precision))
  else {
    const most = precision === 0 ? 1 : precision
    const power = size === 0 ? 0 : Number(size.toExponential(most - 1).split('e')[1])
    digits =
      power < -4 || power >= most
        ? exponent(trim(size.toExponential(most - 1), spec))
        : trim(size.toFixed(most - 1 - power), spec)
  }
  const text = padNumber(digits, value < 0 || Object.is(value, -0), spec)
  return conversion === lower ? text : text.toUpperCase()
}

const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2')

const trim = (text: string, spec: Spec): string =>
  spec.flags.includes('#') || !text.includes('.') ? text : text.replace(/\.?0+(?=e|$)/, '')

const padNumber = (digits: string, negative: boolean, spec: Spec): string => {
  const sign = negative ? '-' : spec.flags.includes('+') ? '+' : spec.flags.includes(' ') ? ' ' : ''
  if (spec.flags.includes('0') && !spec.flags.includes('-'))
    return sign + digits.padStart(spec.width - sign.length, '0')
  return pad(sign + digits, spec)
}

const pad = (text: string, spec: Spec): string =>
  spec.flags.includes('-') ? text.padEnd(spec.width) : text.padStart(spec.width)

const quote = (text: string): string =>
  text === '' ? "''" : text.replace(/[^\w%+,./:=@^~\n-]/g, '\\$&').replace(/^~/, '\\~')
