import type { Kernel, Link } from '../../../host/index.ts'
import type { FileSystem } from '../../files/file-system.ts'
import { type Directory, type Node, type Viewer, virtual } from '../../files/node.ts'
import { addCounterFiles } from './proc-net.ts'

/**
 * /proc/sys/net: the settings of the namespace of whoever reads. The folders of links are those of the namespace that the
 * machine starts in; where a reader's namespace has no such link, the file is empty. /proc/net comes along.
 *
 * There may be very many links, so what is in a link's folder is made when somebody looks.
 */
export const addSettingFiles = (files: FileSystem, init: Viewer, kernel: Kernel): void => {
  addCounterFiles(files, init)
  const { settings, links, watchers } = kernel.root
  for (const name of settings.names()) {
    const { folder, file } = placeOf(name)
    files.mkdirAll(init, folder)
    files.add(init, `${folder}/${file}`, setting(name))
  }
  const parents: Directory[] = []
  for (const folder of folders) {
    files.mkdirAll(init, folder)
    const found = files.lookup(init, folder)
    if (found.ok && found.value.kind === 'directory') parents.push(found.value)
  }
  const names = new WeakMap<Link, string>()
  const addLink = (link: Link): void => {
    names.set(link, link.name)
    for (const [i, { entries }] of parents.entries()) {
      const entriesOf = (): Map<string, Node> => {
        settings.of(link.name)
        const places = settings.namesOf(link.name).map(name => ({ name, ...placeOf(name) }))
        const inside = places.filter(({ folder }) => folder === `${folders[i]}/${link.name}`)
        return new Map(inside.map(({ name, file }) => [file, setting(name)]))
      }
      entries.set(link.name, new Folder(kernel.clock.now(), entriesOf))
    }
  }
  for (const link of links.all()) addLink(link)
  watchers.add((link, event) => {
    if (event !== 'added' && event !== 'removed' && event !== 'name') return
    if (event !== 'added') for (const { entries } of parents) entries.delete(names.get(link) ?? link.name)
    if (event !== 'removed') addLink(link)
  })
}

/** A directory that is filled when it is first looked into. */
class Folder implements Directory {
  readonly kind = 'directory'
  mode = 0o755
  changed: number
  private filled: Map<string, Node> | undefined
  private readonly fill: () => Map<string, Node>

  constructor(changed: number, fill: () => Map<string, Node>) {
    this.changed = changed
    this.fill = fill
  }

  get entries(): Map<string, Node> {
    this.filled ??= this.fill()
    return this.filled
  }
}

/** Where links have their folders. */
const folders = ['ipv4', 'ipv6'].flatMap(family => ['conf', 'neigh'].map(kind => `/proc/sys/net/${family}/${kind}`))

const pattern = /^net\.(ipv[46])\.(conf|neigh)\.(.+)\.([a-z0-9_]+)$/

/** `/proc/sys/net/ipv4/conf/eth0.1` and `forwarding`: a dot in a link's name stays. */
const placeOf = (name: string): { folder: string; file: string } => {
  const parts = pattern.exec(name)
  if (parts !== null) return { folder: `/proc/sys/net/${parts[1]}/${parts[2]}/${parts[3]}`, file: parts[4] as string }
  const path = name.replaceAll('.', '/')
  const end = path.lastIndexOf('/')
  return { folder: `/proc/sys/${path.slice(0, end)}`, file: path.slice(end + 1) }
}

const setting = (name: string): Node => virtual(read(name), write(name))

const read =
  (name: string) =>
  ({ namespace }: Viewer): string => {
    const value = namespace.settings.get(name)
    return value === undefined ? '' : `${value}\n`
  }

const write =
  (name: string) =>
  (text: string, { namespace }: Viewer) =>
    namespace.settings.set(name, text).ok ? undefined : ('EINVAL' as const)
