/**
 * The file of a database, as `ovsdb-tool` reads and writes it (ovsdb(5)): records one after the other, each a line
 * `OVSDB JSON LENGTH SHA1` and LENGTH bytes that hold one JSON object.
 */
import { fromUtf8, utf8Behind } from '../runtime/index.ts'
import { type Checked, Fault, IoFault } from './fault.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** SHA-1 (RFC 3174) as 40 hexadecimal digits in lower case. */
export type Sha1 = (bytes: Uint8Array) => string

/** A file that grows at its end. What cannot be done is answered by the system's word for why. */
export interface LogFile {
  /** As messages name it. */
  readonly name: string
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Uint8Array
  append(bytes: Uint8Array): string | undefined
  truncate(size: number): string | undefined
  /** Calls `done` once all that was appended before is on disk, or why it may not be. Several may wait for the disk together. */
  sync(done: (failure?: string) => void): void
  /** Another file with these contents, on disk, in its place at once or not at all. */
  replace(contents: readonly Uint8Array[]): string | undefined
}

const magic = 'OVSDB JSON '
const clusterMagic = 'OVSDB CLUST'
const header = /^OVSDB JSON ([0-9]{1,10}) ([0-9a-fA-F]{40})$/
const longestHeader = 128
/** Bytes read at once; a longer record is read whole. */
const block = 1 << 20

/** Room for a header in front of a record. */
const headerRoom = 64

/** `record` is the text of a JSON object. */
export const recordBytes = (record: string, sha1: Sha1): Uint8Array => {
  const held = utf8Behind(headerRoom, `${record}\n`)
  const body = held.subarray(headerRoom)
  const head = `${magic}${body.length} ${sha1(body)}\n`
  const start = headerRoom - head.length
  for (let i = 0; i < head.length; i++) held[start + i] = head.charCodeAt(i)
  return held.subarray(start)
}

/** Reads records from a file's start until one is not whole. */
export class Records {
  private readonly file: LogFile
  private readonly sha1: Sha1
  private held: Uint8Array = new Uint8Array(0)
  private heldFrom = 0
  /** Where the last record that was read begins, and where it ends. */
  start = 0
  end = 0

  constructor(file: LogFile, sha1: Sha1) {
    this.file = file
    this.sha1 = sha1
  }

  /** Undefined at the end of the file. After a fault there is nothing more to read. */
  next(): Checked<JsonObject> | undefined {
    const line = this.bytes(this.end, longestHeader)
    if (line.length === 0) return undefined
    const newline = line.indexOf(0x0a)
    const text = fromUtf8(line, 0, newline < 0 ? line.length : newline)
    const [, digits, hash = ''] = (newline < 0 ? undefined : header.exec(text)) ?? []
    const length = Number(digits)
    if (digits === undefined || length === 0) {
      const shown = text.startsWith(magic) ? magic.trimEnd() : text
      return this.fault(`parse error at offset ${this.end} in header line "${shown}"`)
    }
    const from = this.end + newline + 1
    const body = this.bytes(from, length)
    const where = `${length} bytes starting at offset ${from}`
    if (body.length < length) return new IoFault(`${this.file.name}: error reading ${where}`, 'End of file')
    const found = this.sha1(body)
    if (found !== hash.toLowerCase()) {
      return this.fault(`${where} have SHA-1 hash ${found} but should have hash ${hash.toLowerCase()}`)
    }
    const json = parseJson(fromUtf8(body))
    if (!json.ok) return this.fault(`${where} are not valid JSON (${json.error})`)
    if (!isObject(json.value)) return this.fault(`${where} are not a JSON object`)
    this.start = this.end
    this.end = from + length
    return json.value
  }

  /** What is wrong with the file's beginning, before anything is read of it. */
  checkBeginning(): Fault | undefined {
    const text = fromUtf8(this.bytes(0, magic.length))
    if (text === magic) return undefined
    if (text === clusterMagic) {
      return new Fault('ovsdb error', `${this.file.name}: cannot apply this operation to clustered database file`)
    }
    return new Fault(
      'ovsdb error',
      `${this.file.name}: ${text === '' ? 'cannot identify file type' : 'unexpected file format'}`,
    )
  }

  private fault(details: string): Fault {
    return new Fault('syntax error', `${this.file.name}: ${details}`)
  }

  private bytes(from: number, length: number): Uint8Array {
    if (from + length > this.heldFrom + this.held.length) {
      this.held = this.file.read(from, Math.max(length, block))
      this.heldFrom = from
    }
    return this.held.subarray(from - this.heldFrom, from - this.heldFrom + length)
  }
}
