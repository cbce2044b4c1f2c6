/**
 * The original tools with each database server and each switch, the originals and ours, and our tools with the originals
 * and with ours: what they say is what the originals say to each other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pairingScripts } from './pairing-scripts.ts'
import { Pairing, type Told } from './pairings.testing.ts'
import { hasOpenVswitch } from './real-switch.ts'
import { buildWeft, type WeftCli } from './weft-cli.testing.ts'

describe.skipIf(!hasOpenVswitch())('tools, a database server and a switch', () => {
  let weft: WeftCli
  /** By name; the first has the originals alone. */
  let pairings: [string, Pairing][] = []

  beforeAll(async () => {
    weft = await buildWeft()
    const kinds = ['real', 'weft'] as const
    pairings = kinds.flatMap(server =>
      kinds.map((daemon): [string, Pairing] => [
        `${server} server, ${daemon} switch`,
        new Pairing(server, daemon, weft),
      ]),
    )
    await Promise.all(pairings.map(([, pairing]) => pairing.start()))
  })
  afterAll(async () => {
    await Promise.all(pairings.map(([, pairing]) => pairing.close()))
    weft?.close()
  })

  /** What some of them say otherwise than the originals. */
  const differing = (who: string, told: readonly Told[], expected: readonly Told[]): object[] =>
    told.flatMap(({ line, text }, i) => (text === expected[i]?.text ? [] : { who, line, text, not: expected[i]?.text }))

  test.each(pairingScripts)(
    '%s',
    async (_, script) => {
      const told = await Promise.all(
        pairings.map(async ([name, pairing]) => {
          const real = await pairing.told('real', script)
          return { name, real, ours: pairing.isMixed ? undefined : await pairing.told('weft', script) }
        }),
      )
      const expected = told[0]?.real as Told[]
      const differences = told.flatMap(({ name, real, ours = expected }) => [
        ...differing(name, real, expected),
        ...differing(`our tools, ${name}`, ours, expected),
      ])
      expect(differences).toEqual([])
    },
    300_000,
  )
})
