import { spawn } from 'node:child_process'

/** Runs a program that writes to a pipe and gives what it wrote; `tick` is called twice a second meanwhile, with the seconds it took so far. */
export const readFrom = (command: string, args: readonly string[], tick: (seconds: number) => void): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const chunks: Buffer[] = []
    const start = performance.now()
    const timer = setInterval(() => tick(Math.round((performance.now() - start) / 1000)), 500)
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', reject)
    child.on('close', (status, signal) => {
      clearInterval(timer)
      if (status === 0) resolve(Buffer.concat(chunks).toString())
      else reject(new Error(`${args.join(' ')} ended with ${status ?? signal}`))
    })
    tick(0)
  })

/** A line on a terminal that says what is being done, and goes when there is something to print. On anything else it is not written. */
export const statusLine = (
  out: { isTTY?: boolean; columns?: number; write(text: string): unknown } = process.stderr,
): { say(text: string): void; clear(): void } => ({
  say(text) {
    if (out.isTTY) out.write(`\r\x1b[K${text.slice(0, (out.columns || 80) - 1)}`)
  },
  clear() {
    if (out.isTTY) out.write('\r\x1b[K')
  },
})
