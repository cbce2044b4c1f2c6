/** The `userspace` action in a datapath's notation: who gets the frame, and what goes with it. */
import type { OdpScanner } from '../flow/odp-scan.ts'
import type { Action } from './action.ts'

/** Why a switch handles a flow's frames itself, by bit. */
const slowReasons = ['cfm', 'bfd', 'lacp', 'stp', 'lldp', 'action']

/** Bytes that go with a frame if nothing is said of them, and the least that do if something is. */
const usualData = 48
const leastData = 8

/** A value of a cookie: bits that the text has room for, and how it is told. */
type Shape = readonly [label: string, width: number, format?: (value: bigint) => string]
const flag = (value: bigint): string => (value === 0n ? '0' : '1')
const hex = (value: bigint): string => (value === 0n ? '0' : `0x${value.toString(16)}`)

/** Cookies that are values with their labels, all of them in this order. */
const cookies: Readonly<Record<string, readonly Shape[]>> = {
  sFlow: [
    ['vid', 12],
    ['pcp', 3],
    ['output', 32],
  ],
  flow_sample: [
    ['probability', 16],
    ['collector_set_id', 32],
    ['obs_domain_id', 32],
    ['obs_point_id', 32],
    ['output_port', 32],
  ],
  ipfix: [['output_port', 32]],
  controller: [
    ['reason', 16],
    ['dont_send', 32, flag],
    ['continuation', 32, flag],
    ['recirc_id', 32],
    ['rule_cookie', 64, hex],
    ['controller_id', 16],
    ['max_len', 16],
  ],
}

/** What follows `userspace(`; undefined if it cannot be read. Nobody is told of such frames: they are counted. */
export const scanUserspace = (scanner: OdpScanner): Action | undefined => {
  if (!scanner.take('pid=')) return undefined
  const pid = scanner.integer(32)
  const cookie = pid === undefined ? undefined : scanCookie(scanner)
  if (cookie === undefined) return undefined
  const said = [cookie]
  if (scanner.take(',actions')) said.push('actions')
  if (scanner.take(',tunnel_out_port=')) {
    const port = scanner.integer(32)
    if (port === undefined) return undefined
    said.push(`tunnel_out_port=${port}`)
  }
  if (!scanner.take(')')) return undefined
  return { type: 'userspace', reason: 'action', cookie: { type: 'said', text: said.join(',') }, pid: Number(pid) }
}

const scanCookie = (scanner: OdpScanner): string | undefined => {
  if (scanner.take(',slow_path(')) return scanReasons(scanner)
  if (scanner.take(',userdata(')) return scanData(scanner)
  const name = Object.keys(cookies).find(each => scanner.take(`,${each}(`))
  if (name === undefined) return `userdata(${'00'.repeat(usualData)})`
  const texts: string[] = []
  for (const [label, width, format] of cookies[name] ?? []) {
    if (texts.length > 0 && !scanner.take(',')) return undefined
    const value = scanner.take(`${label}=`) ? scanner.integer(width) : undefined
    if (value === undefined) return undefined
    texts.push(`${label}=${format?.(value) ?? value}`)
  }
  if (name === 'flow_sample') texts.push(...(scanner.match(/,(ingress|egress)/y)?.slice(1) ?? []))
  return scanner.take(')') ? `${name}(${texts.join(',')})` : undefined
}

const scanReasons = (scanner: OdpScanner): string | undefined => {
  const number = scanner.integer(32)
  const text = number === undefined ? (scanner.match(/[^)]*/y)?.[0] ?? '') : ''
  const names = text === '' ? slowReasons.filter((_, bit) => ((number ?? 0n) >> BigInt(bit)) & 1n) : text.split('|')
  if (names.some(name => !slowReasons.includes(name)) || !scanner.take(')')) return undefined
  return `slow_path(${slowReasons.filter(name => names.includes(name)).join(',') || '0'})`
}

const scanData = (scanner: OdpScanner): string | undefined => {
  const digits = (scanner.match(/(?:\s*[0-9a-fA-F]{2})*/y)?.[0] ?? '').replace(/\s/g, '')
  if (!scanner.take(')')) return undefined
  return `userdata(${digits.toLowerCase().padEnd(2 * leastData, '0')})`
}
