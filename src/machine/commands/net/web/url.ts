/** What a client needs of a URL of HTTP. */
export type Url = { scheme: string; host: string; port: number; path: string; shown: string }

/** Reads `host/path`, `http://host:8080/path` and `http://[::1]/`; undefined for what is none. */
export const parseUrl = (text: string): Url | undefined => {
  const [, scheme = 'http', authority, rest = ''] =
    /^(?:([a-zA-Z][\w+.-]*):\/\/)?(?!\w*:\/\/)([^/?#]+)([^#]*)/.exec(text) ?? []
  if (authority === undefined) return undefined
  const place = authority.replace(/^.*@/, '')
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d*))?$/.exec(place) ?? []
  const host = bracketed ?? plain
  if (host === undefined || host === '' || Number(port ?? 0) > 65535) return undefined
  const path = rest === '' || rest.startsWith('?') ? `/${rest}` : rest
  return { scheme: scheme.toLowerCase(), host, port: port ? Number(port) : 80, path, shown: place }
}

/** Where a `Location` leads from a URL. */
export const redirected = (from: Url, location: string): Url | undefined => {
  if (/^[a-zA-Z][\w+.-]*:\/\//.test(location)) return parseUrl(location)
  if (location.startsWith('//')) return parseUrl(`${from.scheme}:${location}`)
  const path = location.startsWith('/')
    ? location
    : `${from.path.replace(/[?].*/, '').replace(/[^/]*$/, '')}${location}`
  return { ...from, path }
}
