/** A value as iperf3 writes it; a bigint is a number that a double does not hold. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | readonly Value[]
  | { readonly [key: string]: Value | undefined }

/** A number as `%1.15g` prints it, or with 17 digits if 15 lose some of it. */
const numberText = (value: number): string => {
  if (Number.isSafeInteger(value)) return `${value}`
  if (!Number.isFinite(value)) return 'null'
  const short = Number(value.toPrecision(15)) === value
  const digits = value.toPrecision(short ? 15 : 17)
  const [, mantissa = '', exponent] = /^([^e]*)(?:e(.*))?$/.exec(digits) ?? []
  const plain = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  if (exponent === undefined)
    return Math.abs(value) < 1e-4 ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2') : plain
  return `${plain}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The text of a value: compact on one line, or with a tab for each level. */
export const jsonText = (value: Value, pretty: boolean, depth = 0): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value !== 'object') return `${value}`
  if (isList(value)) return `[${value.map(each => jsonText(each, pretty, depth + 1)).join(pretty ? ', ' : ',')}]`
  const entries = Object.entries(value).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  if (!pretty) return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${jsonText(each, false)}`).join(',')}}`
  const inner = '\t'.repeat(depth + 1)
  const lines = entries.map(([key, each]) => `${inner}${JSON.stringify(key)}:\t${jsonText(each, true, depth + 1)}`)
  return `{\n${lines.join(',\n')}${lines.length > 0 ? '\n' : ''}${'\t'.repeat(depth)}}`
}
