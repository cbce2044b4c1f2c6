import { parseArgs } from 'node:util'
import { checked, demonstrate, findLab, type Lab, LabSession, labs, missing, Network, solve } from '../lab/index.ts'
import { type Drive, PacedDrive, VirtualDrive } from '../node/drive.ts'
import { openFlowNetwork } from '../node/openflow-network.ts'
import { create, runPrompt } from '../node/prompt.ts'
import { openRunDirectory } from '../node/run-directory.ts'
import type { Enter } from '../node/socket-duplex.ts'
import { start } from '../runtime/index.ts'
import { runLines } from './exec.ts'
import { report } from './report.ts'
import { badUsage, seedOf } from './words.ts'

const usage = `usage: weft lab [NAME] [OPTION]...

Brings up a lab of simulated machines, shows what it is, and gives a prompt. Without a terminal it stops after the
demonstration; the exit status is 0 if everything that the lab promises held, and 1 otherwise.

  --list         the labs there are
  --seed N       what chance is made of; the same seed gives the same bytes at the same nanosecond (1)
  --check        instead of all that, behind what --exec runs, say in a sentence each what is still missing for the lab to be
                 as it should be; the exit status is 0 if nothing is
  --solved       begin with what the lab's exercise asks for already done
  --real-time    let the lab's time pass as fast as yours, not as fast as it can
  --exec LINE    instead of all that, run a line as typed at the prompt; may be repeated. The exit status is that of the
                 last one that failed
  --run-dir DIR  open DIR/MACHINE/BRIDGE.mgmt and .snoop for each bridge, so that any ovs-ofctl can talk to it, and
                 DIR/MACHINE/ovs-vswitchd.ctl for ovs-appctl -t. Without a terminal the lab then stays until it is interrupted
  --controllers  let bridges call the OpenFlow controllers of this computer (ovs-vsctl set-controller br0 tcp:127.0.0.1:6653).
                 Without a terminal the lab then stays until it is interrupted
  --json         print the demonstration, the list or the check as JSON and stop
  -h, --help     this text
`

const options = {
  list: { type: 'boolean' },
  seed: { type: 'string' },
  check: { type: 'boolean' },
  solved: { type: 'boolean' },
  'real-time': { type: 'boolean' },
  exec: { type: 'string', multiple: true },
  'run-dir': { type: 'string' },
  controllers: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** `weft lab`. */
export const lab = async (args: string[]): Promise<number> => {
  let words: ReturnType<typeof parse>
  try {
    words = parse(args)
  } catch (error) {
    return badUsage('lab', (error as Error).message)
  }
  const { values, positionals } = words
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (positionals.length > 1) return badUsage('lab', `one lab at a time, not ${positionals.join(' ')}`)
  const seed = seedOf(values.seed)
  if (seed === undefined)
    return badUsage('lab', `--seed takes a whole number from 0 to 4294967295, not '${values.seed}'`)
  if (values.exec !== undefined && values.json && !values.check)
    return badUsage('lab', '--exec and --json do not go together')
  if (values.list) {
    const rows = labs.map(({ name, about }) => ({ name, about }))
    process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : listing(rows))
    return 0
  }
  const name = positionals[0] ?? (labs[0] as Lab).name
  const chosen = findLab(name)
  if (chosen === undefined) return badUsage('lab', `there is no lab named '${name}'; weft lab --list names them`)
  return show(chosen, seed, {
    realTime: values['real-time'] === true,
    json: values.json === true,
    lines: values.exec ?? [],
    check: values.check === true,
    solved: values.solved === true,
    runDirectory: values['run-dir'],
    controllers: values.controllers === true,
  })
}

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true })

const listing = (rows: { name: string; about: string }[]): string => {
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('')
}

type How = {
  realTime: boolean
  json: boolean
  lines: readonly string[]
  check: boolean
  solved: boolean
  runDirectory: string | undefined
  controllers: boolean
}

const show = async (chosen: Lab, seed: number, how: How): Promise<number> => {
  const network = new Network({
    seed,
    log: (_, level, text) => {
      if (level === 'err' || level === 'emer') process.stderr.write(`weft lab: ${text}\n`)
    },
  })
  chosen.build(network)
  network.settle()
  if (how.solved) {
    for (const failed of network.finish(solve(network, chosen))) process.stderr.write(`weft lab: ${failed}\n`)
    network.settle()
  }

  let printed = 0
  const print = (text: string): void => {
    printed += text.length
    if (!how.json) process.stdout.write(text)
  }
  const session = (): LabSession =>
    new LabSession(network, chosen, {
      print,
      get columns() {
        return process.stdout.isTTY ? process.stdout.columns : undefined
      },
      create: create(text => process.stderr.write(text)),
    })
  // Nobody follows what a script's lines print, so nothing is slowed down for it.
  const watched = (): number => (how.lines.length === 0 ? printed : 0)
  const drive: Drive = how.realTime ? new PacedDrive(network.clock) : new VirtualDrive(network.clock, watched)
  const enter = entrance(drive)
  const controllers = how.controllers ? openFlowNetwork(enter) : undefined
  if (controllers !== undefined) network.outside = controllers
  const sockets = how.runDirectory === undefined ? undefined : openSockets(how.runDirectory, network, enter)
  try {
    const ran = how.lines.length > 0 ? await runLines(session(), drive, how.lines) : 0
    if (how.check) return await check(network, chosen, drive, how.json)
    if (how.lines.length > 0) return ran
    let shown: { passed: boolean } | undefined
    start(demonstrate(network, chosen, print), {
      done: result => {
        shown = result
        if (how.json) process.stdout.write(`${JSON.stringify(report(network, chosen, result), null, 2)}\n`)
      },
    })
    await drive.finish(() => shown !== undefined)
    const status = shown?.passed ? 0 : 1
    if (how.json || !process.stdin.isTTY || !process.stdout.isTTY) {
      if ((sockets !== undefined || how.controllers) && !how.json) await interrupted()
      return status
    }
    print('\nType help for what can be done here.\n')
    await runPrompt(session(), drive)
    return status
  } finally {
    sockets?.close()
    controllers?.close()
    drive.stop()
  }
}

/** Prints what is missing; the status. */
const check = async (network: Network, chosen: Lab, drive: Drive, json: boolean): Promise<number> => {
  let found: string[] | undefined
  start(missing(network, chosen), {
    done: sentences => {
      found = sentences
    },
  })
  await drive.finish(() => found !== undefined)
  const sentences = found ?? []
  process.stdout.write(
    json ? `${JSON.stringify({ lab: chosen.name, missing: sentences }, null, 2)}\n` : checked(sentences),
  )
  return sentences.length === 0 ? 0 : 1
}

/** What comes from outside happens at the lab's present time; a clock that stands still stays where it is. */
const entrance =
  (drive: Drive): Enter =>
  happen => {
    if (drive instanceof PacedDrive) drive.enter(happen)
    else {
      happen()
      drive.poke()
    }
  }

const openSockets = (directory: string, network: Network, enter: Enter): { close(): void } =>
  openRunDirectory(directory, network.daemons, enter, (path, why) => {
    process.stderr.write(`weft lab: ${path}: ${why}\n`)
  })

/** Waits for Ctrl-C, or to be asked to end. */
const interrupted = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
