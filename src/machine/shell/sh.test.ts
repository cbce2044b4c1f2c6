import { describe, expect, test } from 'vitest'
import { first, sleep, type Task } from '../../runtime/index.ts'
import type { Command } from '../command.ts'
import { terminal, testMachine } from '../machine.testing.ts'
import { isIncomplete } from './sh.ts'

const prompt = 'root@hv1:~# '

/** Counts seconds until Ctrl-C, then says how many, as `ping` does. */
const counter: Command = function* (process): Task<number> {
  const caught = process.catchSignal('INT')
  let count = 0
  while (caught.count === 0) {
    yield first(resume => process.clock.at(process.clock.now() + 1e9, resume), caught.wait)
    if (caught.count === 0) count++
  }
  yield* process.print(`counted ${count}\n`)
  return 0
}

describe('a prompt', () => {
  test('shows user, host and directory, and runs lines', () => {
    const at = terminal()
    expect(at.type('')).toBe(prompt)
    expect(at.type('echo hi\n')).toBe(`hi\n${prompt}`)
    expect(at.type('cd /tmp\n')).toBe('root@hv1:/tmp# ')
    expect(at.type('PS1="$ "\n')).toBe('$ ')
  })

  test('asks for more until the command is complete', () => {
    const at = terminal()
    at.type('')
    expect(at.type('for i in 1 2\n')).toBe('> ')
    expect(at.type('do echo $i\n')).toBe('> ')
    expect(at.type('done\n')).toBe(`1\n2\n${prompt}`)
    expect(at.type('echo "a\n')).toBe('> ')
    expect(at.type('b"\n')).toBe(`a\nb\n${prompt}`)
    expect(at.type('echo a \\\n')).toBe('> ')
    expect(at.type('b\n')).toBe(`a b\n${prompt}`)
    expect(at.type('cat <<E\n')).toBe('> ')
    expect(at.type('text\nE\n')).toBe(`> text\n${prompt}`)
  })

  test('goes on after a mistake, with messages that have no line number', () => {
    const at = terminal()
    at.type('')
    expect(at.type('nosuch\n')).toBe(`bash: nosuch: command not found\n${prompt}`)
    expect(at.type('echo $?\n')).toBe(`127\n${prompt}`)
    expect(at.type('echo )\n')).toBe(`bash: syntax error near unexpected token \`)'\n${prompt}`)
    expect(at.type('set -u; echo $nope; echo not reached\n')).toBe(`bash: nope: unbound variable\n${prompt}`)
  })

  test('ends with exit, and with the end of its input', () => {
    const at = terminal()
    at.type('')
    at.type('exit 3\n')
    expect(at.shell.status).toBe(3)
    const other = terminal()
    other.type('false\n')
    expect(other.hangUp()).toBe('exit\n')
    expect(other.shell.status).toBe(1)
  })
})

describe('Ctrl-C', () => {
  test('ends the program that runs and brings the prompt back', () => {
    const at = terminal()
    at.type('')
    expect(at.type('sleep 100; echo not reached\n')).toBe('')
    expect(at.interrupt()).toBe(`\n${prompt}`)
    expect(at.type('echo $?\n')).toBe(`130\n${prompt}`)
    expect([...at.machine.processes.values()].map(each => each.args[0])).toEqual(['init', 'bash'])
  })

  test('lets a program that catches it finish, and the line goes on', () => {
    const at = terminal({ counter })
    at.type('')
    at.type('counter; echo after $?\n', 3.5)
    expect(at.interrupt()).toBe(`counted 3\nafter 0\n${prompt}`)
  })

  test('at an empty prompt gives a new one', () => {
    const at = terminal()
    at.type('')
    expect(at.interrupt()).toBe(`\n${prompt}`)
    expect(at.type('echo fine\n')).toBe(`fine\n${prompt}`)
  })

  test('ends a loop that never ends, a pipeline, a script and what it runs', () => {
    for (const line of ['while :; do :; done', 'yes | cat > /dev/null', 'bash -c "sleep 50; echo no"', '(sleep 50)']) {
      const at = terminal()
      at.type('')
      expect(at.type(`${line}\n`, 0.01)).toBe('')
      expect(at.interrupt(), line).toBe(`\n${prompt}`)
      expect(at.machine.processes.size, line).toBe(2)
    }
  })

  test('does not reach what runs in the background', () => {
    const at = terminal()
    at.type('')
    at.type('sleep 2 &\n')
    at.interrupt()
    expect(at.type('jobs\n')).toBe(`[1]+  Running                 sleep 2 &\n${prompt}`)
    expect(at.type('\n', 3)).toBe(prompt)
    expect(at.type('\n')).toBe(`[1]+  Done                    sleep 2\n${prompt}`)
  })
})

test('a job is announced by its number and process id', () => {
  const at = terminal()
  at.type('')
  const screen = at.type('sleep 1 &\n')
  expect(screen).toMatch(/^\[1\] \d+\nroot@/)
  expect(at.type('echo $!\n')).toBe(`${screen.slice(4, screen.indexOf('\n'))}\n${prompt}`)
})

test('a shell inside a shell has a prompt of its own', () => {
  const at = terminal()
  at.type('')
  expect(at.type('x=1; bash\n')).toBe(prompt)
  expect(at.type('echo "[$x]" $((1+1))\n')).toBe(`[] 2\n${prompt}`)
  expect(at.type('exit\n')).toBe(prompt)
  expect(at.type('echo $x\n')).toBe(`1\n${prompt}`)
})

test('sh takes a file, a text, or its input', () => {
  const { run } = testMachine()
  run('echo \'echo "file $0 $1"\' > /tmp/s')
  expect(run('sh /tmp/s a').stdout).toBe('file /tmp/s a\n')
  expect(run("sh -c 'echo $0 $1' n a").stdout).toBe('n a\n')
  expect(run('echo "echo from input" | sh').stdout).toBe('from input\n')
  expect(run('sh nofile')).toEqual({ status: 127, stdout: '', stderr: 'sh: nofile: No such file or directory\n' })
  expect(run('sh -e -c "false; echo no"').status).toBe(1)
})

test('incomplete texts are those that more lines can complete', () => {
  for (const text of [
    'echo "a\n',
    'if true\n',
    'a |\n',
    'a &&\n',
    '{ a\n',
    '$(a\n',
    'cat <<E\n',
    'f()\n',
    'a \\\n',
    'case x in\n',
  ])
    expect(isIncomplete(text), text).toBe(true)
  for (const text of ['echo a\n', 'echo )\n', 'fi\n', '', 'echo a >\n', 'a; ;\n', 'echo a \\\\\n'])
    expect(isIncomplete(text), text).toBe(false)
})

test('time that a sleeping line takes is the clock’s', () => {
  const { run, clock } = testMachine()
  run('sleep 1.5; sleep 500 & sleep 0.5')
  expect(clock.now()).toBe(2e9)
})

test('a task waits inside a program as it does outside', () => {
  const nap: Command = function* (process): Task<number> {
    yield* sleep(process.clock, 1e9)
    return process.args.length
  }
  const { run } = testMachine({ nap })
  expect(run('nap a b').status).toBe(3)
})
