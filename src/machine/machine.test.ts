import { describe, expect, test } from 'vitest'
import { output, testMachine } from './machine.testing.ts'

describe('a machine', () => {
  test('runs a line and gives what it printed', () => {
    const { run } = testMachine()
    expect(run('echo out; echo err >&2; exit 3')).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' })
    expect(run('nosuch').stderr).toBe('bash: nosuch: command not found\n')
    expect(run(['nosuch']).status).toBe(127)
  })

  test('keeps its files and its name between lines', () => {
    const { run, machine } = testMachine()
    run('echo kept > /tmp/f; hostname hv9')
    expect(run('cat /tmp/f; hostname; cat /proc/sys/kernel/hostname').stdout).toBe('kept\nhv9\nhv9\n')
    run('echo hv10 > /proc/sys/kernel/hostname')
    expect(machine.hostname).toBe('hv10')
  })

  test('gives the same answers on every run', () => {
    const once = () => {
      const { run, clock } = testMachine()
      return [run('echo $RANDOM $$; sleep 0.3 & (sleep 0.1; echo $!) | cat; wait; date +%N; ps'), clock.now()]
    }
    expect(once()).toEqual(once())
  })

  test('shows the wall time of its clock', () => {
    expect(output('date; sleep 90; date +%T; uptime')).toBe(
      'Thu Jan  1 00:00:00 UTC 2026\n00:01:30\n 00:01:30 up 1 min,  1 user,  load average: 0.00, 0.00, 0.00\n',
    )
  })

  test('interrupts what runs in the foreground of a process', () => {
    const { machine, clock } = testMachine()
    const process = machine.run('sleep 100 | cat; echo no')
    clock.runUntil(1e9)
    expect(machine.interrupt(process.pid)).toBe(true)
    expect(process.ended).toBe(true)
    expect(machine.processes.size).toBe(1)
    expect(machine.interrupt(process.pid)).toBe(false)
  })
})

describe('its files', () => {
  test('are those of a small Debian', () => {
    expect(output('ls /; readlink /bin /var/run; cat /etc/hostname; head -n 1 /etc/hosts')).toBe(
      'bin\ndev\netc\nhome\nmnt\nopt\nproc\nroot\nrun\nsbin\nsrv\nsys\ntmp\nusr\nvar\nusr/bin\nhv1\n127.0.0.1\tlocalhost\n',
    )
  })

  test('hold a program for each command', () => {
    const { run } = testMachine({
      // biome-ignore lint/correctness/useYield: it ends at once
      ip: function* () {
        return 0
      },
    })
    expect(run('which ls ip; command -v cat').stdout).toBe('/usr/bin/ls\n/usr/sbin/ip\n/usr/bin/cat\n')
    expect(run('/bin/echo a; /usr/sbin/ip; echo $?; ls /bin/ls').stdout).toBe('a\n0\n/bin/ls\n')
    expect(run('rm /usr/bin/uname; uname').status).toBe(127)
    expect(run('PATH=/nowhere; ls').status).toBe(127)
    expect(run('PATH=/nowhere ls').status).toBe(127)
  })

  test('run as scripts when they may', () => {
    const { run } = testMachine()
    run("printf '#!/bin/sh\\necho $0 $1 $#\\nexit 4\\n' > /tmp/s")
    expect(run('/tmp/s').stderr).toBe('bash: /tmp/s: Permission denied\n')
    expect(run('chmod +x /tmp/s; /tmp/s a b; echo $?').stdout).toBe('/tmp/s a 2\n4\n')
  })
})
