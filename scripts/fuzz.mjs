// `npm run fuzz -- --cases N --seed S`: the fuzz tests with more cases (20 million) and a seed of the day.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { bin, bootstrap, root } from './bootstrap.mjs'

const { values } = parseArgs({ options: { cases: { type: 'string' }, seed: { type: 'string' } } })
const cases = values.cases ?? '20000000'
const seed = values.seed ?? String(Math.floor(Date.now() / 1000))
for (const [name, value] of Object.entries({ cases, seed })) {
  if (/^[0-9]+$/.test(value)) continue
  console.error(`fuzz: --${name} takes a whole number, not '${value}'`)
  process.exit(2)
}

bootstrap()
console.log(`${cases} cases, seed ${seed}`)
const { status } = spawnSync(bin('vitest'), ['run', '--project', 'unit', 'test/fuzz'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, WEFT_FUZZ_CASES: cases, WEFT_FUZZ_SEED: seed },
})
process.exit(status ?? 1)
