import type { Command, Commands, Process } from '../command.ts'
import { strerror } from '../files/errno.ts'
import { basename, dirname, joined } from '../files/path.ts'
import { byName, parseOptions, usage } from '../options.ts'

const mkdir: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    p: 'none',
    parents: 'none',
    m: 'required',
    mode: 'required',
    v: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  if (parsed.operands.length === 0) return yield* usage(process, 'missing operand')
  const parents = parsed.options.some(option => option.name[0] === 'p')
  let status = 0
  for (const name of parsed.operands) {
    const { files } = process.machine
    const made = parents ? files.mkdirAll(process, name) : files.mkdir(process, name)
    if (!made.ok) status = yield* process.fail(`mkdir: cannot create directory '${name}': ${strerror(made.errno)}`)
  }
  return status
}

const rmdir: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), { p: 'none' })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  if (parsed.operands.length === 0) return yield* usage(process, 'missing operand')
  let status = 0
  for (const name of parsed.operands) {
    const { files } = process.machine
    const found = files.lookup(process, name, false)
    const removed =
      found.ok && found.value.kind !== 'directory'
        ? ({ ok: false, errno: 'ENOTDIR' } as const)
        : files.remove(process, name)
    if (!removed.ok) status = yield* process.fail(`rmdir: failed to remove '${name}': ${strerror(removed.errno)}`)
  }
  return status
}

const rm: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    r: 'none',
    R: 'none',
    recursive: 'none',
    f: 'none',
    force: 'none',
    i: 'none',
    d: 'none',
    dir: 'none',
    v: 'none',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const given = byName(parsed.options)
  const force = given.has('f') || given.has('force')
  const recursive = given.has('r') || given.has('R') || given.has('recursive')
  if (parsed.operands.length === 0) return force ? 0 : yield* usage(process, 'missing operand')
  let status = 0
  for (const name of parsed.operands) {
    const { files } = process.machine
    const last = basename(name)
    const found = files.lookup(process, name, false)
    if (!found.ok) {
      if (!(force && (found.errno === 'ENOENT' || found.errno === 'ENOTDIR')))
        status = yield* process.fail(`rm: cannot remove '${name}': ${strerror(found.errno)}`)
      continue
    }
    if (found.value.kind === 'directory' && !recursive && !given.has('d') && !given.has('dir')) {
      status = yield* process.fail(`rm: cannot remove '${name}': ${strerror('EISDIR')}`)
      continue
    }
    if (last === '.' || last === '..') {
      status = yield* process.fail(`rm: refusing to remove '.' or '..' directory: skipping '${name}'`)
      continue
    }
    const removed = recursive ? files.removeTree(process, name) : files.remove(process, name)
    if (!removed.ok) status = yield* process.fail(`rm: cannot remove '${name}': ${strerror(removed.errno)}`)
  }
  return status
}

const touch: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), {
    c: 'none',
    a: 'none',
    m: 'none',
    d: 'required',
    t: 'required',
    r: 'required',
  })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  if (parsed.operands.length === 0) return yield* usage(process, 'missing file operand')
  const create = !parsed.options.some(option => option.name === 'c')
  let status = 0
  for (const name of parsed.operands) {
    const { files } = process.machine
    const found = files.lookup(process, name)
    if (found.ok) found.value.changed = process.clock.now()
    else if (create) {
      const made = files.write(process, name, '', 'append')
      if (!made.ok) {
        const what = name.endsWith('/') ? 'setting times of' : 'cannot touch'
        status = yield* process.fail(`touch: ${what} '${name}': ${strerror(made.errno)}`)
      }
    }
  }
  return status
}

/** Where a file goes: into the target if that is a directory. */
const destination = (process: Process, source: string, target: string): string =>
  process.machine.files.isDirectory(process, target) ? joined(target, basename(source)) : target

const transfer = (how: 'copy' | 'move'): Command =>
  function* (process) {
    const name = process.args[0] as string
    const parsed = parseOptions(process.args.slice(1), {
      r: 'none',
      R: 'none',
      a: 'none',
      f: 'none',
      p: 'none',
      v: 'none',
      recursive: 'none',
    })
    if (!parsed.ok) return yield* usage(process, parsed.error)
    const sources = [...parsed.operands]
    const target = sources.pop()
    if (target === undefined) return yield* usage(process, 'missing file operand')
    if (sources.length === 0) return yield* usage(process, `missing destination file operand after '${target}'`)
    const { files } = process.machine
    if (sources.length > 1 && !files.isDirectory(process, target))
      return yield* process.fail(
        `${name}: target '${target}': ${strerror(files.exists(process, target) ? 'ENOTDIR' : 'ENOENT')}`,
      )
    const recursive = parsed.options.some(option => /^[rRa]/.test(option.name))
    let status = 0
    for (const source of sources) {
      const to = destination(process, source, target)
      const error = how === 'move' ? move(process, source, to) : copy(process, source, to, recursive)
      if (error !== undefined) status = yield* process.fail(`${name}: ${error}`)
    }
    return status
  }

const move = (process: Process, source: string, to: string): string | undefined => {
  const { files } = process.machine
  const found = files.lookup(process, source, false)
  if (!found.ok) return `cannot stat '${source}': ${strerror(found.errno)}`
  const moved = files.rename(process, source, to)
  return moved.ok ? undefined : `cannot move '${source}' to '${to}': ${strerror(moved.errno)}`
}

const copy = (process: Process, source: string, to: string, recursive: boolean): string | undefined => {
  const { files } = process.machine
  const found = files.lookup(process, source)
  if (!found.ok) return `cannot stat '${source}': ${strerror(found.errno)}`
  if (found.value.kind !== 'directory') {
    const there = files.lookup(process, to)
    if (there.ok && there.value === found.value) return `'${source}' and '${to}' are the same file`
    const read = files.read(process, source)
    const written = read.ok ? files.write(process, to, read.value) : read
    return written.ok ? undefined : `cannot create regular file '${to}': ${strerror(written.errno)}`
  }
  if (!recursive) return `-r not specified; omitting directory '${source}'`
  const names = [...found.value.entries.keys()]
  const made = files.mkdirAll(process, to)
  if (!made.ok) return `cannot create directory '${to}': ${strerror(made.errno)}`
  for (const name of names) {
    const error = copy(process, joined(source, name), joined(to, name), true)
    if (error !== undefined) return error
  }
  return undefined
}

const ln: Command = function* (process) {
  const parsed = parseOptions(process.args.slice(1), { s: 'none', symbolic: 'none', f: 'none', n: 'none' })
  if (!parsed.ok) return yield* usage(process, parsed.error)
  const [target, given] = parsed.operands
  if (target === undefined) return yield* usage(process, 'missing file operand')
  if (!parsed.options.some(option => option.name[0] === 's'))
    return yield* process.fail(`ln: failed to create hard link '${given ?? target}': Operation not permitted`)
  const path = destination(process, target, given ?? basename(target))
  if (parsed.options.some(option => option.name === 'f')) process.machine.files.remove(process, path)
  const made = process.machine.files.symlink(process, target, path)
  return made.ok ? 0 : yield* process.fail(`ln: failed to create symbolic link '${path}': ${strerror(made.errno)}`)
}

const chmod: Command = function* (process) {
  const [mode, ...names] = process.args.slice(1)
  if (mode === undefined) return yield* usage(process, 'missing operand')
  if (names.length === 0) return yield* usage(process, `missing operand after '${mode}'`)
  const symbolic = /^([ugoa]*)([-+=])([rwx]+)$/.exec(mode)
  if (symbolic === null && !/^[0-7]{1,4}$/.test(mode)) return yield* usage(process, `invalid mode: '${mode}'`)
  let status = 0
  for (const name of names) {
    const found = process.machine.files.lookup(process, name)
    if (!found.ok) status = yield* process.fail(`chmod: cannot access '${name}': ${strerror(found.errno)}`)
    else found.value.mode = symbolic === null ? Number.parseInt(mode, 8) : changedMode(found.value.mode, symbolic)
  }
  return status
}

const changedMode = (mode: number, [, who, op, letters]: string[]): number => {
  const bits = [...(letters as string)].reduce((sum, letter) => sum | ({ r: 4, w: 2, x: 1 }[letter] ?? 0), 0)
  const places = who === '' || who?.includes('a') ? 'ugo' : (who as string)
  let mask = 0
  let field = 0
  for (const place of places) {
    const shift = { u: 6, g: 3, o: 0 }[place] ?? 0
    mask |= bits << shift
    field |= 7 << shift
  }
  return op === '+' ? mode | mask : op === '-' ? mode & ~mask : (mode & ~field) | mask
}

const names = (make: (path: string) => string): Command =>
  function* (process) {
    const [path, suffix] = process.args.slice(1)
    if (path === undefined) return yield* usage(process, 'missing operand')
    const name = make(path)
    const cut = suffix !== undefined && make === basename && name.endsWith(suffix) && name !== suffix
    yield* process.print(`${cut ? name.slice(0, -suffix.length) : name}\n`)
    return 0
  }

const readlink: Command = function* (process) {
  const path = process.args.filter((word, i) => i > 0 && !word.startsWith('-')).at(0)
  if (path === undefined) return yield* usage(process, 'missing operand')
  const found = process.machine.files.lookup(process, path, false)
  if (!found.ok || found.value.kind !== 'link') return 1
  yield* process.print(`${found.value.target}\n`)
  return 0
}

/** Programs that change the tree of files, and name its parts. */
export const treeCommands: Commands = {
  mkdir,
  rmdir,
  rm,
  touch,
  cp: transfer('copy'),
  mv: transfer('move'),
  ln,
  chmod,
  basename: names(basename),
  dirname: names(dirname),
  readlink,
}
