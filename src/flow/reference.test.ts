import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fieldReference } from './reference.ts'

test('docs/fields.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../docs/fields.md', import.meta.url), 'utf8')).toBe(fieldReference())
})

test('a row has all that the table has', () => {
  expect(fieldReference()).toContain(
    '| `ip_src`, `nw_src` | 32 | ipv4 | mask, write | ipv4 | `OXM_OF_IPV4_SRC` (0x8000:11), OpenFlow 1.2, Open vSwitch 1.7<br>`NXM_OF_IP_SRC` (0x0000:7), Open vSwitch 1.1 | 1.0 cidr, 1.1 mask |',
  )
  expect(fieldReference()).toContain('| `reg0` to `reg15` | 32 | hex |')
})
