/** How iperf 2 writes numbers, and its lines. */
import { formatIp, type Ip } from '../../../../wire/address.ts'

const names = ['', 'K', 'M', 'G', 'T', 'P'] as const

/** The letters of `-f`: capital ones count bytes, small ones bits; `a` and `A` choose the unit by the value. */
export const isFormat = (letter: string): boolean => /^[bkmgtBKMGTaA]$/.test(letter)

/** Four characters or more, three digits of them where there is room: `1.25`, `12.5`, ` 125`. */
const short = (value: number): string => {
  if (value < 9.995) return value.toFixed(value < 0.9995 ? 3 : 2)
  if (value < 99.95) return value.toFixed(1)
  return value.toFixed(0).padStart(4)
}

/** A size or rate with its unit, without `s` and `/sec`: ` 630 MByte`. `bits` chooses the unit of 1000, else 1024. */
const scaled = (value: number, bits: boolean, unit: number | undefined): string => {
  const step = bits ? 1000 : 1024
  let scale = unit ?? 0
  if (unit === undefined) while (scale < names.length - 1 && value / step ** scale >= step) scale++
  const number = value / step ** scale
  const digits = scale === 0 && unit !== undefined ? value.toFixed(0) : short(number)
  return `${digits} ${names[scale]}${bits ? 'bit' : 'Byte'}`
}

const unitOf = (format: string): number | undefined => {
  const at = 'bkmgt'.indexOf(format.toLowerCase())
  return at < 0 ? undefined : at
}

/** Bytes as `-f` wants them: a size is in bytes whatever the letter's case. */
export const sizeText = (bytes: number, format: string): string => scaled(bytes, false, unitOf(format))

/** A rate as `-f` wants it, `9.30 Gbits/sec`. */
export const rateText = (bytesPerSecond: number, format: string): string =>
  format === format.toUpperCase()
    ? `${scaled(bytesPerSecond, false, unitOf(format))}s/sec`
    : `${scaled(bytesPerSecond * 8, true, unitOf(format))}s/sec`

export const rule = '------------------------------------------------------------\n'

export const tcpHeading = '[ ID] Interval       Transfer     Bandwidth\n'
export const udpHeading = '[ ID] Interval       Transfer     Bandwidth        Jitter   Lost/Total Datagrams\n'

/** `[  1]`, and `[ *2]` for a flow that goes the other way. */
export const idText = (id: number, reverse = false): string => `[${(reverse ? `*${id}` : `${id}`).padStart(3)}]`

/** `[  1] 0.0000-2.0000 sec  1.25 MBytes  10.5 Mbits/sec`; times in seconds. */
export const lineText = (label: string, from: number, to: number, bytes: number, format: string): string => {
  const rate = to > from ? bytes / (to - from) : 0
  return `${label} ${from.toFixed(4)}-${to.toFixed(4)} sec  ${sizeText(bytes, format)}s  ${rateText(rate, format)}`
}

/** `0/1787 (0%)`. */
export const lossText = (lost: number, total: number): string =>
  `${`${lost}`.padStart(1)}/${`${total}`.padStart(1)} (${Number(((100 * lost) / Math.max(1, total)).toPrecision(2))}%)`

/** `20261123191216`. */
export const stampText = (wallTime: number): string => new Date(wallTime).toISOString().replace(/[-:T]|\..*/g, '')

/** The two ends in a line of `-y C`. */
export type Ends = { local: Ip; localPort: number; remote: Ip; remotePort: number }

export const endsText = ({ local, localPort, remote, remotePort }: Ends): string =>
  `local ${formatIp(local)} port ${localPort} connected with ${formatIp(remote)} port ${remotePort}`

/** A line of `-y C`; `from` and `to` in seconds. */
export const csvText = (wallTime: number, ends: Ends, id: number, from: number, to: number, bytes: number): string => {
  const rate = to > from ? Math.trunc((bytes * 8) / (to - from)) : 0
  const { local, localPort, remote, remotePort } = ends
  const words = [formatIp(local), localPort, formatIp(remote), remotePort, id, `${from.toFixed(1)}-${to.toFixed(1)}`]
  return [stampText(wallTime), ...words, bytes, rate].join(',')
}
