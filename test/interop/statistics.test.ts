/** Statistics, and what changes groups, meters and tables: bytes of ours, right and gone wrong, through `ovs-ofctl ofp-parse`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printMessage } from '../../src/openflow/message-print.ts'
import { encodeMessage } from '../../src/openflow/message-wire.ts'
import { statisticsBodies } from '../../src/openflow/messages/statistics.testing.ts'
import { hasOvs } from './ovs.testing.ts'

/** What `ofp-parse` says of messages, all in one stream. */
const real = (messages: readonly Uint8Array[]): string => {
  const directory = mkdtempSync(join(tmpdir(), 'weft-statistics-'))
  const file = join(directory, 'messages')
  writeFileSync(file, Buffer.concat(messages))
  const { stdout } = spawnSync('ovs-ofctl', ['ofp-parse', file], { encoding: 'latin1', maxBuffer: 1 << 28 })
  rmSync(directory, { recursive: true })
  return stdout
}
const ours = (messages: readonly Uint8Array[]): string => messages.map(message => printMessage(message)).join('')

/** Errors without a name, and seconds of more nanoseconds than a second has, are told otherwise. */
const comparable = (text: string): string =>
  text.replace(/\*\*\*decode error: \S+\*\*\*/g, '***decode error***').replace(/duration[=:]\d+\.\d{4,}s/g, 'duration')

describe.skipIf(!hasOvs())('bytes of statistics against ovs-ofctl', () => {
  const versions = [1, 2, 3, 4, 5, 6] as const

  test.each(versions)('messages of version %i', version => {
    const bodies = fc.sample(statisticsBodies(version), { numRuns: 1200, seed: 3 * version })
    const messages = bodies.flatMap(body => encodeMessage(body, { version, xid: 7, nxm: true }) ?? [])
    expect(messages.length).toBeGreaterThan(600)
    expect(ours(messages).split('\n')).toEqual(real(messages).split('\n'))
  })

  test.each(versions)('messages of version %i with a byte changed', version => {
    const bodies = fc.sample(statisticsBodies(version), { numRuns: 400, seed: 5 * version })
    const messages = bodies.flatMap((body, i) => {
      const bytes = encodeMessage(body, { version, xid: 7, nxm: true })
      if (bytes === undefined) return []
      // Past the header, so that the stream stays one.
      const at = 8 + ((i * 2654435761) % Math.max(1, bytes.length - 8))
      if (at < bytes.length) bytes[at] = (bytes[at]! + 1 + (i % 255)) & 0xff
      return [bytes]
    })
    for (const message of messages) expect(() => printMessage(message)).not.toThrow()
    const pairs = messages.map(message => [comparable(ours([message])), message] as const)
    const whole = comparable(real(messages))
    const wrong: string[] = []
    let at = 0
    for (const [text, message] of pairs) {
      if (whole.startsWith(text, at)) at += text.length
      else {
        wrong.push(Buffer.from(message).toString('hex'))
        at += comparable(real([message])).length
      }
    }
    // Bytes that no field covers may stand for anything; few are left.
    expect(wrong.length, wrong.slice(0, 5).join('\n')).toBeLessThan(messages.length * 0.04)
  })
})
