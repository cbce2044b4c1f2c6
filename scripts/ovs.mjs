// Open vSwitch in a network namespace, with its database, sockets and logs in a folder of its own. Its kernel module is not
// needed: bridges are to have `datapath_type=netdev`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ovsIn = (net, name) => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-ovs-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const env = { OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder }
  const db = `unix:${folder}/db.sock`
  const daemon = (program, ...words) =>
    net.start(name, [program, ...words, `--pidfile=${folder}/${program}.pid`, '-vconsole:off'], env)
  const vsctl = words =>
    execFileSync('ovs-vsctl', [`--db=${db}`, '--timeout=20', ...words.split(' ')], { encoding: 'utf8' })

  execFileSync('ovsdb-tool', ['create', `${folder}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema'])
  const database = [`${folder}/conf.db`, `--remote=punix:${folder}/db.sock`, `--unixctl=${folder}/ovsdb.ctl`]
  const running = [daemon('ovsdb-server', ...database)]
  vsctl('--retry --no-wait init')
  running.unshift(daemon('ovs-vswitchd', db))
  return {
    folder,
    vsctl,
    stop: async () => {
      for (const each of running) await each.stop()
      process.off('exit', remove)
      remove()
    },
  }
}
