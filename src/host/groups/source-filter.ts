import type { Ip } from '../../wire/address.ts'

/** From whom a group is heard (RFC 3376 §2): from all but these, or from these alone. None of these is not to hear it. */
export type SourceFilter = { readonly exclude: boolean; readonly sources: ReadonlySet<Ip> }

/** Who hears a group from everybody. */
export const everySource: SourceFilter = { exclude: true, sources: new Set() }

/** Who does not hear a group. */
export const noSource: SourceFilter = { exclude: false, sources: new Set() }

/** Whether the filter lets a source's packets in. */
export const passes = ({ exclude, sources }: SourceFilter, source: Ip): boolean => sources.has(source) !== exclude

/** What an interface needs to hear for all its sockets together (RFC 3376 §3.2). */
export const combine = (filters: readonly SourceFilter[]): SourceFilter => {
  const [only] = filters
  if (only !== undefined && filters.length === 1) return only
  const wanted = new Set<Ip>()
  for (const { exclude, sources } of filters) if (!exclude) for (const source of sources) wanted.add(source)
  const excluding = filters.filter(({ exclude }) => exclude)
  const [first] = excluding
  if (first === undefined) return { exclude: false, sources: wanted }
  const unwanted = [...first.sources].filter(
    source => !wanted.has(source) && excluding.every(({ sources }) => sources.has(source)),
  )
  return { exclude: true, sources: new Set(unwanted) }
}

/** Sources that one filter lets in and the other does not, where both are of one mode. */
export const differing = (a: SourceFilter, b: SourceFilter): Ip[] => [
  ...[...a.sources].filter(source => !b.sources.has(source)),
  ...[...b.sources].filter(source => !a.sources.has(source)),
]
