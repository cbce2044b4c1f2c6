/** Options of a command line as getopt_long(3) takes them: long names may be cut short, short ones stand together. */

/** An option; it takes no value unless `takes` says so. A short one's optional value stands in the same word. */
export type Shape = { long: string; short?: string; takes?: 'value' | 'perhaps' }
export type FoundOption = { name: string; value: string | undefined }
export type ReadOptions = {
  options: FoundOption[]
  words: string[]
  /** What is wrong behind these options, in the words of getopt_long, without the program's name. Programs heed those first. */
  error: string | undefined
}

/**
 * Options and other words may be mixed, unless they are `leading`: then the first other word ends them. After `--` there are
 * only words.
 */
export const readOptions = (
  args: readonly string[],
  shapes: readonly Shape[],
  order: 'mixed' | 'leading' = 'mixed',
): ReadOptions => {
  const options: FoundOption[] = []
  const words: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string
    if (arg === '--') {
      for (const word of args.slice(at + 1)) words.push(word)
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (order === 'leading') {
        for (const word of args.slice(at)) words.push(word)
        break
      }
      words.push(arg)
      continue
    }
    const found = arg.startsWith('--') ? readLong(arg, args[at + 1], shapes) : readShort(arg, args[at + 1], shapes)
    options.push(...found.options)
    if (found.error !== undefined) return { options, words, error: found.error }
    if (found.tookNext) at++
  }
  return { options, words, error: undefined }
}

type Taken = { options: FoundOption[]; tookNext: boolean; error?: string }

const readLong = (arg: string, next: string | undefined, shapes: readonly Shape[]): Taken => {
  const wrong = (error: string): Taken => ({ options: [], tookNext: false, error })
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals)
  const exact = shapes.find(({ long }) => long === name)
  const fit = exact === undefined ? shapes.filter(({ long }) => long.startsWith(name)) : [exact]
  if (fit.length > 1) {
    const possible = fit.map(({ long }) => `'--${long}'`).join(' ')
    return wrong(`option '${equals < 0 ? arg : arg.slice(0, equals)}' is ambiguous; possibilities: ${possible}`)
  }
  const shape = fit[0]
  if (shape === undefined) return wrong(`unrecognized option '${arg}'`)
  const { long, takes } = shape
  const value = equals < 0 ? undefined : arg.slice(equals + 1)
  if (takes === undefined && value !== undefined) return wrong(`option '--${long}' doesn't allow an argument`)
  if (takes !== 'value' || value !== undefined) return { options: [{ name: long, value }], tookNext: false }
  if (next === undefined) return wrong(`option '--${long}' requires an argument`)
  return { options: [{ name: long, value: next }], tookNext: true }
}

const readShort = (arg: string, next: string | undefined, shapes: readonly Shape[]): Taken => {
  const options: FoundOption[] = []
  const wrong = (error: string): Taken => ({ options, tookNext: false, error })
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] as string
    const shape = shapes.find(({ short }) => short === letter)
    if (shape === undefined) return wrong(`invalid option -- '${letter}'`)
    const { long: name, takes } = shape
    const rest = arg.slice(at + 1)
    if (takes === undefined) {
      options.push({ name, value: undefined })
      continue
    }
    if (rest !== '' || takes === 'perhaps') {
      options.push({ name, value: rest === '' ? undefined : rest })
      return { options, tookNext: false }
    }
    if (next === undefined) return wrong(`option requires an argument -- '${letter}'`)
    options.push({ name, value: next })
    return { options, tookNext: true }
  }
  return { options, tookNext: false }
}

/** What `--option` prints: all options, each name on a line. */
export const listOptions = (shapes: readonly Shape[]): string =>
  shapes
    .map(({ long, short, takes }) => {
      const value = takes === 'value' ? 'ARG' : takes === 'perhaps' ? '[ARG]' : ''
      const first = `--${long}${value === '' ? '' : `=${value}`}\n`
      return short === undefined ? first : `${first}-${short} ${value}\n`
    })
    .join('')

/** A number of seconds, from 1; undefined for any other text. */
export const secondsOf = (text: string): number | undefined => {
  const seconds = /^[ ]*\+?[0-9]+$/.test(text) ? Number(text) : 0
  return seconds === 0 || seconds > 0xffffffff ? undefined : seconds
}
