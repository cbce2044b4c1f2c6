/** What a bridge does whose controller does not answer, and when it does again, beside a real ovs-vswitchd. */
import { expect, test } from 'vitest'
import { freePort, startProcess } from './controllers/controller.testing.ts'
import { startLine } from './controllers/line.testing.ts'
import { hasOpenVswitch, startRealSwitch } from './real-switch.ts'
import { until } from './waiting.testing.ts'

/** All flows, hidden ones too, without their times and counts. */
const flowsOf = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map(line => line.replace(/duration=\d+s, |n_packets=\d+, |n_bytes=\d+, |^ */g, ''))
    // In-band control, of which ours has none, is for controllers that are reached through the bridge.
    .filter(line => line !== '' && !/priority=1800\d\d/.test(line))
    .sort()

test.skipIf(!hasOpenVswitch())('fail_mode=standalone', async () => {
  const port = await freePort()
  const target = `tcp:127.0.0.1:${port}`
  const real = startRealSwitch()
  const line = startLine(1)
  const controller = { stop: async (): Promise<void> => {} }
  const setUp = `ovs-vsctl set-fail-mode br0 standalone -- set-controller br0 ${target} -- set controller br0 inactivity_probe=2000 max_backoff=1000`
  const dump = 'ovs-appctl bridge/dump-flows br0'
  const ours = async (): Promise<string[]> => flowsOf((await line.run('s1', dump)).stdout)
  const theirs = (): string[] => flowsOf(real.run(dump).stdout)
  const isOpen = (flows: string[]): boolean => flows.some(flow => flow.includes('priority=15790320'))
  try {
    real.run('ovs-vsctl add-br br0')
    real.run(setUp)
    await line.run('s1', setUp)
    expect(await ours()).toEqual(theirs())
    const bothBecome = async (open: boolean): Promise<void> => {
      let [our, their] = [await ours(), theirs()]
      const are = async (): Promise<boolean> => {
        ;[our, their] = [await ours(), theirs()]
        return isOpen(our) === open && String(our) === String(their)
      }
      await until(are, () => `open ${open}:\n${our.join('\n')}\ntheirs:\n${their.join('\n')}`)
    }
    // After three probe intervals.
    await bothBecome(true)
    const started = startProcess(
      'ovs-testcontroller',
      [`ptcp:${port}:127.0.0.1`, `--unixctl=${line.directory}/c.ctl`],
      {
        cwd: line.directory,
      },
    )
    controller.stop = () => started.stop()
    // Both call again.
    await bothBecome(false)
  } finally {
    await controller.stop()
    line.close()
    real.close()
  }
})
