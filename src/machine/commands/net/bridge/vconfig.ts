import { addVlan, type Result } from '../../../../host/index.ts'
import type { Command, Process } from '../../../command.ts'
import { kernelRefusal, Refusal } from '../refusal.ts'

const settle = (result: Result<unknown>, status: number): void => {
  if (!result.ok) throw new Refusal(kernelRefusal(result).text, status)
}

const add = ({ namespace }: Process, device = '', id = ''): void => {
  const lower = namespace.links.get(device)
  if (lower === undefined) throw new Refusal(`Cannot find device "${device}"`, 3)
  if (!/^\d+$/.test(id)) throw new Refusal(`Error: argument "${id}" is wrong: id is invalid`, 3)
  const name = `${device}.${id}`
  if (name.length > 15) throw new Refusal(`Error: argument "${name}" is wrong: "name" not a valid ifname`, 3)
  settle(addVlan(namespace.links, lower, name, Number(id)), 3)
}

const remove = ({ namespace }: Process, name = ''): void => {
  const link = namespace.links.get(name)
  if (link === undefined) throw new Refusal(`Cannot find device "${name}"`, 4)
  settle(namespace.links.remove(link), 4)
}

const warning =
  'Warning: vconfig is deprecated and might be removed in the future, please migrate to ip(route2) as soon as possible!'

/** vconfig(8) of Debian, which makes and removes VLAN devices by `ip link`: `add` and `rem`. */
export const vconfig: Command = function* (process) {
  const [word, ...args] = process.args.slice(1)
  yield* process.error(`\n${warning}\n`)
  const count = process.args.length
  if (count < 3 || count > 5) {
    yield* process.error(`Expecting argc to be 3-5, inclusive.  Was: ${count}`)
    yield* process.print(usage)
    return 1
  }
  try {
    if (word === 'add') add(process, ...args)
    else if (word === 'rem') remove(process, ...args)
    else throw new Refusal(`vconfig: ${word} is not there on this machine`, 1)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return yield* process.fail(error.text, error.status)
  }
}

const usage = `
Usage: add             [interface-name] [vlan_id]
       rem             [vlan-name]

* The [interface-name] is the name of the ethernet card that hosts
  the VLAN you are talking about.
* The vlan_id is the identifier (0-4095) of the VLAN you are operating on.
`
