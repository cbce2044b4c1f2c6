import { type Clock, fromUtf8, utf8 } from '../../runtime/index.ts'
import { nowhere, type Stream } from '../streams.ts'
import { type Answer, type Errno, no, yes } from './errno.ts'
import { type Directory, type Node, type Regular, sizeOf, type Viewer, type Virtual } from './node.ts'
import { absolute, basename, dirname } from './path.ts'

/** How a file is opened: `read`, `write` (made empty), `append`, `update` (`<>`, kept as it is). */
export type OpenMode = 'read' | 'write' | 'append' | 'update'

/** At most this many bytes in one machine's files, and this many names: a full disk, not a full host. */
export type Limits = { bytes: number; nodes: number }

const maxLinks = 40
const maxName = 255
/** Names in a path; Linux stops at 4,096 bytes. It keeps what walks a tree from running out of stack. */
const maxDepth = 256

/**
 * The files of one machine, in memory: directories, bytes, symbolic links, and virtual files whose text is made when they
 * are read. Every function takes the one who looks (a `Process`), because relative paths and /proc depend on it, and
 * answers a value or an errno. There is one user, root, so only virtual files refuse a write.
 */
export class FileSystem {
  readonly top: Directory
  private readonly clock: Clock
  private readonly limits: Limits
  private bytes = 0
  private nodes = 1

  constructor(clock: Clock, limits: Limits = { bytes: 64 << 20, nodes: 100_000 }) {
    this.clock = clock
    this.limits = limits
    this.top = { kind: 'directory', mode: 0o755, changed: clock.now(), entries: new Map() }
  }

  /** The node at a path. The last link is followed unless `follow` is false. */
  lookup(viewer: Viewer, path: string, follow = true): Answer<Node> {
    if (path === '') return no('ENOENT')
    const names = (path.startsWith('/') ? path : `${viewer.cwd}/${path}`).split('/').filter(name => name !== '')
    if (names.length > maxDepth) return no('ENAMETOOLONG')
    const mustBeDirectory = path.endsWith('/')
    const trail: Directory[] = [this.top]
    let links = 0
    let node: Node = this.top
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string
      if (node.kind !== 'directory') return no('ENOTDIR')
      if (name === '.') continue
      if (name === '..') {
        if (trail.length > 1) trail.pop()
        node = trail[trail.length - 1] as Directory
        continue
      }
      const found: Node | undefined = node.entries.get(name)
      if (found === undefined) return no('ENOENT')
      if (found.kind === 'link' && (follow || mustBeDirectory || i < names.length - 1)) {
        if (++links > maxLinks) return no('ELOOP')
        const target = found.target.split('/').filter(part => part !== '')
        names.splice(0, i + 1, ...target)
        i = -1
        if (found.target.startsWith('/')) trail.length = 1
        node = trail[trail.length - 1] as Directory
        continue
      }
      node = found
      if (node.kind !== 'directory') continue
      node = viewer.mounts?.get(node) ?? node
      trail.push(node)
    }
    return mustBeDirectory && node.kind !== 'directory' ? no('ENOTDIR') : yes(node)
  }

  /**
   * What `mount --bind FROM POINT` in a mount namespace comes to, and without `from` a new tmpfs: the directories to find in
   * place of others, with those of the viewer. Both must be there.
   */
  bind(viewer: Viewer, point: string, from?: string): Answer<ReadonlyMap<Directory, Directory>> {
    const under = this.lookup(viewer, point)
    if (!under.ok) return under
    const over = from === undefined ? yes(this.emptyDirectory()) : this.lookup(viewer, from)
    if (!over.ok) return over
    if (under.value.kind !== 'directory' || over.value.kind !== 'directory') return no('ENOTDIR')
    return yes(new Map([...(viewer.mounts ?? []), [under.value, over.value]]))
  }

  exists(viewer: Viewer, path: string): boolean {
    return this.lookup(viewer, path).ok
  }

  isDirectory(viewer: Viewer, path: string): boolean {
    const found = this.lookup(viewer, path)
    return found.ok && found.value.kind === 'directory'
  }

  /** The whole file. */
  read(viewer: Viewer, path: string): Answer<Uint8Array> {
    const found = this.lookup(viewer, path)
    if (!found.ok) return found
    const node = found.value
    if (node.kind === 'directory') return no('EISDIR')
    return yes(contents(node, viewer))
  }

  readText(viewer: Viewer, path: string): Answer<string> {
    const bytes = this.read(viewer, path)
    return bytes.ok ? yes(fromUtf8(bytes.value)) : bytes
  }

  /** Makes or replaces the file (or extends it); its directory must exist. */
  write(viewer: Viewer, path: string, content: Uint8Array | string, mode: 'write' | 'append' = 'write'): Answer<void> {
    const opened = this.openNode(viewer, path, mode)
    if (!opened.ok) return opened
    const errno = this.put(viewer, opened.value, typeof content === 'string' ? utf8(content) : content, undefined)
    return errno === undefined ? yes(undefined) : no(errno)
  }

  /** Opens a file as a stream with a position of its own. `append` and `write` make it if need be. */
  open(viewer: Viewer, path: string, mode: OpenMode): Answer<Stream> {
    const opened = this.openNode(viewer, path, mode)
    if (!opened.ok) return opened
    const node = opened.value
    if (node.kind === 'device') return yes(nowhere)
    return yes(this.stream(viewer, node, mode))
  }

  /** The names in a directory with their nodes, sorted by code point. */
  list(viewer: Viewer, path: string): Answer<[string, Node][]> {
    const found = this.lookup(viewer, path)
    if (!found.ok) return found
    if (found.value.kind !== 'directory') return no('ENOTDIR')
    return yes([...found.value.entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  mkdir(viewer: Viewer, path: string): Answer<void> {
    return this.add(viewer, path, this.emptyDirectory())
  }

  /** Makes a directory and those above it; one that is there already is left as it is. */
  mkdirAll(viewer: Viewer, path: string): Answer<void> {
    const whole = absolute(path, viewer.cwd)
    if (whole.split('/').length > maxDepth) return no('ENAMETOOLONG')
    let at = ''
    for (const name of whole.split('/').slice(1)) {
      if (name === '') continue
      at += `/${name}`
      const found = this.lookup(viewer, at)
      if (found.ok) {
        if (found.value.kind !== 'directory') return no(at === whole ? 'EEXIST' : 'ENOTDIR')
        continue
      }
      const made = this.mkdir(viewer, at)
      if (!made.ok) return made
    }
    return yes(undefined)
  }

  symlink(viewer: Viewer, target: string, path: string): Answer<void> {
    return this.add(viewer, path, { kind: 'link', mode: 0o777, changed: this.clock.now(), target })
  }

  /** Puts a node (mostly a virtual file) at a path where nothing is. */
  add(viewer: Viewer, path: string, node: Node): Answer<void> {
    const where = this.parent(viewer, path)
    if (!where.ok) return where
    const { directory, name } = where.value
    if (name === '' || directory.entries.has(name)) return no('EEXIST')
    if (this.nodes >= this.limits.nodes) return no('ENOSPC')
    directory.entries.set(name, node)
    directory.changed = this.clock.now()
    this.nodes++
    return yes(undefined)
  }

  /** Removes a name; a directory only if it is empty. */
  remove(viewer: Viewer, path: string): Answer<void> {
    const where = this.parent(viewer, path)
    if (!where.ok) return where
    const { directory, name } = where.value
    const node = directory.entries.get(name)
    if (node === undefined) return no(name === '' ? 'EBUSY' : 'ENOENT')
    if (node.kind === 'directory' && node.entries.size > 0) return no('ENOTEMPTY')
    directory.entries.delete(name)
    directory.changed = this.clock.now()
    this.forget(node)
    return yes(undefined)
  }

  /** Removes a name and all below it. */
  removeTree(viewer: Viewer, path: string): Answer<void> {
    const found = this.lookup(viewer, path, false)
    if (!found.ok) return found
    if (found.value.kind === 'directory') this.empty(found.value)
    return this.remove(viewer, path)
  }

  /** Moves a node to another name, replacing a file that is there. */
  rename(viewer: Viewer, from: string, to: string): Answer<void> {
    const source = this.parent(viewer, from)
    if (!source.ok) return source
    const target = this.parent(viewer, to)
    if (!target.ok) return target
    const node = source.value.directory.entries.get(source.value.name)
    if (node === undefined) return no('ENOENT')
    const there = target.value.directory.entries.get(target.value.name)
    if (there === node) return yes(undefined)
    if (node.kind === 'directory' && below(node).includes(target.value.directory)) return no('EINVAL')
    if (there !== undefined) {
      if (there.kind === 'directory') return no(there.entries.size > 0 ? 'ENOTEMPTY' : 'EEXIST')
      this.forget(there)
    }
    source.value.directory.entries.delete(source.value.name)
    target.value.directory.entries.set(target.value.name, node)
    return yes(undefined)
  }

  private parent(viewer: Viewer, path: string): Answer<{ directory: Directory; name: string }> {
    if (path === '') return no('ENOENT')
    const name = basename(path)
    if (name === '/' || name === '.' || name === '..') return yes({ directory: this.top, name: '' })
    if (name.length > maxName) return no('ENAMETOOLONG')
    const found = this.lookup(viewer, dirname(path))
    if (!found.ok) return found
    return found.value.kind === 'directory' ? yes({ directory: found.value, name }) : no('ENOTDIR')
  }

  private openNode(viewer: Viewer, path: string, mode: OpenMode): Answer<Exclude<Node, Directory>> {
    let found = this.lookup(viewer, path)
    if (!found.ok && found.errno === 'ENOENT' && mode !== 'read' && !path.endsWith('/')) {
      const made = this.add(viewer, path, this.emptyFile())
      if (!made.ok) return made
      found = this.lookup(viewer, path)
    }
    if (!found.ok) return found
    const node = found.value
    if (node.kind === 'directory') return no('EISDIR')
    if (mode === 'write' && node.kind === 'file') {
      this.bytes -= node.size
      node.size = 0
      node.changed = this.clock.now()
    }
    if (mode !== 'read' && node.kind === 'virtual' && node.write === undefined) return no('EACCES')
    return yes(node)
  }

  private emptyDirectory(): Directory {
    return { kind: 'directory', mode: 0o755, changed: this.clock.now(), entries: new Map() }
  }

  private emptyFile(): Regular {
    return { kind: 'file', mode: 0o644, changed: this.clock.now(), bytes: new Uint8Array(0), size: 0 }
  }

  /** Writes at a position, or at the end. */
  private put(viewer: Viewer, node: Node, content: Uint8Array, position: number | undefined): Errno | undefined {
    if (node.kind === 'virtual') return node.write === undefined ? 'EACCES' : node.write(fromUtf8(content), viewer)
    if (node.kind !== 'file') return undefined
    const at = position ?? node.size
    const end = at + content.length
    const grown = Math.max(node.size, end)
    if (this.bytes + grown - node.size > this.limits.bytes) return 'ENOSPC'
    if (grown > node.bytes.length) {
      const bytes = new Uint8Array(Math.max(64, grown * 2))
      bytes.set(node.bytes.subarray(0, node.size))
      node.bytes = bytes
    }
    if (at > node.size) node.bytes.fill(0, node.size, at)
    node.bytes.set(content, at)
    this.bytes += grown - node.size
    node.size = grown
    node.changed = this.clock.now()
    return undefined
  }

  private stream(viewer: Viewer, node: Regular | Virtual | Node, mode: OpenMode): Stream {
    const files = this
    const readable = mode === 'read' || mode === 'update'
    let at = 0
    let text: Uint8Array | undefined
    return {
      kind: 'file',
      // biome-ignore lint/correctness/useYield: a file in memory never waits
      *read(most = 65536) {
        if (!readable) return 'EBADF'
        // A virtual file is read once and keeps its text, as one of /proc does while it is open.
        if (node.kind === 'virtual') text ??= contents(node, viewer)
        const all = text ?? contents(node, viewer)
        if (at >= all.length) return undefined
        const part = all.slice(at, at + most)
        at += part.length
        return part
      },
      // biome-ignore lint/correctness/useYield: a file in memory never waits
      *write(bytes: Uint8Array) {
        if (mode === 'read') return 'EBADF'
        const errno = files.put(viewer, node, bytes, mode === 'append' ? undefined : at)
        if (errno === undefined) at += bytes.length
        return errno
      },
    }
  }

  // Trees that were moved into each other can be deeper than any path, so what walks all of one keeps its own list.
  private empty(directory: Directory): void {
    for (const each of below(directory)) {
      for (const node of each.entries.values()) this.forget(node)
      each.entries.clear()
    }
  }

  private forget(node: Node): void {
    this.nodes--
    if (node.kind === 'file') this.bytes -= sizeOf(node)
  }
}

/** A directory and all that are below it, each before what it holds. */
const below = (directory: Directory): Directory[] => {
  const all = [directory]
  for (let i = 0; i < all.length; i++)
    for (const node of (all[i] as Directory).entries.values()) if (node.kind === 'directory') all.push(node)
  return all
}

const contents = (node: Node, viewer: Viewer): Uint8Array =>
  node.kind === 'file'
    ? node.bytes.subarray(0, node.size)
    : node.kind === 'virtual'
      ? utf8(node.read(viewer))
      : new Uint8Array(0)
