// Bundles bench/main.ts and runs it: `npm run bench -- [NAME…] [--json]`.
import { runBundled } from './bundled.mjs'

process.exitCode = await runBundled('bench', 'bench/main.ts', ['--expose-gc'])
