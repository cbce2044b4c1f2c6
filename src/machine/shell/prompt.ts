import type { Shell } from './shell-types.ts'

/** $PS1 with bash's escapes: `\u` user, `\h` host, `\w` directory (`~` for home), `\W` its last name, `\$` the `#` of root. */
export const expandPrompt = (shell: Shell, text: string): string => {
  const { process, state } = shell
  const home = state.get('HOME') ?? '/root'
  const { cwd } = process
  const directory = cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd
  const values: Record<string, string> = {
    u: 'root',
    h: process.machine.hostname.split('.')[0] as string,
    H: process.machine.hostname,
    w: directory,
    W: directory === '~' ? '~' : (directory.split('/').at(-1) ?? '') || '/',
    $: '#',
    n: '\n',
    s: state.name,
    '\\': '\\',
    e: '\x1b',
    '[': '',
    ']': '',
  }
  return text.replace(/\\(.)/g, (whole, letter: string) => values[letter] ?? whole)
}
