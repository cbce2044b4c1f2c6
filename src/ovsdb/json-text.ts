import type { Json, JsonObject } from './json.ts'

/**
 * A value as Open vSwitch prints it: no spaces, reals with 15 digits, only what must be escaped is. Members come in the
 * order in which they were put, or with `sorted` in that of their names, as errors show them.
 */
export const printJson = (json: Json, sorted = false): string => {
  switch (typeof json) {
    case 'string':
      return quote(json)
    case 'number':
      return printNumber(json)
    case 'object':
      break
    default:
      return String(json)
  }
  if (json === null) return 'null'
  if (Array.isArray(json)) {
    let text = '['
    for (let i = 0; i < json.length; i++) text += (i === 0 ? '' : ',') + printJson(json[i] as Json, sorted)
    return `${text}]`
  }
  return printObject(json, sorted)
}

const printObject = (object: JsonObject, sorted: boolean): string => {
  const names = Object.keys(object)
  if (sorted) names.sort()
  let text = '{'
  for (const name of names) {
    const value = object[name]
    if (value === undefined) continue
    text += `${text === '{' ? '' : ','}${quote(name)}:${printJson(value, sorted)}`
  }
  return `${text}}`
}

// Quotes, backslashes and control characters; the rest is as it is.
const escaped = /["\\\u0000-\u001f]/

const quote = (text: string): string => (escaped.test(text) ? JSON.stringify(text) : `"${text}"`)

/** An integer in full, a real as C's `%.15g` prints it. */
const printNumber = (value: number): string => (Number.isSafeInteger(value) ? String(value + 0) : printReal(value))

/** C's `%.15g`: `1e+17`, `1.23456789012346e-05`. */
export const printReal = (value: number): string => {
  if (value === 0) return '0'
  const [digits = '', power = '0'] = value.toExponential(14).split('e')
  const exponent = Number(power)
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  if (exponent < -4 || exponent >= 15) {
    return `${short}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return value
    .toFixed(14 - exponent)
    .replace(/(\.[0-9]*?)0+$/, '$1')
    .replace(/\.$/, '')
}
