/** os-ken's integrated tests, each an application that drives the switch that calls it and says what it found. */

import { until } from '../waiting.testing.ts'
import { freePort, startOsKen } from './controller.testing.ts'

/** What each test of an application ended with: `True`, or why not. */
export type Results = Map<string, string>

/** Runs `os_ken.tests.integrated.NAME` (`integrated_tests.py`); `connect` is told the port that the switch is to call. */
export const runIntegrated = async (
  name: string,
  connect: (port: number) => Promise<void> | void,
  patience = 200_000,
): Promise<Results> => {
  const port = await freePort()
  const controller = startOsKen(['integrated_tests.py'], port, { env: { WEFT_TESTS: name } })
  try {
    await connect(port)
    await until(
      () => controller.output.includes('TEST_FINISHED'),
      () => `${name} did not end\n${controller.output.slice(-3000)}`,
      patience,
    )
    // The controller tells no more: what comes behind is of a second run, if the switch calls again.
    const [, listed = ''] = /TEST_RESULTS:\n(.*?)TEST_FINISHED/s.exec(controller.output) ?? []
    return new Map([...listed.matchAll(/^ {4}(\w+): (.*)$/gm)].map(([, test = '', result = '']) => [test, result]))
  } finally {
    await controller.stop()
  }
}
