import { flowBenches } from './flow.ts'
import { measure, print } from './harness.ts'
import { hostBenches } from './host.ts'
import { simulationBenches } from './simulation.ts'
import { softBenches } from './soft.ts'
import { startBenches } from './start.ts'
import { translateBenches } from './translate.ts'
import { vxlanBenches } from './vxlan.ts'
import { wireBenches } from './wire.ts'

const benches = [
  ...softBenches,
  ...vxlanBenches,
  ...translateBenches,
  ...flowBenches,
  ...wireBenches,
  ...hostBenches,
  ...simulationBenches,
  ...startBenches,
]
const words = process.argv.slice(2)
const names = words.filter(word => !word.startsWith('-'))
const unknown = words.find(word => word.startsWith('-') && word !== '--json')
const nobody = names.find(name => !benches.some(bench => bench.name.startsWith(name)))
if (unknown !== undefined || nobody !== undefined) {
  process.stderr.write(
    unknown !== undefined
      ? `bench: unknown option ${unknown}\n`
      : `bench: no figure is called ${nobody}; there are ${benches.map(bench => bench.name).join(', ')}\n`,
  )
  process.exitCode = 2
} else process.stdout.write(print(measure(benches, names), words.includes('--json')))
