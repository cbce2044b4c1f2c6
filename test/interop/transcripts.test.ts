/** The OpenFlow transcript typed at a real host with Open vSwitch: the same words come out. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Namespaces, namespaces } from '../../scripts/namespaces.mjs'
import { ovsIn } from '../../scripts/ovs.mjs'
import { typedLines, withoutChance } from '../transcripts/run.testing.ts'
import { masked } from '../transcripts/worlds.testing.ts'

let net: Namespaces
let space: string
let ovs: ReturnType<typeof ovsIn>

beforeAll(() => {
  net = namespaces()
  space = net.add('t')
  ovs = ovsIn(net, 't')
})
afterAll(async () => {
  await ovs?.stop()
  net?.remove()
})

/** Runs a line on a terminal, for what prints otherwise there. No kernel module is needed with the netdev datapath. */
const typed = (line: string): string => {
  const real = line
    .replace(/add-br (\w+)/, 'add-br $1 -- set bridge $1 datapath_type=netdev')
    .replace(/^ovs-vsctl/, `ovs-vsctl --db=unix:${ovs.folder}/db.sock --timeout=60`)
  const { stdout } = spawnSync('ip', ['netns', 'exec', space, 'script', '-qec', real, '/dev/null'], {
    encoding: 'utf8',
    input: '',
    env: { ...process.env, OVS_RUNDIR: ovs.folder },
  })
  return `root@hv1:~# ${line}\n${stdout.replaceAll('\r', '')}`
}

/** The speed of a tap is what the kernel's version says; the simulated one has none. */
const withoutSpeed = (text: string): string => text.replace(/^ {5}(current: |speed: ).*\n/gm, '')

test('openflow.txt', () => {
  const transcript = readFileSync(new URL('../transcripts/openflow.txt', import.meta.url), 'utf8')
  const compared = (text: string): string => withoutSpeed(withoutChance(masked(text)))
  expect(compared(typedLines(transcript).map(typed).join(''))).toBe(compared(transcript))
})
