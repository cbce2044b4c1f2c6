import { errors, type OfErrorName } from './errors-table.ts'
import type { Version } from './protocol.ts'

export type { OfErrorName } from './errors-table.ts'

/** What a decoder gives: a value, or the error that the peer is to be told. */
export type Decoded<T> = { ok: true; value: T } | Refused
export type Refused = { ok: false; error: OfErrorName }

export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value })
export const refused = (error: OfErrorName): Refused => ({ ok: false, error })

/** How a version says an error; vendor 0 is OpenFlow itself. */
export type ErrorNumbers = { vendor: number; type: number; code: number }

/** All errors' names. */
export const errorNames = Object.keys(errors) as OfErrorName[]

/** The numbers of an error; undefined if the version cannot say it. */
export const errorNumbers = (name: OfErrorName, version: Version): ErrorNumbers | undefined => {
  const row = errors[name].find(([from, to]) => version >= from && version <= to)
  return row === undefined ? undefined : { vendor: row[2], type: row[3], code: row[4] }
}

const keyOf = (version: number, { vendor, type, code }: ErrorNumbers): string => `${version} ${vendor} ${type} ${code}`
const byNumbers = new Map<string, OfErrorName>()
for (const name of errorNames)
  for (const [from, to, vendor, type, code] of errors[name])
    for (let version: number = from; version <= to; version++) {
      const key = keyOf(version, { vendor, type, code })
      if (!byNumbers.has(key)) byNumbers.set(key, name)
    }

/** The name of an error by its numbers in a version; undefined if they mean nothing. */
export const errorNamed = (version: Version, numbers: ErrorNumbers): OfErrorName | undefined =>
  byNumbers.get(keyOf(version, numbers))

/** Whether a text is the name of an error. */
export const isErrorName = (text: string): text is OfErrorName => Object.hasOwn(errors, text)

/** What `ovs-ofctl print-error` prints: the numbers in every version that can say it. */
export const describeError = (name: OfErrorName): string =>
  ([1, 2, 3, 4, 5, 6] satisfies Version[])
    .map(version => ({ version, numbers: errorNumbers(name, version) }))
    .map(({ version, numbers }) =>
      numbers === undefined
        ? ''
        : `OpenFlow 1.${version - 1}: vendor ${numbers.vendor === 0 ? '0' : `0x${numbers.vendor.toString(16)}`}, type ${numbers.type}, code ${numbers.code}\n`,
    )
    .join('')
