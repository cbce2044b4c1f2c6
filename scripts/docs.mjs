// Writes the reference pages that tables in the source know everything about. Needs `npm run build` first.
import { writeFileSync } from 'node:fs'
import { fieldReference } from '../dist/flow/index.js'

writeFileSync(new URL('../docs/fields.md', import.meta.url), fieldReference())
