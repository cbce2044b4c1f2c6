/**
 * Prints figures: all, or those whose names begin with the words given. Each is measured in a process of its own, because
 * code that V8 has tuned to one bench's objects runs slower after another bench brought others, and a user's
 * process has neither.
 */
import { bridgeBenches } from './bridge.ts'
import { flowBenches } from './flow.ts'
import { type Figure, isChosen, measure, print } from './harness.ts'
import { hostBenches } from './host.ts'
import { mininetBenches } from './mininet.ts'
import { openflowBenches } from './openflow.ts'
import { openflowRatios } from './openflow-ratios.ts'
import { ovsdbBenches } from './ovsdb.ts'
import { readFrom, statusLine } from './progress.ts'
import { simulationBenches } from './simulation.ts'
import { softBenches } from './soft.ts'
import { startBenches } from './start.ts'
import { translateBenches } from './translate.ts'
import { vswitchdBenches } from './vswitchd.ts'
import { vxlanBenches } from './vxlan.ts'
import { wireBenches } from './wire.ts'

const benches = [
  ...softBenches,
  ...vxlanBenches,
  ...translateBenches,
  ...flowBenches,
  ...wireBenches,
  ...openflowBenches,
  ...bridgeBenches,
  ...openflowRatios,
  ...ovsdbBenches,
  ...vswitchdBenches,
  ...hostBenches,
  ...simulationBenches,
  ...startBenches,
  ...mininetBenches,
]
const words = process.argv.slice(2)
const json = words.includes('--json')
const alone = words.includes('--alone')
const names = words.filter(word => !word.startsWith('-'))
const unknown = words.find(word => word.startsWith('-') && word !== '--json' && word !== '--alone')
const nobody = names.find(name => !benches.some(bench => bench.name.startsWith(name)))

/** The figures of one bench, measured by a process of its own. */
const inProcess = async (name: string, tick: (seconds: number) => void): Promise<Figure[]> => {
  const args = [...process.execArgv, process.argv[1] as string, name, '--alone', '--json']
  return JSON.parse(await readFrom(process.execPath, args, tick)) as Figure[]
}

if (unknown !== undefined || nobody !== undefined) {
  process.stderr.write(
    unknown !== undefined
      ? `bench: unknown option ${unknown}\n`
      : `bench: no figure is called ${nobody}; there are ${benches.map(bench => bench.name).join(', ')}\n`,
  )
  process.exitCode = 2
} else if (alone) {
  const bench = benches.filter(({ name }) => names.includes(name))
  process.stdout.write(print(measure(bench), json))
} else {
  const figures: Figure[] = []
  const status = statusLine()
  const chosen = benches.filter(bench => isChosen(bench.name, names))
  for (const [i, { name }] of chosen.entries()) {
    const measured = await inProcess(name, seconds =>
      status.say(`measuring ${name} (${i + 1} of ${chosen.length}, ${seconds} s)`),
    )
    figures.push(...measured)
    status.clear()
    // A line as soon as it is known: a full run takes minutes.
    if (!json) process.stdout.write(print(measured, false))
  }
  if (json) process.stdout.write(print(figures, true))
}
