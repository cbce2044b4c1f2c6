// `npm start`: installs and builds what is needed, then runs `weft lab` with the words given after `--`.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bootstrap, root } from './bootstrap.mjs'
import { build } from './build.mjs'

bootstrap()
build()
const weft = join(root, 'dist', 'cli', 'weft.js')
process.argv = [process.argv[0], weft, 'lab', ...process.argv.slice(2)]
await import(pathToFileURL(weft).href)
