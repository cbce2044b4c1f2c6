import type { Process } from '../command.ts'
import { hasGlob, matcher, unescapePattern } from './pattern.ts'

/** The paths that a pattern matches, sorted; empty when none does. A leading dot must be matched by a dot. */
export const glob = (process: Process, pattern: string): string[] => {
  const parts = pattern.split('/')
  let found = [pattern.startsWith('/') ? '/' : '']
  for (let i = pattern.startsWith('/') ? 1 : 0; i < parts.length; i++) {
    const part = parts[i] as string
    const last = i === parts.length - 1
    if (part === '') {
      // A slash at the end keeps directories only.
      if (last) found = found.filter(path => process.machine.files.isDirectory(process, path)).map(path => `${path}/`)
      continue
    }
    found = found.flatMap(path => step(process, path, part))
  }
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

const step = (process: Process, path: string, part: string): string[] => {
  const { files } = process.machine
  const inside = path === '' || path.endsWith('/') ? path : `${path}/`
  if (!hasGlob(part)) {
    const next = `${inside}${unescapePattern(part)}`
    return files.lookup(process, next, false).ok ? [next] : []
  }
  const listed = files.list(process, path === '' ? '.' : path)
  if (!listed.ok) return []
  const fits = matcher(part)
  const hidden = part.startsWith('.') || part.startsWith('\\.')
  return listed.value
    .map(([name]) => name)
    .filter(name => (hidden || !name.startsWith('.')) && fits(name))
    .map(name => `${inside}${name}`)
}
