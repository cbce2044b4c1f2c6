// One program, and what it imports at once or later, in few files: to find and read a thousand small ones takes half a
// second. Names stay as they were written, for who reads where an error came from.
import { createRequire } from 'node:module'

/** Bundles `entry`, JavaScript or TypeScript, into `folder`; packages are imported as before. */
export const bundle = (entry, folder) => {
  // The bundler that vite brings.
  const { buildSync } = createRequire(createRequire(import.meta.url).resolve('vite'))('esbuild')
  buildSync({
    entryPoints: [entry],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
}
