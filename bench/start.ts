/** What a person waits for. */
import { spawnSync } from 'node:child_process'
import type { Bench } from './harness.ts'

/** `npm start` without a terminal, to the end of the demonstration; the time on the clock. The first round builds. */
const start: Bench = {
  name: 'lab/start',
  unit: 's',
  rounds: 3,
  setUp: () => () => {
    const begin = performance.now()
    const { status } = spawnSync(process.execPath, ['scripts/start.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
    if (status !== 0) throw new Error(`npm start ended with ${status}`)
    return (performance.now() - begin) / 1000
  },
}

export const startBenches: Bench[] = [start]
