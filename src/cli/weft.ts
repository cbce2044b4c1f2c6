#!/usr/bin/env node
/** The `weft` command: finds the subcommand and ends with its status. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** Each loads what it is made of when it is run: a tool that is used in a loop is not to wait for the lab. */
type Subcommand = { about: string; run: (args: string[]) => Promise<number> }

const subcommands: Record<string, Subcommand> = {
  lab: {
    about: 'bring up a ready-made lab, show it, and give a prompt',
    run: async args => (await import('./lab.ts')).lab(args),
  },
  mn: {
    about: 'make a Mininet network, test it, and give a prompt',
    run: async args => (await import('./mn.ts')).mn(args),
  },
  'ovs-appctl': {
    about: 'ask or tell a daemon of Open vSwitch, as ovs-appctl does',
    run: async args => (await import('./ovs-appctl.ts')).ovsAppctl(args),
  },
  'ovs-ofctl': {
    about: 'ask or tell an OpenFlow switch, as ovs-ofctl does',
    run: async args => (await import('./ovs-ofctl.ts')).ovsOfctl(args),
  },
  'ovs-testcontroller': {
    about: 'be a controller that has switches learn MACs, as ovs-testcontroller does',
    run: async args => (await import('./ovs-testcontroller.ts')).ovsTestcontroller(args),
  },
  'ovs-vsctl': {
    about: 'configure a switch through its database, as ovs-vsctl does',
    run: async args => (await import('./ovs-vsctl.ts')).ovsVsctl(args),
  },
  'ovsdb-client': {
    about: 'ask, change or follow a database, as ovsdb-client does',
    run: async args => (await import('./ovsdb-client.ts')).ovsdbClient(args),
  },
  'ovsdb-server': {
    about: 'serve databases, as ovsdb-server does',
    run: async args => (await import('./ovsdb-server.ts')).ovsdbServer(args),
  },
  'ovsdb-tool': {
    about: 'make and look into files of databases, as ovsdb-tool does',
    run: async args => (await import('./ovsdb-server.ts')).ovsdbTool(args),
  },
  down: {
    about: 'stop the database and the switch of `weft up`',
    run: async args => (await import('./up.ts')).down(args),
  },
  up: {
    about: 'start a database and a switch in the background',
    run: async args => (await import('./up.ts')).up(args),
  },
  vswitchd: {
    about: 'be a switch that follows a database, as ovs-vswitchd does',
    run: async args => (await import('./vswitchd.ts')).vswitchd(args),
  },
  vtep: {
    about: 'join a lab to a real VXLAN overlay through a UDP socket',
    run: async args => (await import('./vtep.ts')).vtep(args),
  },
}

const version = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const usage = (): string => {
  const rows = Object.entries(subcommands).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}\n`)
  return `usage: weft COMMAND [OPTION]...\n\n${rows.join('')}\nweft COMMAND --help says more. weft --version prints the version.\n`
}

const main = async ([name, ...args]: string[]): Promise<number> => {
  if (name === '--version' || name === '-V') {
    process.stdout.write(`weft ${version()}\n`)
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage())
    return 0
  }
  if (name === undefined) {
    process.stderr.write(usage())
    return 2
  }
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined
  if (subcommand === undefined) {
    process.stderr.write(`weft: unknown command '${name}'; use --help for help\n`)
    return 2
  }
  return subcommand.run(args)
}

// A reader that goes away (`weft lab | head`) is no mistake.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

// A program in the background goes on when the terminal that it came from is gone.
process.stderr.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
})

/** Called by a name of its own, as `weft-vswitchd`, it is that subcommand, with all the words for it. */
const [, own] = /^weft-([a-z-]+)$/.exec(basename(process.argv[1] ?? '')) ?? []
const words = process.argv.slice(2)
process.exitCode = await main(own === undefined ? words : [own, ...words])
