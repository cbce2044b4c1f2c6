/** `--user=USER[:GROUP]` (ovsdb-server(1), "Daemon Options"): who a program is to be instead of root. */
import type { Connect, System, UserIds } from '../program.ts'

/** `spec` is the option's value; `pidfile` is what `--pidfile` in front of it said, empty for the usual place. */
export type WantedUser = { spec: string; pidfile: string | undefined }

/** Whom the option names, or what is wrong with it. A part that is not said is who the process is already. */
export const findUser = (
  { runDirectory }: Pick<Connect, 'runDirectory'>,
  system: System,
  program: string,
  { spec, pidfile }: WantedUser,
): { ids: UserIds } | { wrong: string } => {
  const now = system.whoAmI()
  if (now.user !== 0) return { wrong: `${pathOf(runDirectory, program, pidfile)}: only root can use --user option` }
  const refused = (why: string): { wrong: string } => ({
    wrong: `${pathOf(runDirectory, program, pidfile)}: ${why}, aborting.`,
  })
  const [name = '', groupName = ''] = spec.split(/:(.*)/s)
  const user = name === '' ? now : system.userNamed(name)
  if (user === undefined) return refused(`user ${name} not found`)
  if (groupName === '') return { ids: user }
  const group = system.groupNamed(groupName)
  if (group === undefined) return refused(`group ${groupName} not found`)
  if (name !== '' && group.group !== user.group && !group.members.includes(name))
    return refused(`Invalid --user option ${spec} (user ${name} is not in group ${groupName})`)
  return { ids: { user: user.user, group: group.group } }
}

/** As the original tells of a pid file that it does not have. */
const pathOf = (runDirectory: string, program: string, pidfile: string | undefined): string => {
  if (pidfile === undefined) return '(null)'
  const name = pidfile === '' ? `${program}.pid` : pidfile
  return name.startsWith('/') ? name : `${runDirectory}/${name}`
}
