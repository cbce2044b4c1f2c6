import type { Task } from '../runtime/index.ts'
import { formatIp4 } from '../wire/address.ts'
import type { Frame } from '../wire/frame.ts'
import { dissect } from '../wire/layers.ts'
import { showLayers } from '../wire/show-layers.ts'
import type { CableTap } from './cable.ts'
import { missing } from './check.ts'
import type { Lab } from './lab.ts'
import { LabError, type Network } from './network.ts'
import { isRight, type PingResult, pairs, ping } from './ping.ts'
import { wiring } from './wiring.ts'

type Print = (text: string) => void
type Shown = NonNullable<Lab['shown']>

/**
 * What a demonstration found; `frame` is undefined if none of the ping that should be shown came by, or the lab shows none.
 * `missing` is there for exercises only.
 */
export type Demonstration = { results: PingResult[]; frame: Frame | undefined; missing?: string[]; passed: boolean }

/**
 * Shows a lab to someone who sees it for the first time: the picture, who is plugged into whom, who reaches whom, and
 * one frame taken apart; of an exercise, what to do and what is missing. `passed` is whether everything that the lab promises
 * held: an exercise that is not done promises nothing.
 */
export function* demonstrate(network: Network, lab: Lab, print: Print): Task<Demonstration> {
  print(`*** Lab ${lab.name}: ${lab.about}\n\n${lab.picture}\n\n`)
  if (network.cables.length > 0) print(`*** Cables:\n${wiring(network)}\n`)
  const { exercise } = lab
  const results = exercise !== undefined && pairs(lab).length === 0 ? [] : yield* pingAll(network, lab, print)
  const frame = lab.shown === undefined ? undefined : yield* showFrame(network, lab, lab.shown, print)
  const passed = results.every(isRight) && (lab.shown === undefined || frame !== undefined)
  if (exercise === undefined) return { results, frame, passed }
  print(`${results.length > 0 ? '\n' : ''}*** Task:\n${exercise.task}\n\n*** Check:\n`)
  const sentences = yield* missing(network, lab)
  print(checked(sentences))
  return { results, frame, missing: sentences, passed }
}

/** What a check prints. */
export const checked = (sentences: readonly string[]): string =>
  sentences.length === 0 ? 'nothing is missing\n' : sentences.map(each => `${each}\n`).join('')

function* showFrame(network: Network, lab: Lab, shown: Shown, print: Print): Task<Frame | undefined> {
  const { from, to, at } = shown
  print(`\n*** The ping from ${from} to ${to}, as it leaves ${at}:\n`)
  const frame = yield* pingFrame(network, lab, shown)
  print(
    frame === undefined
      ? 'no frame of it came by\n'
      : `${showLayers(dissect(frame.bytes, frame.start, frame.end), frame.bytes)}\n`,
  )
  return frame
}

/** Pings every pair of every group once. */
export function* pingAll(network: Network, lab: Lab, print: Print): Task<PingResult[]> {
  if (pairs(lab).length === 0) {
    print('*** Ping: nobody here has to reach another from the start; check says what is missing\n')
    return []
  }
  print('*** Ping: every pair that has something in common\n')
  const results: PingResult[] = []
  const width = Math.max(...Object.keys(lab.groups).map(name => name.length))
  for (const pair of pairs(lab)) {
    const result = yield* ping(network, pair)
    results.push(result)
    const outcome = result.received ? `answer from ${list(result.answered)}` : 'no answer'
    const strayed = isRight(result) || !result.received ? '' : '   <- not who was meant'
    const address = result.address === undefined ? 'no address' : formatIp4(result.address)
    const way = `${pair.from} -> ${pair.to}`.padEnd(14)
    print(`${pair.group.padEnd(width)}   ${way} ${address.padEnd(15)} ${outcome}${strayed}\n`)
  }
  const received = results.filter(result => result.received).length
  const lost = Math.round((100 * (results.length - received)) / results.length)
  print(`*** Results: ${lost}% dropped (${received}/${results.length} received)\n`)
  print(apart(results))
  return results
}

/** What two groups that use one address show: the same ping from each is answered by its own. */
const apart = (results: readonly PingResult[]): string => {
  const lines: string[] = []
  for (const [i, one] of results.entries()) {
    for (const other of results.slice(i + 1)) {
      if (
        one.address === undefined ||
        one.address !== other.address ||
        one.to === other.to ||
        !isRight(one) ||
        !isRight(other)
      )
        continue
      lines.push(
        `*** Apart: ${formatIp4(one.address)} is ${one.to} for ${one.from} (${one.group}) and ${other.to} for ${other.from} (${other.group})\n`,
      )
    }
  }
  return lines.join('')
}

const list = (names: readonly string[]): string => (names.length === 0 ? 'nobody' : names.join(' and '))

/** The first frame of one ping at the cable end that the lab shows. */
function* pingFrame(network: Network, lab: Lab, { from, to, at }: Shown): Task<Frame | undefined> {
  const end = network.cables.flatMap(cable => [cable.a, cable.b]).find(({ name }) => name === at)
  if (end === undefined) throw new LabError(`${lab.name}: no cable end is named ${at}`)
  let seen: Frame | undefined
  const tap: CableTap = (sender, frame) => {
    if (sender !== end || seen !== undefined) return
    if (dissect(frame.bytes, frame.start, frame.end).some(({ protocol }) => protocol === 'icmp')) seen = frame.copy()
  }
  end.cable.taps.add(tap)
  yield* ping(network, { group: '', from, to })
  end.cable.taps.delete(tap)
  return seen
}
