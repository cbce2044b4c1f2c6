/** `stp/*`, `rstp/*` and `mdb/*`. */
import type { Bridge } from '../../switch/bridge.ts'
import { showRstp } from '../../switch/rstp/show.ts'
import { showGroups } from '../../switch/snooping/show.ts'
import { showStp } from '../../switch/stp/show.ts'
import { type Reply, refuse, reply, type UnixctlCommand, type UnixctlCommands, withBridge } from './command.ts'

/** With a bridge's name, of that bridge, which must have a tree; without, of all that have one. */
const ofTrees = (
  has: (bridge: Bridge) => boolean,
  missing: string,
  run: (bridges: Bridge[]) => Reply,
): UnixctlCommand => ({
  usage: '[bridge]',
  min: 0,
  max: 1,
  run({ switch: { bridges } }, [name]) {
    if (name === undefined) return run([...bridges.values()].filter(has))
    const bridge = bridges.get(name)
    return bridge !== undefined && has(bridge) ? run([bridge]) : refuse(missing)
  },
})

const tree = (
  has: (bridge: Bridge) => boolean,
  missing: string,
  show: (bridge: Bridge) => string | undefined,
): { show: UnixctlCommand; tcn: UnixctlCommand } => ({
  show: ofTrees(has, missing, bridges => reply(bridges.map(bridge => show(bridge) ?? '').join(''))),
  tcn: ofTrees(has, missing, bridges => {
    for (const bridge of bridges) bridge.tree.forceChange()
    return reply('OK\n')
  }),
})

const stp = tree(bridge => bridge.tree.stp !== undefined, 'no such stp object', showStp)
const rstp = tree(bridge => bridge.tree.rstp !== undefined, 'No such RSTP object', showRstp)

const disabled = 'multicast snooping is disabled'
const flushed = 'table successfully flushed\n'

export const treeCommands: UnixctlCommands = {
  'stp/show': stp.show,
  'stp/tcn': stp.tcn,
  'rstp/show': rstp.show,
  'rstp/tcn': rstp.tcn,
  'mdb/show': {
    usage: 'bridge',
    min: 1,
    max: 1,
    run: withBridge((daemon, { snooping }) =>
      snooping === undefined ? refuse(disabled) : reply(showGroups(snooping.table, daemon.switch.clock.now())),
    ),
  },
  'mdb/flush': {
    usage: '[bridge]',
    min: 0,
    max: 1,
    run({ switch: { bridges } }, [name]) {
      if (name === undefined) {
        for (const { snooping } of bridges.values()) snooping?.flush()
        return reply(flushed)
      }
      const bridge = bridges.get(name)
      if (bridge === undefined) return refuse('no such bridge')
      if (bridge.snooping === undefined) return refuse(disabled)
      bridge.snooping.flush()
      return reply(flushed)
    },
  },
}
