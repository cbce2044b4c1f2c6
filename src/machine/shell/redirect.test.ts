import { describe, expect, test } from 'vitest'
import { output, terminal, testMachine } from '../machine.testing.ts'

describe('redirections', () => {
  test('close what they opened', () => {
    const at = terminal()
    at.type('')
    const held = (): number => at.shell.files.size
    const before = held()
    for (const line of [
      'echo a > /tmp/f',
      'cat < /tmp/f > /dev/null 2>&1',
      'x=1 > /tmp/f',
      '> /tmp/f',
      'cat <<< text > /dev/null',
      '{ echo a; } 3> /tmp/f 4>&3',
      'cat < /nofile > /tmp/f',
      'echo a > /tmp/f > /nodir/x',
      'f() { echo a; } > /tmp/f; f',
      'while read l; do :; done < /tmp/f',
    ]) {
      at.type(`${line}\n`)
      expect(held(), line).toBe(before)
    }
    expect(at.type('echo still here\n')).toContain('still here\n')
  })

  test('of exec stay', () => {
    const { machine, run } = testMachine()
    expect(run('exec > /tmp/f; echo in file; ls /nofile 2>&1').stdout).toBe('')
    const text = machine.files.readText(machine.init, '/tmp/f')
    expect(text.ok && text.value).toBe("in file\nls: cannot access '/nofile': No such file or directory\n")
    expect(output('exec 3> /tmp/g; echo three >&3; exec 3>&-; cat /tmp/g; echo x >&3')).toBe(
      'three\nbash: 3: Bad file descriptor\n',
    )
  })

  test('that fail are undone, and the command does not run', () => {
    expect(output('echo no > /tmp/a > /nodir/b; echo $?; cat /tmp/a; echo yes')).toBe(
      '1\nyes\nbash: /nodir/b: No such file or directory\n',
    )
    expect(output('echo x > "$nothing"; x="a b"; echo y > $x; echo z <& a')).toBe(
      'bash: : No such file or directory\nbash: a b: ambiguous redirect\nbash: a: ambiguous redirect\n',
    )
  })

  test('go in order', () => {
    expect(output('ls /nofile 2>&1 > /dev/null | cat')).toBe("ls: cannot access '/nofile': No such file or directory\n")
    expect(output('ls /nofile > /dev/null 2>&1 | cat')).toBe('')
    expect(output('echo a >| /tmp/f; echo b >> /tmp/f; cat <> /tmp/f; echo c &>> /tmp/f; cat /tmp/f')).toBe(
      'a\nb\na\nb\nc\n',
    )
  })

  test('of a pipe keep it open as long as one of them is', () => {
    expect(output('{ echo a; echo b >&3; echo c >&3; echo d; } 3>&1 | cat')).toBe('a\nb\nc\nd\n')
  })

  test('share a position when duplicated', () => {
    expect(output('{ echo a; echo b >&3; echo c; } > /tmp/f 3>&1; cat /tmp/f')).toBe('a\nb\nc\n')
    expect(output('printf "1\\n2\\n3\\n" > /tmp/f; { read a; read b; cat; } < /tmp/f; echo $a $b')).toBe('3\n1 2\n')
  })
})
