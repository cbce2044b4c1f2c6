/** The absolute path of `path` seen from `cwd`, with `.`, `..` and repeated slashes taken out. Links are not followed. */
export const absolute = (path: string, cwd: string): string => {
  const names: string[] = []
  for (const name of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..') names.pop()
    else names.push(name)
  }
  return `/${names.join('/')}`
}

/** The directory part: `/etc` of `/etc/hosts`, `.` of `hosts`, as dirname(1). */
export const dirname = (path: string): string => {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '.' : '/'
  const slash = trimmed.lastIndexOf('/')
  if (slash < 0) return '.'
  return trimmed.slice(0, slash).replace(/\/+$/, '') || '/'
}

/** The last name: `hosts` of `/etc/hosts`, `/` of `/`, as basename(1). */
export const basename = (path: string): string => {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '' : '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** `name` inside `directory`, with one slash between them. */
export const joined = (directory: string, name: string): string =>
  directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`
