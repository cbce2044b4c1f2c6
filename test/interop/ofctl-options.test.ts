/** Options of ovs-ofctl, right and wrong, and its TLS: the original and ours print the same and end with the same status. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from './controllers/controller.testing.ts'
import { hasOpenVswitch, type RealSwitch, startRealSwitch } from './real-switch.ts'
import { buildWeft, runIn, type WeftCli } from './weft-cli.testing.ts'

let real: RealSwitch
let weft: WeftCli
let port: number

const settled = (text: string): string =>
  text
    .replaceAll(real.directory, 'DIR')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:PORT')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/(HELLO .*)\(xid=0x[0-9a-f]+\)/g, '$1(xid)')
    // The end of a handshake is seen by whoever looks first.
    .replace(/connecting to (ssl:\S+) \((Protocol error)\)/g, '$1: failed to connect to socket ($2)')

const at = 'ssl:127.0.0.1:PORT'
const keys = '-p DIR/ctl-privkey.pem -c DIR/ctl-cert.pem'
const switchAuthority = 'DIR/pki/switchca/cacert.pem'
const parse = 'ofp-parse /dev/null'

const logging = [
  '-vfoo',
  '-vdbg:info',
  '-vvconn:jsonrpc:dbg',
  '-vconsole:file:dbg',
  '-vPATTERN:foo:x',
  '-vPATTERN',
  '-vFACILITY:foo',
  '-vFACILITY:daemon',
  '--syslog-method=foo',
  '--syslog-method=null',
  '--syslog-target=foo',
].map(option => `${option} ${parse}`)

const patterns = [
  '"-vPATTERN:console:%A %c %p %N %T %t %% %5N|%-8p|%3c|%n%m"',
  '"-vPATTERN:console:%E %m %q %B %j"',
  '-vPATTERN:any:%010c|%m',
  '-vPATTERN:file:z%m',
  '--syslog-method=udp:127.0.0.1:9',
  '--syslog-target=127.0.0.1:9',
  '--log-file=DIR/own.log',
  '--log-file=DIR/own.log -vconsole:off',
  '--log-file=DIR/own.log -vfile:err',
].map(option => `${option} -vvconn:dbg probe br0`)

const options = [
  ...['-t', '--no', '--v x', '--version=3', '-mm -V', '-h', '-o', '--timeou=2 probe br0', '-x', '--nothing'],
  ...['-t 0', '-t x', '-O foo', '-F foo', '-P foo', '--color=foo', '--sort=foo', "-O ''"].map(
    word => `${word} probe br0`,
  ),
  ...[
    'add-flow br0 actions=drop',
    'set-frags br0 normal',
    'mod-port br0 1 up',
    '--no-stats dump-flows br0',
    'del-flows br0',
  ].map(command => `--read-only ${command}`),
  '--pidfile --overwrite-pidfile --detach --monitor --no-chdir --unixctl=x probe br0',
  '--log-file= probe br0',
  '--log-file=/nonexistent/log probe br0',
  ...['monitor', 'monitor a b c d', 'snoop', 'snoop a b', 'monitor br0 foo', 'monitor nobr', '-t 1 monitor br0'],
  ...['--timestamp -t 1 monitor br0', '--read-only -t 1 monitor br0', '-O OpenFlow13 monitor br0 invalid_ttl'],
]

const tls = [
  ...['-c /nonexistent', '-c DIR/junk', '-C /nonexistent', '-C DIR/junk', '-p DIR/junk', '-C none'].map(
    option => `${option} ${parse}`,
  ),
  ...['TLSv1,TLSv1.2', 'TLSv1.3', 'tlsv1.2', 'TLSv1.2,foo', 'TLSv1.2+TLSv1', ''].map(
    names => `--ssl-protocols=${names} ${parse}`,
  ),
  ...['--ssl-ciphers=HIGH:!aNULL', '--ssl-ciphers=foo', '--bootstrap-ca-cert=x', '--peer-ca-cert=x'].map(
    option => `${option} ${parse}`,
  ),
  ...['', '--ssl-protocols=TLSv1.2', '-vvconn:dbg'].map(option => `${keys} -C ${switchAuthority} ${option} show ${at}`),
  `${keys} -C none probe ${at}`,
  `probe ${at}`,
  `-c DIR/ctl-cert.pem -C ${switchAuthority} probe ${at}`,
  `-p DIR/sc-privkey.pem -c DIR/ctl-cert.pem -C ${switchAuthority} probe ${at}`,
  `${keys} -C DIR/pki/controllerca/cacert.pem probe ${at}`,
  `${keys} -C DIR/junk probe ${at}`,
  `${keys} -C ${switchAuthority} probe ssl:127.0.0.1:1`,
  `${keys} -C ${switchAuthority} probe ssl:nowhere.invalid:1`,
  'probe tcp:nowhere.invalid',
]

describe.skipIf(!hasOpenVswitch())('options of ovs-ofctl', () => {
  beforeAll(async () => {
    weft = await buildWeft()
    real = startRealSwitch()
    port = await freePort()
    const { directory } = real
    const pki = (...words: string[]): void => {
      const done = spawnSync('ovs-pki', [`--dir=${directory}/pki`, ...words], { cwd: directory })
      if (done.status !== 0) throw new Error(`ovs-pki ${words.join(' ')}: ${done.stderr}`)
    }
    pki('--force', 'init')
    pki('-u', 'req+sign', 'sc', 'switch')
    pki('-u', 'req+sign', 'ctl', 'controller')
    writeFileSync(join(directory, 'junk'), 'junk\n')
    real.run('ovs-vsctl add-br br0 -- add-port br0 p1')
    const files = ['sc-privkey.pem', 'sc-cert.pem', 'pki/controllerca/cacert.pem'].map(name => join(directory, name))
    real.run(`ovs-vsctl set-ssl ${files.join(' ')}`)
    real.run(`ovs-vsctl set-controller br0 pssl:${port}:127.0.0.1`)
  })
  afterAll(() => {
    real?.close()
    weft?.close()
  })

  /** `own.log` is another file for each. */
  let logs = 0
  const told = async (tool: string, line: string) => {
    const file = join(real.directory, `${logs++}.log`)
    const words = line.replace('DIR/own.log', file).replaceAll('DIR', real.directory).replace('PORT', String(port))
    const { stdout, stderr, status } = await runIn(real.directory, `${tool} ${words}`)
    const log = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const [out, err, logged] = [stdout, stderr, log].map(text => settled(text.replaceAll(file, 'own.log')))
    // A signal ends the original; in a shell that is this status.
    return { stdout: out, stderr: err, status: status === -1 ? 142 : status, log: logged }
  }

  /** How many lines are tried at a time. */
  const lanes = 3
  test.each(Object.entries({ logging, patterns, options, tls }))('%s', async (_, lines) => {
    const wrong: unknown[] = []
    const left = [...lines]
    const tryEach = async (): Promise<void> => {
      for (let line = left.shift(); line !== undefined; line = left.shift()) {
        const [expected, ours] = await Promise.all([told('ovs-ofctl', line), told(weft.tool('ovs-ofctl'), line)])
        if (JSON.stringify(ours) !== JSON.stringify(expected)) wrong.push({ line, ours, expected })
      }
    }
    await Promise.all(Array.from({ length: lanes }, tryEach))
    expect(wrong).toEqual([])
  })
})
