/** The commands that print messages and parts of them, without a switch: `ofp-print`, `ofp-parse`, `print-error` and others. */
import { atoi, strtoull } from '../../openflow/c-number.ts'
import { describeError, isErrorName } from '../../openflow/error.ts'
import { encodeErrorReply } from '../../openflow/error-reply.ts'
import { encodeHello } from '../../openflow/hello.ts'
import { plainHexDump } from '../../openflow/hex-dump.ts'
import { hexBytes } from '../../openflow/hex-text.ts'
import { headerSize, messageLength } from '../../openflow/message-header.ts'
import { printMessage } from '../../openflow/message-print.ts'
import { splitWords } from '../../openflow/words.ts'
import { fromUtf8, type Task } from '../../runtime/index.ts'
import { type Call, fatal, flushLog, type OfctlCommands } from './command.ts'

/** How much `ofp-print` says unless told otherwise. */
const usualVerbosity = 2

/** `ofp-print HEX [VERBOSITY]`; `-` is the first line of stdin. */
function* ofpPrint(call: Call): Task<number> {
  const [text = '', verbosity] = call.args
  let hex = text
  if (text === '-') {
    const input = fromUtf8(yield* call.stdio.readAll())
    if (input === '') return yield* fatal(call, 'Failed to read stdin')
    hex = input.split('\n', 1)[0] as string
  }
  const bytes = hexBytes(hex)
  if (bytes === undefined) return yield* fatal(call, 'trailing garbage following hex bytes')
  const level = verbosity === undefined ? usualVerbosity : atoi(verbosity) | 0
  yield* call.stdio.print(printMessage(bytes, { verbosity: level, warn: call.warn, paint: call.paint }))
  return 0
}

/** `ofp-parse FILE`: messages one behind the other. */
function* ofpParse(call: Call): Task<number> {
  const [name = ''] = call.args
  const bytes = name === '-' ? yield* call.stdio.readAll() : call.connect.readFile(name)
  if (bytes === isDirectory) return 0
  if (typeof bytes === 'string') return yield* fatal(call, `${name}: open (${bytes})`)
  const verbosity = call.options.verbosity + usualVerbosity
  for (let at = 0; at < bytes.length; ) {
    const length = messageLength(bytes, at)
    const whole = bytes.length - at >= headerSize
    if (whole && length < headerSize)
      return yield* fatal(call, `${name}: ${length}-byte message is too short for OpenFlow`)
    if (!whole || at + length > bytes.length) return yield* fatal(call, `${name}: unexpected end of file mid-message`)
    yield* call.stdio.print(
      printMessage(bytes.subarray(at, at + length), { verbosity, warn: call.warn, paint: call.paint }),
    )
    yield* flushLog(call)
    at += length
  }
  return 0
}
/** It can be opened, and has nothing in it. */
const isDirectory = 'Is a directory'

function* printError(call: Call): Task<number> {
  const [name = ''] = call.args
  if (!isErrorName(name)) return yield* fatal(call, `unknown error "${name}"`)
  yield* call.stdio.print(describeError(name))
  return 0
}

/** `encode-error-reply ERROR REQUEST`: the error message that answers a request in hexadecimal. */
function* errorReply(call: Call): Task<number> {
  const [name = '', hex = ''] = call.args
  if (!isErrorName(name)) return yield* fatal(call, `unknown error "${name}"`)
  const request = hexBytes(hex)
  if (request === undefined) return yield* fatal(call, 'Trailing garbage in hex data')
  if (request.length < headerSize) return yield* fatal(call, 'Request too short')
  if (messageLength(request) !== request.length) return yield* fatal(call, 'Request size inconsistent')
  const reply = encodeErrorReply(name, request, call.warn)
  yield* call.stdio.print(plainHexDump(reply))
  return 0
}

/** `encode-hello BITMAP`: bit n of the number offers version n. */
function* hello(call: Call): Task<number> {
  const versions = Number(strtoull(call.args[0] as string) & 0xffffffffn)
  // The original breaks off here, as no version is left to write the message in.
  if ((versions & ~1) === 0) return yield* fatal(call, 'no OpenFlow version to offer')
  const message = encodeHello(versions, call.xid())
  yield* call.stdio.print(`${plainHexDump(message)}${printMessage(message, { paint: call.paint })}`)
  return 0
}

/** `parse-key-value TEXT…`: how a text falls into words. */
function* keyValue(call: Call): Task<number> {
  for (const text of call.args) {
    const words = splitWords(text).map(({ name, value }) => (value === '' ? name : `${name}=${value}`))
    yield* call.stdio.print(`${words.join(', ')}\n`)
  }
  return 0
}

export const messageToolCommands: OfctlCommands = {
  'ofp-print': { min: 1, max: 2, readWrite: true, run: ofpPrint },
  'ofp-parse': { min: 1, max: 1, readWrite: true, run: ofpParse },
  'print-error': { min: 1, max: 1, readWrite: true, run: printError },
  'encode-error-reply': { min: 2, max: 2, readWrite: true, run: errorReply },
  'encode-hello': { min: 1, max: 1, readWrite: true, run: hello },
  'parse-key-value': { min: 1, max: Number.POSITIVE_INFINITY, readWrite: true, run: keyValue },
}
