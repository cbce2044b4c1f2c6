/**
 * Sessions of ovs-ofctl, each four ways: the original and ours, against a real ovs-vswitchd and against a switch of ours.
 * What is printed is the same, and with `-vvconn` so is every message that goes either way.
 */
import { describe, test } from 'vitest'
import { fourWaysOf } from './ofctl-four-ways.testing.ts'
import { ofctlScripts } from './ofctl-scripts.ts'
import { ofctlWireScripts } from './ofctl-wire-scripts.ts'
import { hasOpenVswitch } from './real-switch.ts'

describe.skipIf(!hasOpenVswitch())('ovs-ofctl over OpenFlow', () => {
  const fourWays = fourWaysOf()

  test.each(ofctlWireScripts.map((script, i) => [i, script] as const))('messages of session %i', async (_, script) => {
    await fourWays(script)
  })

  test.each(ofctlScripts.map((script, i) => [i, script] as const))('session %i', async (_, script) => {
    await fourWays(script)
  })
})
