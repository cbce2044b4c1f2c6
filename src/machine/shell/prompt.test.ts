import { describe, expect, test } from 'vitest'
import { terminal } from '../machine.testing.ts'

/** What PS1 shows of a text. */
const shown = (text: string, before = ''): string => {
  const at = terminal()
  at.type(`${before}\n`)
  return at.type(`PS1='${text}'\n`)
}

describe('PS1', () => {
  // As bash(1), "PROMPTING", says.
  test.each([
    ['$ ', '$ '],
    ['\\u@\\h:\\w\\$ ', 'root@hv1:~# '],
    ['\\s-\\W> ', 'bash-~> '],
    ['a\\nb', 'a\nb'],
    ['\\\\w', '\\w'],
    ['\\[\\e[1m\\]x', '\x1b[1mx'],
    ['\\q', '\\q'],
    ['', ''],
  ])('%s', (text, wanted) => {
    expect(shown(text)).toBe(wanted)
  })

  test('knows the directory and the host', () => {
    expect(shown('\\w \\W ', 'cd /var/log')).toBe('/var/log log ')
    expect(shown('\\w \\W ', 'cd /')).toBe('/ / ')
    expect(shown('\\w ', 'mkdir d; cd d')).toBe('~/d ')
    expect(shown('\\w ', 'mkdir /rootling; cd /rootling')).toBe('/rootling ')
    expect(shown('\\h \\H ', 'hostname web1.example')).toBe('web1 web1.example ')
  })
})

test('PS2 asks for the rest, and Ctrl-C gives it up', () => {
  const at = terminal()
  at.type('PS2="more> "\n')
  expect(at.type('if true\n')).toBe('more> ')
  expect(at.interrupt()).toBe('\nroot@hv1:~# ')
  expect(at.type('echo $?\n')).toBe('130\nroot@hv1:~# ')
  expect(at.type('echo "a\n')).toBe('more> ')
  expect(at.type('b"\n')).toBe('a\nb\nroot@hv1:~# ')
})

test('without prompts a shell works too', () => {
  const at = terminal()
  at.type('unset PS1 PS2\n')
  expect(at.type('echo a; if true\n')).toBe('')
  expect(at.type('then echo b; fi\n')).toBe('a\nb\n')
})
