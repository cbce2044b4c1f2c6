import type { Found, Process, System } from './command.ts'
import { strerror } from './files/errno.ts'
import { joined } from './files/path.ts'

/** Finds the program of a name, as execvp(3) does: by path if it has a slash, otherwise through $PATH. */
export const findProgram = (system: System, name: string, process: Process): Found => {
  if (name.includes('/')) return at(system, name, process)
  let refused: Found | undefined
  for (const directory of (process.env.get('PATH') ?? '').split(':')) {
    const found = at(system, joined(directory === '' ? '.' : directory, name), process)
    if (found.kind !== 'none') return found
    if (found.status === 126 && !system.files.isDirectory(process, joined(directory, name))) refused ??= found
  }
  return refused ?? { kind: 'none', status: 127, why: 'command not found' }
}

const at = (system: System, path: string, process: Process): Found => {
  const looked = system.files.lookup(process, path)
  if (!looked.ok) return { kind: 'none', status: looked.errno === 'ENOENT' ? 127 : 126, why: strerror(looked.errno) }
  const node = looked.value
  if (node.kind === 'directory') return { kind: 'none', status: 126, why: strerror('EISDIR') }
  if ((node.mode & 0o111) === 0) return { kind: 'none', status: 126, why: strerror('EACCES') }
  if (node.kind === 'virtual' && node.program !== undefined) {
    const command = system.commands[node.program]
    if (command !== undefined) return { kind: 'command', path, command }
  }
  return { kind: 'script', path }
}
