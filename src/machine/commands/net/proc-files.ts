import type { Kernel, Link } from '../../../host/index.ts'
import type { FileSystem } from '../../files/file-system.ts'
import { type Viewer, virtual } from '../../files/node.ts'
import { addCounterFiles } from './proc-net.ts'

/**
 * /proc/sys/net: the settings of the namespace of whoever reads. The folders of links are those of the namespace that the
 * machine starts in; where a reader's namespace has no such link, the file is empty. /proc/net comes along.
 */
export const addSettingFiles = (files: FileSystem, init: Viewer, kernel: Kernel): void => {
  addCounterFiles(files, init)
  const { settings, links, watchers } = kernel.root
  const names = new WeakMap<Link, string>()
  const add = (name: string): void => {
    const path = `/proc/sys/${fileOf(name)}`
    files.mkdirAll(init, path.slice(0, path.lastIndexOf('/')))
    files.add(init, path, virtual(read(name), write(name)))
  }
  const addLink = (link: Link): void => {
    settings.of(link.name)
    names.set(link, link.name)
    for (const name of settings.names()) if (linkOf(name) === link.name) add(name)
  }
  for (const name of settings.names()) add(name)
  for (const link of links.all()) addLink(link)
  const removeLink = (name: string): void => {
    for (const family of ['ipv4', 'ipv6'])
      for (const kind of ['conf', 'neigh']) files.removeTree(init, `/proc/sys/net/${family}/${kind}/${name}`)
  }
  watchers.add((link, event) => {
    if (event === 'removed' || event === 'name') removeLink(names.get(link) ?? link.name)
    if (event === 'added' || event === 'name') addLink(link)
  })
}

const pattern = /^net\.(ipv[46])\.(conf|neigh)\.(.+)\.([a-z0-9_]+)$/

/** The link that a setting belongs to; undefined for what is one for a namespace. */
const linkOf = (name: string): string | undefined => pattern.exec(name)?.[3]

/** `net/ipv4/conf/eth0.1/forwarding`: a dot in a link's name stays. */
const fileOf = (name: string): string => {
  const parts = pattern.exec(name)
  return parts === null ? name.replaceAll('.', '/') : `net/${parts[1]}/${parts[2]}/${parts[3]}/${parts[4]}`
}

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
