/** What a command gave. */
export type Result = { status: number; stdout: string; stderr: string }

/** A command that runs; `ended` is its status, 128 + the signal's number if that ended it. */
export type Running = {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  readonly ended: Promise<number>
  /** Waits until what it printed matches, or throws with what it printed when it ends or time (ms) is up before. */
  until(pattern: RegExp, limit?: number): Promise<string>
  type(text: string): void
  /** Sends a signal (SIGTERM unless told otherwise) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number>
}

/** Network namespaces of one experiment, and what runs in them. */
export type Namespaces = {
  /** Makes a namespace with its loopback up; gives its name on this machine. */
  add(name: string): string
  /** Runs a command in a namespace to its end; throws with what it said if its status is not 0. */
  run(name: string, command: string | readonly string[]): string
  /** The same, for a command that may fail, without blocking this process. */
  attempt(name: string, command: string | readonly string[]): Promise<Result>
  /** Starts a command in a namespace. */
  start(name: string, words: readonly string[], env?: Record<string, string>): Running
  /** Ends what was started and removes the namespaces. */
  remove(): void
}

/** Makes none yet; removes those that a process which is gone left behind. */
export function namespaces(): Namespaces
