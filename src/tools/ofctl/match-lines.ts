/** The commands that read matches and actions in hexadecimal, a line each from stdin, and write them again: for test-suites. */
import { parseActionLines } from '../../openflow/action-lines.ts'
import { nxmLine, ofp10Line, ofp11Line, type ToolLine, testLine } from '../../openflow/match-tools.ts'
import { parseVersions, type Version } from '../../openflow/protocol.ts'
import { fromUtf8, type Task } from '../../runtime/index.ts'
import { type Call, fatal, type OfctlCommand, type OfctlCommands } from './command.ts'

function* inputLines({ stdio }: Call): Task<string[]> {
  const lines = fromUtf8(yield* stdio.readAll()).split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** Prints each line's answer up to the first that cannot be read; `passesOn` prints comments and empty lines too. */
function* answerLines(call: Call, answer: (text: string) => ToolLine, passesOn: boolean): Task<number> {
  for (const line of yield* inputLines(call)) {
    const it = testLine(line)
    if ('passed' in it) {
      if (passesOn) yield* call.stdio.print(`${it.passed}\n`)
      continue
    }
    const said = answer(it.text)
    if ('fatal' in said) return yield* fatal(call, said.fatal)
    yield* call.stdio.print(said.output)
  }
  return 0
}

/** One version by its name, `OpenFlow13`. */
const versionNamed = (text: string): Version | undefined => {
  const versions = /^OpenFlow1[0-5]$/i.test(text) ? parseVersions(text) : ''
  return typeof versions === 'string' ? undefined : versions[0]
}

const lineOptions = ({ options, warn, paint }: Call) => ({
  strict: options.strict,
  more: options.verbosity > 0,
  warn,
  paint,
})

function* parseNxm(call: Call): Task<number> {
  return yield* answerLines(call, text => nxmLine(text, undefined, lineOptions(call)), true)
}

/** OXM came with 1.2. */
const firstOxm = 3

function* parseOxm(call: Call): Task<number> {
  const [name = ''] = call.args
  const version = versionNamed(name)
  if (version === undefined || version < firstOxm) return yield* fatal(call, `${name}: not a valid version for OXM`)
  return yield* answerLines(call, text => nxmLine(text, version, lineOptions(call)), true)
}

function* parseHexActions(call: Call, kind: 'actions' | 'instructions'): Task<number> {
  const [name = ''] = call.args
  const version = versionNamed(name)
  if (version === undefined) return yield* fatal(call, `${name}: not a valid OpenFlow version`)
  const text = fromUtf8(yield* call.stdio.readAll())
  const { output, fatal: wrong } = parseActionLines(text, version, kind, { warn: call.warn, paint: call.paint, name })
  yield* call.stdio.print(output)
  return wrong === undefined ? 0 : yield* fatal(call, wrong)
}

/** One command under two names. */
const nxm: OfctlCommand = { min: 0, max: 0, readWrite: true, run: parseNxm }

export const matchLineCommands: OfctlCommands = {
  'parse-nx-match': nxm,
  'parse-nxm': nxm,
  'parse-oxm': { min: 1, max: 1, readWrite: true, run: parseOxm },
  'parse-ofp10-match': {
    min: 0,
    max: 0,
    readWrite: true,
    run: call => answerLines(call, text => ofp10Line(text, lineOptions(call)), false),
  },
  'parse-ofp11-match': {
    min: 0,
    max: 0,
    readWrite: true,
    run: call => answerLines(call, text => ofp11Line(text, lineOptions(call)), false),
  },
  'parse-actions': { min: 1, max: 1, readWrite: true, run: call => parseHexActions(call, 'actions') },
  'parse-instructions': { min: 1, max: 1, readWrite: true, run: call => parseHexActions(call, 'instructions') },
}
