// Bundles bench/main.ts and runs it: `npm run bench -- [NAME…] [--json]`.
import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { runBundled } from './bundled.mjs'

// The ratios run the `weft` command as it is installed.
bootstrap()
build()
process.exitCode = await runBundled('bench', 'bench/main.ts', ['--expose-gc'])
