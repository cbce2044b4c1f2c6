import { expect, test } from 'vitest'
import { sayOpened } from './datapath-lines.ts'

const said = (isFirst: boolean, cores: number): string[] => {
  const lines: string[] = []
  sayOpened((module, level, text) => void lines.push(`${module}|${level}|${text}`), 'dummy@ovs-dummy', isFirst, cores)
  return lines
}

test('what a datapath can do, by its name', () => {
  const lines = said(true, 4)
  expect(lines).toContain('ofproto_dpif|info|dummy@ovs-dummy: Datapath supports recirculation')
  expect(lines.filter(line => line.startsWith('ofproto_dpif|'))).toHaveLength(22)
})

test('a second one says less', () => {
  const [first, second] = [said(true, 4), said(false, 4)]
  expect(first.filter(line => !second.includes(line))).toEqual([
    'dpif_netdev_impl|info|Default DPIF implementation is dpif_scalar.',
    'dpif_netdev|info|PMD max sleep request is 0 usecs.',
    'dpif_netdev|info|PMD load based sleeps are disabled.',
  ])
})

test.each([
  [1, 1, 1],
  [2, 1, 1],
  [3, 2, 1],
  [4, 2, 2],
  [8, 5, 3],
  [64, 47, 17],
])('%i cores have %i handlers and %i revalidators', (cores, handlers, revalidators) => {
  const lines = said(true, cores).filter(line => line.startsWith('ofproto_dpif_upcall|'))
  expect(lines).toEqual([
    `ofproto_dpif_upcall|info|Setting n-handler-threads to ${handlers}, setting n-revalidator-threads to ${revalidators}`,
    `ofproto_dpif_upcall|info|Starting ${handlers + revalidators} threads`,
  ])
})
