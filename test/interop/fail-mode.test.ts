/** What a bridge does whose controller does not answer, and when it does again, beside a real ovs-vswitchd. */
import { expect, test } from 'vitest'
import { freePort, startProcess } from './controllers/controller.testing.ts'
import { startLine } from './controllers/line.testing.ts'
import { hasOpenVswitch, startRealSwitch } from './real-switch.ts'

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
  const setUp = `ovs-vsctl set-fail-mode br0 standalone -- set-controller br0 ${target}`
  const dump = 'ovs-appctl bridge/dump-flows br0'
  const ours = async (): Promise<string[]> => flowsOf((await line.run('s1', dump)).stdout)
  const theirs = (): string[] => flowsOf(real.run(dump).stdout)
  const isOpen = (flows: string[]): boolean => flows.some(flow => flow.includes('priority=15790320'))
  try {
    real.run('ovs-vsctl add-br br0')
    real.run(setUp)
    await line.run('s1', setUp)
    expect(await ours()).toEqual(theirs())
    const began = Date.now()
    let open: [ours: number | undefined, theirs: number | undefined] = [undefined, undefined]
    while (open.includes(undefined) && Date.now() - began < 25_000) {
      await new Promise(resolve => setTimeout(resolve, 200))
      const now = Date.now() - began
      open = [open[0] ?? (isOpen(await ours()) ? now : undefined), open[1] ?? (isOpen(theirs()) ? now : undefined)]
    }
    // Three probe intervals of five seconds.
    for (const time of open) expect(Math.abs((time ?? 0) - 15_000)).toBeLessThan(3000)
    expect(await ours()).toEqual(theirs())
    const started = startProcess(
      'ovs-testcontroller',
      [`ptcp:${port}:127.0.0.1`, `--unixctl=${line.directory}/c.ctl`],
      {
        cwd: line.directory,
      },
    )
    controller.stop = () => started.stop()
    // Both call again after eight seconds at the latest.
    const patience = Date.now() + 12_000
    while ((isOpen(await ours()) || isOpen(theirs())) && Date.now() < patience)
      await new Promise(resolve => setTimeout(resolve, 200))
    expect([isOpen(await ours()), isOpen(theirs())]).toEqual([false, false])
    expect(await ours()).toEqual(theirs())
  } finally {
    await controller.stop()
    line.close()
    real.close()
  }
})
