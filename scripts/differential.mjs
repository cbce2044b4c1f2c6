// Bundles test/differential/main.ts and runs it: `npm run differential -- --cases N --seed S [--jobs N] [--category …] [--whole] [--json]`.
import { runBundled } from './bundled.mjs'

process.exitCode = await runBundled('differential', 'test/differential/main.ts')
