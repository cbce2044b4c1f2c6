import { elapsed, first, type Task } from '../../runtime/index.ts'
import { isListening } from './controller.ts'
import type { Node } from './node.ts'
import type { Popen } from './popen.ts'

/**
 * What several programs print, line by line as it comes, each with what it was listed under; '' with a key of undefined after
 * `timeoutms` without a line. It is over when all have ended and everything was read.
 */
export async function* pmonitor<K>(
  popens: ReadonlyMap<K, Popen>,
  timeoutms = 500,
): AsyncGenerator<[key: K | undefined, line: string]> {
  const left = new Map(popens)
  const [some] = left.values()
  if (some === undefined) return
  const { box } = some
  while (left.size > 0) {
    let found = false
    for (const [key, popen] of left) {
      for (let line = popen.takeLine(); line !== undefined; line = popen.takeLine()) {
        found = true
        yield [key, line]
      }
      if (popen.poll() !== undefined) left.delete(key)
    }
    if (found || left.size === 0) continue
    const news = [...left.values()].map(popen => popen.news)
    const task = (function* (): Task<void> {
      yield first(...news, elapsed(box.clock, timeoutms * 1e6))
    })()
    const before = box.clock.now()
    await box.calls.run(task)
    if (box.clock.now() - before >= timeoutms * 1e6) yield [undefined, '']
  }
}

/**
 * What the commands that were sent to hosts print, line by line, each with its host; undefined and '' after `timeoutms` without
 * a line. It is over when all have ended.
 */
export async function* monitorHosts(
  hosts: readonly Node[],
  timeoutms = 5000,
): AsyncGenerator<[host: Node | undefined, line: string]> {
  const begun = new Map(hosts.filter(host => host.waiting).map(host => [host, '']))
  const [some] = begun.keys()
  if (some === undefined) return
  const { box } = some
  while (begun.size > 0) {
    let found = false
    for (const [host, part] of begun) {
      if (!host.shell.readable) continue
      found = true
      const lines = (part + (await host.monitor())).split('\n')
      const rest = lines.pop() as string
      for (const line of lines) yield [host, `${line}\n`]
      begun.set(host, rest)
      if (host.waiting) continue
      begun.delete(host)
      if (rest !== '') yield [host, rest]
    }
    if (found) continue
    const news = [...begun.keys()].map(host => host.shell.news)
    const task = (function* (): Task<void> {
      yield first(...news, elapsed(box.clock, timeoutms * 1e6))
    })()
    const before = box.clock.now()
    await box.calls.run(task)
    if (box.clock.now() - before >= timeoutms * 1e6) yield [undefined, '']
  }
}

/** How often it is looked whether somebody listens, ns. */
const interval = 0.5e9

/** Waits until a program of `server` listens at a TCP port, at most `timeout` seconds; true if one does. */
export const waitListening = (server: Node, port = 80, timeout?: number): Promise<boolean> => {
  const { box } = server
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : box.clock.now() + timeout * 1e9
  const task = (function* (): Task<boolean> {
    while (!isListening(server, port)) {
      if (box.clock.now() >= end) {
        box.output.error(`could not connect to ${server} on port ${port}\n`)
        return false
      }
      yield elapsed(box.clock, Math.min(interval, end - box.clock.now()))
    }
    return true
  })()
  return box.calls.run(task)
}

/** Runs a command line on the machine that the network is on; gives what it printed, errors too. */
export const quietRun = async (box: Node['box'], line: string): Promise<string> => {
  const { text } = await box.calls.run(box.exec(['bash', '-c', line]))
  return text
}
