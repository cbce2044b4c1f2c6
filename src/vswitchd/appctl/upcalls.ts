/** `upcall/…`, `memory/show`, `coverage/…` and the rest that is told of how the daemon works. */
import type { Vswitchd } from '../vswitchd.ts'
import {
  leadingInteger,
  lines,
  type Reply,
  refuse,
  reply,
  type UnixctlCommand,
  type UnixctlCommands,
} from './command.ts'
import { settingsOf } from './settings.ts'

const showUpcalls = (daemon: Vswitchd): string => {
  const { datapath, bridges } = daemon.switch
  if (bridges.size === 0) return ''
  const { flows } = datapath.stats()
  const { usesUfid } = settingsOf(daemon)
  return lines([
    `${datapath.name}:`,
    `  flows         : (current ${flows}) (avg ${flows}) (max ${flows}) (limit ${datapath.flowLimit})`,
    '  dump duration : 1ms',
    `  ufid enabled : ${usesUfid}`,
    '',
    `  1: (keys ${flows})`,
  ])
}

const useUfid = (uses: boolean, text: string): UnixctlCommand => ({
  usage: '',
  min: 0,
  max: 0,
  run(daemon) {
    settingsOf(daemon).usesUfid = uses
    return reply(text)
  },
})

const setFlowLimit = (daemon: Vswitchd, [text = '']: readonly string[]): Reply => {
  const limit = leadingInteger(text) >>> 0
  daemon.switch.flowLimit.use(limit)
  return reply(`set flow_limit to ${limit}\n`)
}

const tables = ['Open_vSwitch', 'Bridge', 'Port', 'Interface', 'Controller', 'Manager', 'Mirror', 'Flow_Table', 'SSL']

/** What there is of what takes room. */
export const memoryUsage = (daemon: Vswitchd): string => {
  const { switch: sw, client } = daemon
  const bridges = [...sw.bridges.values()]
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
  const cells = tables.flatMap(table => client.rows(table).map(({ columns }) => Object.keys(columns).length))
  const threads = bridges.length === 0 ? 0 : 1
  const usage: Record<string, number> = {
    handlers: threads,
    'idl-cells-Open_vSwitch': sum(cells),
    ports: sum(bridges.map(({ ports }) => ports.size)),
    revalidators: threads,
    rules: sum(bridges.map(({ flows }) => flows.dumpAll().length)),
    'udpif keys': sw.datapath.stats().flows,
  }
  const told = Object.entries(usage).filter(([, count]) => count > 0)
  return `${told.map(([name, count]) => `${name}:${count}`).join(' ')}\n`
}

const readCounter = ({ coverage }: Vswitchd, [name = '']: readonly string[]): Reply => {
  const count = coverage.read(name)
  return count === undefined ? refuse('No such counter') : reply(`${count}\n`)
}

const useMegaflows =
  (uses: boolean): UnixctlCommand['run'] =>
  ({ switch: sw }) => {
    sw.useMegaflows(uses)
    return reply(`megaflows ${uses ? 'enabled' : 'disabled'}\n`)
  }

const reconnect = ({ hand }: Vswitchd, [name]: readonly string[]): Reply => {
  const made = name === undefined ? undefined : hand.made.get(name)
  if (name !== undefined && made === undefined) return refuse('Unknown bridge')
  for (const { agent } of made === undefined ? hand.made.values() : [made])
    for (const peer of [...agent.peers]) if (peer.connection.kind === 'primary') peer.close()
  return reply('')
}

export const upcallCommands: UnixctlCommands = {
  'upcall/show': { usage: '', min: 0, max: 0, run: daemon => reply(showUpcalls(daemon)) },
  'upcall/disable-megaflows': { usage: '', min: 0, max: 0, run: useMegaflows(false) },
  'upcall/enable-megaflows': { usage: '', min: 0, max: 0, run: useMegaflows(true) },
  'upcall/disable-ufid': useUfid(false, 'Datapath dumping tersely using UFID disabled\n'),
  'upcall/enable-ufid': useUfid(true, 'Datapath dumping tersely using UFID enabled for supported datapaths\n'),
  'upcall/set-flow-limit': { usage: 'flow-limit-number', min: 1, max: 1, run: setFlowLimit },
  'memory/show': { usage: '', min: 0, max: 0, run: daemon => reply(memoryUsage(daemon)) },
  'coverage/read-counter': { usage: 'COUNTER', min: 1, max: 1, run: readCounter },
  'coverage/show': { usage: '', min: 0, max: 0, run: ({ coverage }) => reply(coverage.show()) },
  'bridge/reconnect': { usage: '[bridge]', min: 0, max: 1, run: reconnect },
}
