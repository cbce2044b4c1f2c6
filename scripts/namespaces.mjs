// Network namespaces for experiments with the real kernel, by root. Each is named `weft-PID-NAME`, so that experiments at
// one time do not meet, and what a killed one left is known by its process being gone.
import { execFileSync, spawn } from 'node:child_process'
import { constants } from 'node:os'

const prefix = `weft-${process.pid}-`

const ip = (...words) => execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const isAlive = pid => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const pidsIn = namespace =>
  ip('netns', 'pids', namespace)
    .split('\n')
    .filter(line => line !== '')
    .map(Number)

const removeNamespace = namespace => {
  for (const pid of pidsIn(namespace)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  ip('netns', 'delete', namespace)
}

const sweep = () => {
  for (const line of ip('netns', 'list').split('\n')) {
    const [name, pid] = /^weft-([0-9]+)-\w+/.exec(line) ?? []
    if (name === undefined || isAlive(Number(pid))) continue
    try {
      removeNamespace(name)
    } catch {
      // Another experiment swept it first.
    }
  }
}

const words = command => (typeof command === 'string' ? command.trim().split(/\s+/) : command)

const launch = (argv, env = {}) => {
  const [command, ...args] = argv
  const child = spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } })
  const running = { pid: child.pid, stdout: '', stderr: '' }
  let over = false
  const looking = new Set()
  const look = () => {
    for (const each of looking) each()
  }
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8')
    child[name].on('data', text => {
      running[name] += text
      look()
    })
  }
  child.stdin.on('error', () => {})
  running.ended = new Promise(resolve => {
    const end = (status, signal) => {
      over = true
      resolve(status ?? 128 + (constants.signals[signal] ?? 0))
      look()
    }
    child.on('close', end)
    child.on('error', error => {
      running.stderr += error.message
      end(127)
    })
  })
  running.until = (pattern, limit = 20_000) =>
    new Promise((resolve, reject) => {
      const settle = (act, value) => {
        clearTimeout(timer)
        looking.delete(check)
        act(value)
      }
      const said = why => new Error(`${argv.join(' ')}: ${why} before ${pattern}\n${running.stdout}${running.stderr}`)
      const timer = setTimeout(() => settle(reject, said('no time left')), limit)
      const check = () => {
        const found = pattern.exec(running.stdout + running.stderr)
        if (found !== null) settle(resolve, found[0])
        else if (over) settle(reject, said('ended'))
      }
      looking.add(check)
      check()
    })
  running.type = text => child.stdin.write(text)
  running.stop = (signal = 'SIGTERM') => {
    if (!over) child.kill(signal)
    return running.ended
  }
  return running
}

export const namespaces = () => {
  sweep()
  const made = []
  const started = []
  const enter = name => ['ip', 'netns', 'exec', prefix + name]
  const remove = () => {
    for (const running of started.splice(0)) void running.stop('SIGKILL')
    for (const namespace of made.splice(0).reverse()) {
      try {
        removeNamespace(namespace)
      } catch {
        // What a half-made experiment never had need not go.
      }
    }
  }
  process.once('exit', remove)
  return {
    add: name => {
      ip('netns', 'add', prefix + name)
      made.push(prefix + name)
      ip('-n', prefix + name, 'link', 'set', 'lo', 'up')
      return prefix + name
    },
    run: (name, command) => {
      const [program, ...args] = [...enter(name), ...words(command)]
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    },
    attempt: async (name, command) => {
      const running = launch([...enter(name), ...words(command)])
      return { status: await running.ended, stdout: running.stdout, stderr: running.stderr }
    },
    start: (name, argv, env) => {
      const running = launch([...enter(name), ...argv], env)
      started.push(running)
      return running
    },
    remove,
  }
}
