import { empty, recordOf } from '../ovsdb/datum.ts'
import type { Rows } from './row.ts'

const usual = 5000

/** `other_config:stats-update-interval`, milliseconds: 5 s without one, and no less. */
export const statsInterval = (rows: Rows): number => {
  const [root] = rows.rows('Open_vSwitch')
  const text = recordOf(root?.columns.other_config ?? empty)['stats-update-interval'] ?? ''
  return /^[0-9]+$/.test(text) ? Math.max(usual, Number(text)) : usual
}
