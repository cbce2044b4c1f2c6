import { expect, test } from 'vitest'
import { dateText, formatRecord, type LogRecord } from './pattern.ts'
import { listLevels, listPatterns, newLogSettings, setLogLevels } from './settings.ts'

const modules = ['vconn', 'ofp_port']

test.each([
  ['dbg:info', 'cannot specify multiple levels'],
  ['vconn:ofp-port', 'cannot specify multiple modules'],
  ['console file', 'cannot specify multiple destinations'],
  ['PATTERN', 'missing destination'],
  ['PATTERN:nowhere:%m', 'unknown destination "nowhere"'],
  ['FACILITY:nobody', 'invalid facility'],
  ['FACILITY', 'invalid facility'],
  ['foo', 'no destination, level, or module "foo"'],
  ['FACILITY:daemon', undefined],
  ['', undefined],
])('%s', (spec, wrong) => {
  expect(setLogLevels(newLogSettings(modules), spec)).toBe(wrong)
})

test('levels by module and destination', () => {
  const settings = newLogSettings(modules)
  for (const spec of ['vconn:file:dbg', 'syslog:off', 'ofp-port,err,console']) setLogLevels(settings, spec)
  expect(listLevels(settings)).toBe(
    [
      '                 console    syslog    file\n',
      '                 -------    ------    ------\n',
      'ofp_port           ERR        OFF       INFO\n',
      'vconn             INFO        OFF        DBG\n',
    ].join(''),
  )
})

test('patterns', () => {
  const settings = newLogSettings(modules)
  setLogLevels(settings, 'PATTERN:file:%p: %m')
  expect(settings.patterns.file).toBe('%p: %m')
  expect(listPatterns(settings)).toContain('FILE     none                              %p: %m\n')
  setLogLevels(settings, 'PATTERN:any:')
  expect(Object.values(settings.patterns)).toEqual(['', '', ''])
})

const record: LogRecord = {
  module: 'vconn',
  level: 'warn',
  text: 'lost',
  count: 7,
  wallTime: Date.UTC(2026, 10, 3, 6, 41, 7, 89),
  program: 'ovs-ofctl',
  host: 'box',
  pid: 42,
  began: Date.UTC(2026, 10, 3, 6, 41, 7),
  facility: 16,
}

test.each([
  ['%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m', '2026-11-03T06:41:07.089Z|00007|vconn|WARN|lost'],
  ['%A %B %E %P %r %t %% %q', 'ovs-ofctl 132 box 42 89 main % q'],
  ['[%8c][%-8c][%08c]', '[   vconn][vconn   ][000vconn]'],
  ['%D', '2026-11-03 06:41:07.089'],
  ['%999999999m', `${' '.repeat(996)}lost`],
])('%s', (pattern, text) => {
  expect(formatRecord(pattern, record)).toBe(text)
})

test('a part of the program', () => {
  expect(formatRecord('%c%T %t', { ...record, part: 'monitor' })).toBe('vconn(monitor) monitor')
})

test('dates', () => {
  expect(dateText('%h %e %T %j %y %a %B %I%p', record.wallTime)).toBe('Nov  3 06:41:07 307 26 Tue November 06AM')
})
