/** A real `ovs-ofctl monitor` beside commands: it listens before the first, and has heard of all when it ends. */
import { join } from 'node:path'
import { runBeside, startBeside } from './beside.testing.ts'
import { callControl } from './ovs.testing.ts'
import { until } from './waiting.testing.ts'

/** A command line; with what is heard of it in its own time, and how often that is in all that is heard up to then. */
export type Happening = string | { line: string; heard: RegExp; times: number }

/**
 * What `ovs-ofctl WORDS` hears while command lines run one after the other, and what those print. After each line come
 * `rounds` barriers on the monitor's own connection: a switch may say something one turn after it answered who caused it,
 * and a monitor that resumes packets causes the next message itself.
 */
export const monitored = async (
  directory: string,
  words: string,
  happenings: readonly Happening[],
  rounds = 2,
): Promise<{ heard: string; said: string }> => {
  const control = join(directory, 'monitor.ctl')
  const { live, ended } = startBeside(directory, `ovs-ofctl --unixctl=${control} ${words}`)
  const ask = (command: string): Promise<boolean> =>
    callControl(control, command).then(
      () => true,
      () => false,
    )
  await until(
    () => ask('ofctl/barrier'),
    () => `an answer of ovs-ofctl ${words}: ${live.stdout}${live.stderr}`,
  )
  let said = ''
  for (const happening of happenings) {
    const line = typeof happening === 'string' ? happening : happening.line
    const { stdout, stderr, status } = await runBeside(directory, line)
    said += `${line} [${status}]\n${stdout}${stderr}`
    if (typeof happening !== 'string') {
      const { heard, times } = happening
      const count = (): number => live.stderr.match(new RegExp(heard, 'g'))?.length ?? 0
      await until(
        () => count() >= times,
        () => `${times} of ${heard} in ${live.stderr}`,
      )
    }
    for (let round = 0; round < rounds; round++)
      if (!(await ask('ofctl/barrier'))) throw new Error(`${words} ended after ${line}: ${live.stderr}`)
  }
  await ask('exit')
  const { stdout, stderr } = await ended
  return { heard: `${stdout}${stderr}`.replace(/^OFPT_BARRIER_REPLY .*\n/gm, ''), said }
}
