import { expect, test } from 'vitest'
import { newLog } from './log.ts'
import { ofctlModules } from './modules.ts'
import { newLogSettings, setLogLevels } from './settings.ts'

const shown = (...specs: (string | undefined)[]) => {
  const settings = newLogSettings(ofctlModules)
  const wrong = specs.map(spec => setLogLevels(settings, spec)).find(text => text !== undefined)
  if (wrong !== undefined) return wrong
  const log = newLog({ wallTime: () => 0 }, settings, 'ovs-ofctl')
  log.add('vconn', 'dbg', 'message')
  log.warn('ofp_match', 'note', 'INFO')
  log.warn('ofp_port', 'warning')
  return log.lines.map(line => line.split('|').slice(2, 4).join(' '))
}

test.each([
  [[], ['ofp_match INFO', 'ofp_port WARN']],
  [[undefined], ['vconn DBG', 'ofp_match INFO', 'ofp_port WARN']],
  [['vconn'], ['vconn DBG', 'ofp_match INFO', 'ofp_port WARN']],
  [['vconn:console:dbg'], ['vconn DBG', 'ofp_match INFO', 'ofp_port WARN']],
  [['syslog:dbg'], ['ofp_match INFO', 'ofp_port WARN']],
  [['warn'], ['ofp_port WARN']],
  [['off'], []],
  [['ANY:off', 'vconn,dbg'], ['vconn DBG']],
  [['foo'], 'no destination, level, or module "foo"'],
])('%j', (specs, expected) => {
  expect(shown(...specs)).toEqual(expected)
})

test('lines are numbered and timed', () => {
  const log = newLog({ wallTime: () => Date.UTC(2026, 10, 23, 6, 41, 7) }, newLogSettings(ofctlModules), 'ovs-ofctl')
  log.warn('a', 'b')
  log.warn('c', 'd', 'ERR')
  expect(log.lines).toEqual(['2026-11-23T06:41:07Z|00001|a|WARN|b', '2026-11-23T06:41:07Z|00002|c|ERR|d'])
})
