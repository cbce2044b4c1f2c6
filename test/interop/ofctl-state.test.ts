/** Sessions of ovs-ofctl about what a switch has beside flows, each four ways. */
import { describe, test } from 'vitest'
import { fourWaysOf } from './ofctl-four-ways.testing.ts'
import { ofctlStateScripts } from './ofctl-state-scripts.ts'
import { hasOpenVswitch } from './real-switch.ts'

describe.skipIf(!hasOpenVswitch())('ovs-ofctl about groups, meters and more', () => {
  const fourWays = fourWaysOf()

  test.each(ofctlStateScripts.map((script, i) => [i, script] as const))('session %i', async (_, script) => {
    await fourWays(script)
  })
})
