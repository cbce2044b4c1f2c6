/** Users and groups of this computer, as `getent` knows them, and how to be one of them. */
import { spawnSync } from 'node:child_process'
import { fileLocks } from '../linux/index.ts'
import type { System, UserIds } from '../tools/index.ts'
import { sentence } from './sentence.ts'

/** The fields of the entry with a name; a number is looked for as a name too, since the original knows no others. */
const entry = (database: 'passwd' | 'group', name: string): string[] | undefined => {
  const { stdout, status } = spawnSync('getent', [database, '--', name], { encoding: 'utf8' })
  const fields = status === 0 ? stdout.trim().split(':') : []
  return fields[0] === name ? fields : undefined
}

export const userNamed = (name: string): UserIds | undefined => {
  const fields = entry('passwd', name)
  return fields === undefined ? undefined : { user: Number(fields[2]), group: Number(fields[3]) }
}

export const groupNamed: System['groupNamed'] = name => {
  const fields = entry('group', name)
  if (fields === undefined) return undefined
  return { group: Number(fields[2]), members: (fields[3] ?? '').split(',').filter(member => member !== '') }
}

/** Without the groups that it was in before. */
export const become = ({ user, group }: UserIds): string | undefined => {
  // What is loaded when it is first asked for may not be readable then.
  fileLocks()
  try {
    process.setgroups?.([])
    process.setgid?.(group)
    process.setuid?.(user)
    return undefined
  } catch (error) {
    return `could not change to user ${user} and group ${group} (${sentence(error)})`
  }
}
