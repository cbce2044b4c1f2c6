import { expect, test } from 'vitest'
import { second } from '../../runtime/index.ts'
import { recording } from '../../runtime/log.ts'
import { VirtualClock } from '../../runtime/virtual-clock.ts'
import { FlowModReport } from './flow-mod-report.ts'

const make = () => {
  const clock = new VirtualClock()
  const { log, lines } = recording()
  const pass = (time: number): void => clock.runUntil(clock.now() + time)
  return { report: new FlowModReport(clock, log, 'br0<->unix#3'), lines, pass }
}

test('what was changed is told at the end', () => {
  const { report, lines } = make()
  for (const command of ['add', 'add', 'delete_strict', 'modify']) report.note(command)
  report.close()
  report.close()
  expect(lines).toEqual(['connmgr|INFO|br0<->unix#3: 4 flow_mods in the last 0 s (2 adds, 1 deletes, 1 modifications)'])
})

test('and some time after it began, not too often', () => {
  const { report, lines, pass } = make()
  report.note('add')
  pass(10 * second)
  report.note('add')
  pass(3 * second)
  report.note('delete')
  pass(40 * second)
  expect(lines).toEqual(['connmgr|INFO|br0<->unix#3: 1 flow_mods 10 s ago (1 adds)'])
  pass(20 * second)
  expect(lines[1]).toBe('connmgr|INFO|br0<->unix#3: 2 flow_mods in the 3 s starting 60 s ago (1 adds, 1 deletes)')
})
