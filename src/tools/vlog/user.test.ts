import { describe, expect, test } from 'vitest'
import type { System, UserIds } from '../program.ts'
import { findUser } from './user.ts'

const users: Readonly<Record<string, UserIds>> = { joe: { user: 7, group: 70 }, 'a b': { user: 8, group: 80 } }
const groups: Readonly<Record<string, { group: number; members: string[] }>> = {
  joe: { group: 70, members: [] },
  net: { group: 5, members: ['amy', 'joe'] },
  tty: { group: 6, members: ['amy'] },
}
const root: UserIds = { user: 0, group: 0 }

const found = (spec: string, pidfile?: string, now = root): UserIds | string => {
  const system = {
    whoAmI: () => now,
    userNamed: name => users[name],
    groupNamed: name => groups[name],
  } satisfies Pick<System, 'whoAmI' | 'userNamed' | 'groupNamed'> as Partial<System> as System
  const result = findUser({ runDirectory: '/run' }, system, 'ovs-vswitchd', { spec, pidfile })
  return 'wrong' in result ? result.wrong : result.ids
}

describe('--user', () => {
  test('a user, and the own group or another', () => {
    expect(found('joe')).toEqual({ user: 7, group: 70 })
    expect(found('joe:')).toEqual({ user: 7, group: 70 })
    expect(found('joe:joe')).toEqual({ user: 7, group: 70 })
    expect(found('joe:net')).toEqual({ user: 7, group: 5 })
    expect(found('a b')).toEqual({ user: 8, group: 80 })
  })
  test('what is not said stays', () => {
    expect(found('')).toEqual(root)
    expect(found(':')).toEqual(root)
    expect(found(':tty')).toEqual({ user: 0, group: 6 })
  })
  test('nobody, in the words of ovs-vswitchd 3.1, which has a pid file in them', () => {
    expect(found('amy')).toBe('(null): user amy not found, aborting.')
    expect(found('joe:x', '')).toBe('/run/ovs-vswitchd.pid: group x not found, aborting.')
    expect(found('joe:tty', 'pid')).toBe(
      '/run/pid: Invalid --user option joe:tty (user joe is not in group tty), aborting.',
    )
    expect(found('joe', '/pid', { user: 7, group: 70 })).toBe('/pid: only root can use --user option')
  })
})
