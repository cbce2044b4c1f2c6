import type { SocketRow } from '../../../../host/index.ts'
import { type Ip, isIp6, parseIp } from '../../../../wire/address.ts'
import { Refusal } from '../refusal.ts'
import { portOf } from '../services.ts'
import { shortState } from './states.ts'

/** Whether a socket is shown. */
export type SocketFilter = (row: SocketRow) => boolean

const all = Object.keys(shortState) as SocketRow['state'][]
const sets: Readonly<Record<string, readonly SocketRow['state'][]>> = {
  all,
  connected: all.filter(state => state !== 'LISTEN' && state !== 'CLOSED'),
  synchronized: all.filter(state => state !== 'LISTEN' && state !== 'CLOSED' && state !== 'SYN_SENT'),
  bucket: ['SYN_RECV', 'TIME_WAIT'],
  big: all.filter(state => state !== 'SYN_RECV' && state !== 'TIME_WAIT'),
}

/** The states of a name such as `established`, `fin-wait-1` or `connected`. */
export const statesOf = (name: string): readonly SocketRow['state'][] => {
  const found = sets[name]
  if (found !== undefined) return found
  const state = all.find(each => {
    const long = each.toLowerCase().replaceAll('_', '-')
    return name === long || name === long.replace(/wait(\d)/, 'wait-$1') || name === shortState[each].toLowerCase()
  })
  if (state !== undefined) return [state]
  if (name === 'listening') return ['LISTEN']
  throw new Refusal(`ss: wrong state name: ${name}`, 255)
}

/** ss's language: `state S`, `sport = :80`, `dst 10.0.0.0/8`, with `and`, `or`, `not` and parentheses. */
export const parseFilter = (
  words: readonly string[],
): { filter: SocketFilter; states: Set<SocketRow['state']> | undefined } => {
  const tokens = words.flatMap(word => word.match(/[()]|[<>=!]=?|[^()<>=!\s]+/g) ?? [])
  let states: Set<SocketRow['state']> | undefined
  let at = 0
  const wrong = (): Refusal =>
    new Refusal(`ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n${usageLine}`, 255)
  while (tokens[at] === 'state' || tokens[at] === 'exclude') {
    const named = statesOf(tokens[at + 1] ?? '')
    if (tokens[at] === 'state') states = new Set([...(states ?? []), ...named])
    else states = new Set([...(states ?? all)].filter(state => !named.includes(state)))
    at += 2
  }
  const or = (): SocketFilter => {
    let left = and()
    while (tokens[at] === 'or' || tokens[at] === '||' || tokens[at] === '|') {
      at++
      const [one, other] = [left, and()]
      left = row => one(row) || other(row)
    }
    return left
  }
  const and = (): SocketFilter => {
    let left = one()
    while (
      at < tokens.length &&
      tokens[at] !== ')' &&
      tokens[at] !== 'or' &&
      tokens[at] !== '||' &&
      tokens[at] !== '|'
    ) {
      if (tokens[at] === 'and' || tokens[at] === '&&' || tokens[at] === '&') at++
      const [first, second] = [left, one()]
      left = row => first(row) && second(row)
    }
    return left
  }
  const one = (): SocketFilter => {
    const word = tokens[at++]
    if (word === '(') {
      const inner = or()
      if (tokens[at++] !== ')') throw wrong()
      return inner
    }
    if (word === 'not' || word === '!') {
      const inner = one()
      return row => !inner(row)
    }
    if (word === 'sport' || word === 'dport') return port(word)
    if (word === 'src' || word === 'dst') return address(word)
    throw wrong()
  }
  const comparison = (): string => {
    const symbols: Record<string, string> = { eq: '=', '==': '=', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=' }
    const word = tokens[at] ?? ''
    if (/^[<>=!]/.test(word) || word in symbols) at++
    else return '='
    return symbols[word] ?? word
  }
  const port = (side: string): SocketFilter => {
    const symbol = comparison()
    const number = portOf((tokens[at++] ?? '').replace(/^.*:/, ''))
    if (number === undefined) throw wrong()
    return row => compare(side === 'sport' ? row.localPort : row.remotePort, symbol, number)
  }
  const address = (side: string): SocketFilter => {
    const symbol = comparison()
    const word = tokens[at++]
    if (word === undefined) throw wrong()
    const test = addressTest(word)
    if (test === undefined) throw new Refusal(`Error: an inet prefix is expected rather than "${word}".`, 1)
    return row => {
      const inside = side === 'src' ? test(row.local, row.localPort) : test(row.remote, row.remotePort)
      return symbol === '!=' ? !inside : inside
    }
  }
  const filter = at < tokens.length ? or() : () => true
  if (at < tokens.length) throw wrong()
  return { filter, states }
}

const usageLine = 'Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]'

const compare = (value: number, symbol: string, wanted: number): boolean => {
  if (symbol === '!=') return value !== wanted
  if (symbol === '<') return value < wanted
  if (symbol === '>') return value > wanted
  if (symbol === '<=') return value <= wanted
  return symbol === '>=' ? value >= wanted : value === wanted
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1:80`, `[::1]:80`, `:80`. */
const addressTest = (word: string): ((ip: Ip | undefined, port: number) => boolean) | undefined => {
  const [, bracketed, plain, portText] = /^(?:\[(.*)\]|([^:]*|.*:.*:.*?))(?::([^:]+))?$/.exec(word) ?? []
  const text = bracketed ?? plain ?? ''
  const port = portText === undefined || portText === '*' ? undefined : portOf(portText)
  const [host = '', length] = text.split('/')
  const ip = host === '' || host === '*' ? undefined : parseIp(host)
  if (host !== '' && host !== '*' && ip === undefined) return undefined
  return (other, otherPort) =>
    (port === undefined || port === otherPort) &&
    (ip === undefined || (other !== undefined && within(other, ip, length)))
}

const within = (ip: Ip, prefix: Ip, length: string | undefined): boolean => {
  if (isIp6(ip) !== isIp6(prefix)) return false
  const width = isIp6(prefix) ? 128 : 32
  const shift = BigInt(width - Number(length ?? width))
  return BigInt(ip) >> shift === BigInt(prefix) >> shift
}
