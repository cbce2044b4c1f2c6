import type { LabSession } from '../lab/index.ts'
import type { Drive } from '../node/drive.ts'

/** What stops lines that run: Ctrl-C, or a request to end. */
export type Stop = { requested: boolean; onRequest?: () => void }

/** Runs lines as typed at a lab's prompt, one after the other; the status of the last that failed, 0 if none did. */
export const runLines = async (
  session: LabSession,
  drive: Drive,
  lines: readonly string[],
  stop: Stop = { requested: false },
): Promise<number> => {
  let failed = 0
  for (const line of lines) {
    if (session.over || stop.requested) break
    const started = session.run(line)
    started.hangUp()
    stop.onRequest = () => {
      started.interrupt()
      drive.poke()
    }
    await drive.finish(() => started.status !== undefined)
    if (started.status !== 0) failed = started.status as number
  }
  delete stop.onRequest
  session.close()
  return failed
}
