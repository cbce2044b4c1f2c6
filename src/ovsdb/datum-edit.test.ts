import { expect, test } from 'vitest'
import { below, seeded } from '../runtime/index.ts'
import type { Atom } from './atom.ts'
import { type Datum, equalDatum, setOf } from './datum.ts'
import { compareDatums, subtract, unite } from './datum-merge.ts'

test('every set that a large one was stays what it was, in whatever order they are read', () => {
  const random = seeded(3)
  for (let round = 0; round < 20; round++) {
    let now: Datum = setOf(...Array.from({ length: 100 }, (_, i) => i * 10))
    const all: { datum: Datum; keys: readonly Atom[] }[] = [{ datum: now, keys: [...now.keys] }]
    for (let step = 0; step < 100; step++) {
      // Now and then a set that another was made of is changed once more.
      const from = below(random, 5) === 0 ? (all[below(random, all.length)]?.datum as Datum) : now
      const atom = below(random, 1000)
      const keys = [...from.keys]
      const adds = below(random, 2) === 0
      now = adds ? unite(from, { keys: [atom] }) : subtract(from, { keys: [atom] })
      const wanted = adds ? setOf(...keys, atom).keys : keys.filter(key => key !== atom)
      all.push({ datum: now, keys: wanted })
      const changed: Atom[] = []
      compareDatums(
        from,
        now,
        key => changed.push(key),
        key => changed.push(key),
      )
      expect(changed).toEqual(keys.includes(atom) === adds ? [] : [atom])
      expect(equalDatum(from, now)).toBe(changed.length === 0)
    }
    while (all.length > 0) {
      const [{ datum, keys } = { datum: now, keys: now.keys }] = all.splice(below(random, all.length), 1)
      expect(datum.keys).toEqual(keys)
    }
  }
})
