/** What `ovs-ofctl monitor` is to watch: `watch:!initial,table=1,ip,out_port=2`. */
import { newMatch } from '../flow/match.ts'
import { isMatchWord, parseMatchField } from '../flow/match-text.ts'
import { OfPort } from './action.ts'
import type { FlowTextOptions } from './flow-text.ts'
import type { FlowMonitorRequest } from './message.ts'
import { parseTable } from './table-text.ts'
import { splitWords, type Word } from './words.ts'

/** Words that turn off what is on by default. */
const turnedOff = {
  '!initial': 'initial',
  '!add': 'add',
  '!delete': 'removed',
  '!modify': 'modify',
  '!actions': 'instructions',
  '!own': 'onlyOwn',
} as const satisfies Record<string, keyof FlowMonitorRequest['flags']>
const isOff = (word: string): word is keyof typeof turnedOff => Object.hasOwn(turnedOff, word)

/** A number as C's `atoi` reads it: what is none is 0. */
const looseNumber = (text: string): number => (Number.parseInt(text, 10) || 0) >>> 0

/** Reads what follows `watch:`; a text is what is wrong, in the words of ovs-ofctl. */
export const parseFlowMonitor = (
  text: string,
  id: number,
  options: FlowTextOptions = {},
): FlowMonitorRequest | string => {
  const request: FlowMonitorRequest = {
    id,
    command: 'add',
    flags: {
      initial: true,
      add: true,
      removed: true,
      modify: true,
      instructions: true,
      noAbbrev: false,
      onlyOwn: true,
    },
    table: undefined,
    outPort: undefined,
    outGroup: undefined,
    match: newMatch(),
  }
  for (const word of splitWords(text)) {
    const wrong = takeWord(word, text, request, options)
    if (wrong !== undefined) return wrong
  }
  return request
}

const takeWord = (
  { name, value, start, end }: Word,
  text: string,
  request: FlowMonitorRequest,
  { ports, tables, warn = () => {} }: FlowTextOptions,
): string | undefined => {
  if (isOff(name)) {
    request.flags[turnedOff[name]] = false
    return undefined
  }
  if (isMatchWord(name) && name !== 'table') {
    const bare = text.slice(start, end) === name
    const known =
      ports === undefined ? {} : { portNumber: (port: string) => ports.number(port.replace(/^"(.*)"$/, '$1')) }
    return parseMatchField(name, bare ? undefined : value, request.match, known)
  }
  if (value === '') return `${text}: field ${name} missing value`
  if (name === 'table') {
    const table = parseTable(value, warn, tables)
    if (table === undefined) return `unknown table "${value}"`
    request.table = table === 0xff ? undefined : table
  } else if (name === 'out_port') {
    const port = looseNumber(value) & 0xffff
    request.outPort = port === OfPort.none ? undefined : port
  } else if (name === 'out_group') request.outGroup = looseNumber(value)
  else return `${text}: unknown keyword ${name}`
  return undefined
}
