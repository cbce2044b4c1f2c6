import type { Commands } from '../command.ts'
import { sh } from '../shell/sh.ts'
import { cat } from './cat.ts'
import { date } from './date.ts'
import { grep } from './grep.ts'
import { lineCommands } from './lines.ts'
import { ls } from './ls.ts'
import { processCommands } from './processes.ts'
import { smallCommands } from './small.ts'
import { sort } from './sort.ts'
import { timeCommands } from './time.ts'
import { tr } from './tr.ts'
import { treeCommands } from './tree.ts'

/** The programs of a machine apart from those of its network. */
export const baseCommands: Commands = {
  ...lineCommands,
  ...processCommands,
  ...smallCommands,
  ...timeCommands,
  ...treeCommands,
  bash: sh,
  cat,
  date,
  egrep: grep,
  fgrep: grep,
  grep,
  ls,
  sh,
  sort,
  tr,
}
