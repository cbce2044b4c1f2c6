import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameWriter, parseName, readName } from './dns-name.ts'

const read = (bytes: number[], at = 0): unknown => {
  const result = readName(Uint8Array.from(bytes), 0, at, bytes.length)
  return result.ok ? result.value : result.why
}
const ascii = (text: string): number[] => [...text].map(character => character.charCodeAt(0))

describe('reading', () => {
  test('the names of RFC 1035 §4.1.4', () => {
    const bytes = new Array<number>(100).fill(0)
    const put = (at: number, values: number[]): void => {
      bytes.splice(at, values.length, ...values)
    }
    put(20, [1, ...ascii('F'), 3, ...ascii('ISI'), 4, ...ascii('ARPA'), 0])
    put(40, [3, ...ascii('FOO'), 0xc0, 20])
    put(64, [0xc0, 26])
    expect(read(bytes, 20)).toEqual({ name: 'F.ISI.ARPA.', next: 32 })
    expect(read(bytes, 40)).toEqual({ name: 'FOO.F.ISI.ARPA.', next: 46 })
    expect(read(bytes, 64)).toEqual({ name: 'ARPA.', next: 66 })
    expect(read(bytes, 92)).toEqual({ name: '.', next: 93 })
  })

  test('pointers that do not lead back are loops', () => {
    expect(read([0xc0, 0])).toBe('loop')
    expect(read([0xc0, 2, 0])).toBe('loop')
    expect(read([1, 65, 0xc0, 0], 2)).toBe('short')
    expect(read([0xc0, 2, 0xc0, 0], 2)).toBe('loop')
  })

  test('what is torn, too long or of another kind', () => {
    expect(read([])).toBe('short')
    expect(read([3, 65, 66])).toBe('short')
    expect(read([1, 65])).toBe('short')
    expect(read([0xc0])).toBe('short')
    expect(read([0x40, 0])).toBe('value')
    const label = [63, ...new Array<number>(63).fill(97)]
    expect(read([...label, ...label, ...label, 61, ...new Array<number>(61).fill(97), 0])).toMatchObject({ next: 255 })
    expect(read([...label, ...label, ...label, 62, ...new Array<number>(62).fill(97), 0])).toBe('length')
  })
})

describe('text', () => {
  test('bytes that are not letters are escaped, both ways', () => {
    expect(read([4, 0x2e, 0x5c, 0, 0xff, 0])).toEqual({ name: '\\.\\\\\\000\\255.', next: 6 })
    expect(parseName('\\.\\\\\\000\\255.')).toEqual([Uint8Array.of(0x2e, 0x5c, 0, 0xff)])
  })

  test('what is no domain name', () => {
    for (const text of ['', '..', '.a', 'a..b', 'a'.repeat(64), `${'a.'.repeat(128)}`, '\\256', 'a\\', 'é']) {
      expect([text, parseName(text)]).toEqual([text, undefined])
    }
    expect(parseName('a')).toEqual(parseName('a.'))
    expect(parseName('.')).toEqual([])
  })
})

test('any names written one after the other are read back, compressed', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 20 })
  const decimal = (bytes: Uint8Array): string => [...bytes].map(b => `\\${String(b).padStart(3, '0')}`).join('')
  const name = fc.array(label, { maxLength: 6 }).map(labels => `${labels.map(decimal).join('.')}.`)
  fc.assert(
    fc.property(fc.array(name), names => {
      const out: number[] = []
      const writer = nameWriter(out)
      for (const one of [...names, ...names]) writer.write(one)
      const bytes = Uint8Array.from(out)
      let at = 0
      for (const one of [...names, ...names]) {
        const result = readName(bytes, 0, at, bytes.length)
        if (!result.ok) throw new Error(result.why)
        expect(parseName(result.value.name)).toEqual(parseName(one))
        at = result.value.next
      }
      expect(at).toBe(bytes.length)
    }),
  )
  expect(() => nameWriter([]).write('a..b')).toThrow('not a domain name')
})
