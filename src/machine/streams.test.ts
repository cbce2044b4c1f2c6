import { describe, expect, test } from 'vitest'
import { Pipe, start, type Task, utf8 } from '../runtime/index.ts'
import { nowhere, OpenFile, pipe, readEnd, type Stream, sink, source, writeEnd } from './streams.ts'

/** What a task gives that does not wait; undefined while it waits. */
const now = <T>(task: Task<T>): T | undefined => {
  let got: T | undefined
  start(task, { done: value => (got = value) })
  return got
}
const counted = (): { stream: Stream; closed: () => number } => {
  let closed = 0
  return { stream: { ...nowhere, close: () => closed++ }, closed: () => closed }
}

describe('an open file', () => {
  test('is closed by its last descriptor, once', () => {
    const { stream, closed } = counted()
    const file = new OpenFile(stream)
    expect(file.dup()).toBe(file)
    file.dup()
    file.close()
    file.close()
    expect(closed()).toBe(0)
    file.close()
    expect(closed()).toBe(1)
    file.close()
    expect(closed()).toBe(1)
  })
})

describe('a pipe', () => {
  test('carries bytes one way only', () => {
    const { reader, writer } = pipe()
    expect(now(writer.stream.write(utf8('abc')))).toBeUndefined()
    expect(now(reader.stream.read(2))).toEqual(utf8('ab'))
    expect(now(reader.stream.read())).toEqual(utf8('c'))
    expect(now(writer.stream.read())).toBe('EBADF')
    expect(now(reader.stream.write(utf8('x')))).toBe('EBADF')
    expect([reader.stream.kind, writer.stream.kind]).toEqual(['pipe', 'pipe'])
  })

  test('ends for the reader when the writer has gone, and fails for the writer when the reader has', () => {
    const one = pipe()
    now(one.writer.stream.write(utf8('last')))
    one.writer.close()
    expect(now(one.reader.stream.read())).toEqual(utf8('last'))
    expect(now(one.reader.stream.read())).toBeUndefined()
    const other = pipe()
    other.reader.close()
    expect(now(other.writer.stream.write(utf8('x')))).toBe('EPIPE')
  })

  test('holds a writer while it is full', () => {
    const { reader, writer } = pipe(4)
    let written = 0
    const write = (): unknown => start(writer.stream.write(utf8('full')), { done: () => written++ })
    write()
    write()
    expect(written).toBe(1)
    now(reader.stream.read())
    expect(written).toBe(2)
  })

  test('of a terminal says so', () => {
    const window = { columns: 40 }
    expect(readEnd(new Pipe(), window)).toMatchObject({ kind: 'terminal', terminal: window })
    expect(writeEnd(new Pipe(), window)).toMatchObject({ kind: 'terminal', terminal: window })
  })
})

describe('other streams', () => {
  test('a sink takes all and gives nothing', () => {
    const got: Uint8Array[] = []
    const stream = sink(bytes => got.push(bytes))
    expect(now(stream.write(utf8('a')))).toBeUndefined()
    expect(now(stream.read())).toBeUndefined()
    expect(got).toEqual([utf8('a')])
    expect([stream.kind, sink(() => {}, { columns: 1 }).kind, nowhere.kind]).toEqual(['file', 'terminal', 'null'])
  })

  test('a source gives its bytes in the portions that are asked for', () => {
    const stream = source(utf8('hello'))
    expect(now(stream.read(2))).toEqual(utf8('he'))
    expect(now(stream.read(100))).toEqual(utf8('llo'))
    expect(now(stream.read())).toBeUndefined()
    expect(now(stream.write(utf8('x')))).toBe('EBADF')
  })
})
