import { parseArgs } from 'node:util'
import { findLab, type Lab, LabSession, LabVtep, labs, Network } from '../lab/index.ts'
import { PacedDrive } from '../node/drive.ts'
import { create, runPrompt } from '../node/prompt.ts'
import { endpoint, UdpUnderlay } from '../node/udp-underlay.ts'
import { formatIp, type Ip, isIp6, isLinkLocal6, isMulticastIp, parseIp } from '../wire/address.ts'
import { VxlanPort } from '../wire/vxlan.ts'
import { runLines, type Stop } from './exec.ts'
import { badUsage, seedOf, wholeNumber } from './words.ts'

const usage = `usage: weft vtep --vni VNI --local ADDR --remote ADDR[,ADDR]... [OPTION]...

Joins a lab of simulated machines to a real VXLAN overlay: a VTEP with a UDP socket at ADDR, and the lab's free port
behind it. The other end is any VTEP, such as the Linux kernel's:

  ip link add vxlan42 type vxlan id 42 local REMOTE remote LOCAL dstport 4789

It runs until it is interrupted, then prints what it counted (so it does, running on, for SIGUSR1). On a terminal it
gives the lab's prompt.

  --vni VNI        the VXLAN network identifier, 0 to 16777215
  --local ADDR     an IPv4 or IPv6 address of this machine
  --remote ADDR    the other VTEPs; what is for all, or for who knows whom, goes to each
  --port PORT      the UDP port of all VTEPs (4789)
  --lab NAME       the lab (segment)
  --exec LINE      run a line as typed at the lab's prompt; may be repeated. Ends with the last; the exit status is
                   that of the last one that failed
  --seed N         what the lab's chance is made of (1)
  --json           a line of JSON when ready, and one with what was counted
  -h, --help       this text
`

const options = {
  vni: { type: 'string' },
  local: { type: 'string' },
  remote: { type: 'string', multiple: true },
  port: { type: 'string' },
  lab: { type: 'string' },
  exec: { type: 'string', multiple: true },
  seed: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Plan = {
  vni: number
  local: Ip
  remotes: Ip[]
  port: number
  lab: Lab & { join: string }
  seed: number
  lines: readonly string[]
  json: boolean
}

/** `weft vtep`. */
export const vtep = async (args: string[]): Promise<number> => {
  let values: Values
  try {
    values = parse(args).values
  } catch (error) {
    return badUsage('vtep', (error as Error).message)
  }
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const plan = planOf(values)
  return typeof plan === 'string' ? badUsage('vtep', plan) : run(plan)
}

const parse = (args: string[]) => parseArgs({ args, options })

type Values = ReturnType<typeof parse>['values']

/** What the words ask for, or what is wrong with them. */
const planOf = (values: Values): Plan | string => {
  if (values.vni === undefined) return '--vni is needed: the VXLAN network identifier'
  const vni = wholeNumber(values.vni, 0, 0xffffff)
  if (vni === undefined) return `--vni takes a whole number from 0 to 16777215, not '${values.vni}'`
  if (values.local === undefined) return '--local is needed: an address of this machine'
  const local = parseIp(values.local)
  if (local === undefined || isMulticastIp(local)) return `--local takes an IPv4 or IPv6 address, not '${values.local}'`
  const port = wholeNumber(values.port ?? `${VxlanPort.iana}`, 1, 65535)
  if (port === undefined) return `--port takes a whole number from 1 to 65535, not '${values.port}'`
  const remotes = remotesOf(values.remote ?? [], local)
  if (typeof remotes === 'string') return remotes
  const seed = seedOf(values.seed)
  if (seed === undefined) return `--seed takes a whole number from 0 to 4294967295, not '${values.seed}'`
  const name = values.lab ?? 'segment'
  const lab = findLab(name)
  if (lab === undefined) return `there is no lab named '${name}'; weft lab --list names them`
  const { join } = lab
  if (join === undefined) {
    const joinable = labs.filter(each => each.join !== undefined).map(each => each.name)
    return `lab ${name} has no free port for a VTEP; these have one: ${joinable.join(', ')}`
  }
  return {
    vni,
    local,
    remotes,
    port,
    lab: { ...lab, join },
    seed,
    lines: values.exec ?? [],
    json: values.json === true,
  }
}

const remotesOf = (words: readonly string[], local: Ip): Ip[] | string => {
  const remotes = new Set<Ip>()
  for (const word of words.flatMap(each => each.split(','))) {
    const remote = parseIp(word.trim())
    if (remote === undefined) return `--remote takes IPv4 or IPv6 addresses, not '${word}'`
    if (isMulticastIp(remote)) return `--remote ${word} is a multicast group; name the VTEPs one by one`
    if (isIp6(remote) !== isIp6(local))
      return `--remote ${word} and --local ${formatIp(local)} are of different families`
    if (remote === local) return `--remote ${word} is the local address`
    remotes.add(remote)
  }
  return remotes.size === 0 ? '--remote is needed: the address of another VTEP' : [...remotes]
}

const run = async (plan: Plan): Promise<number> => {
  const { vni, local, remotes, port, lab, json } = plan
  const network = new Network({ seed: plan.seed })
  lab.build(network)
  network.settle()

  const opened = await UdpUnderlay.open({ local, port })
  if (!opened.ok) {
    process.stderr.write(`weft vtep: ${opened.why}\n`)
    return 1
  }
  const underlay = opened.value
  const joined = new LabVtep(network.lead(lab.join, 'vtep'), { clock: network.clock, underlay, vni, remotes, port })
  const drive = new PacedDrive(network.clock)
  underlay.receive((frame, outer) => drive.enter(() => joined.receive(frame, outer)))

  const counted = (): void => {
    const counters = [...joined.counters(), ...underlay.counted()]
    if (json) process.stdout.write(`${JSON.stringify({ counters: Object.fromEntries(counters) })}\n`)
    else process.stdout.write(counters.map(([name, value]) => `${name.padEnd(20)} ${value}\n`).join(''))
  }
  const { stop, ended, unhook } = untilSignal(counted)

  const needs = innerMtu(network, lab) + (isIp6(local) ? 70 : 50)
  if (underlay.mtu !== undefined && underlay.mtu < needs)
    process.stderr.write(
      `weft vtep: the lab's frames need an MTU of ${needs} on the way; the link of ${formatIp(local)} has ${underlay.mtu}, and larger ones are dropped\n`,
    )
  process.stdout.write(ready(plan, network))
  const session = new LabSession(network, lab, {
    print: text => process.stdout.write(text),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    create: create(text => process.stderr.write(text)),
  })
  try {
    if (plan.lines.length > 0) return await runLines(session, drive, plan.lines, stop)
    const asks = process.stdin.isTTY && process.stdout.isTTY && !json
    await (asks ? Promise.race([runPrompt(session, drive), ended]) : ended)
    // A prompt that a signal interrupted would keep the process waiting for its keyboard.
    if (asks) process.stdin.destroy()
    return 0
  } finally {
    drive.stop()
    counted()
    underlay.close()
    unhook()
  }
}

/** SIGINT and SIGTERM end it, SIGUSR1 prints. */
const untilSignal = (print: () => void) => {
  const stop: Stop = { requested: false }
  let resolve: () => void
  const ended = new Promise<void>(done => {
    resolve = done
  })
  const end = (): void => {
    stop.requested = true
    stop.onRequest?.()
    resolve()
  }
  const hooks = { SIGINT: end, SIGTERM: end, SIGUSR1: print }
  for (const [signal, hook] of Object.entries(hooks)) process.on(signal, hook)
  const unhook = (): void => {
    for (const [signal, hook] of Object.entries(hooks)) process.off(signal, hook)
  }
  return { stop, ended, unhook }
}

const members = (lab: Lab): string[] => [...new Set(Object.values(lab.groups).flat())]

/** The addresses of a lab's machine that others would use. */
const addresses = (network: Network, name: string): string[] => {
  const { links, addresses: table } = network.get(name).kernel.root
  return links
    .all()
    .filter(link => !link.isLoopback)
    .flatMap(link => table.of(link).map(({ ip }) => ip))
    .filter(ip => !isIp6(ip) || !isLinkLocal6(ip))
    .map(formatIp)
}

/** The largest packet that a machine of the lab sends, bytes. */
const innerMtu = (network: Network, lab: Lab): number => {
  const links = members(lab).flatMap(name => network.get(name).kernel.root.links.all())
  return Math.max(...links.filter(link => !link.isLoopback).map(link => link.mtu))
}

/** The line that says who is where, when datagrams can come. */
const ready = ({ vni, local, remotes, port, lab, json }: Plan, network: Network): string => {
  const hosts = members(lab).map(name => ({ name, addresses: addresses(network, name) }))
  const at = endpoint(local, port)
  if (json) return `${JSON.stringify({ ready: true, vni, at, remotes: remotes.map(formatIp), lab: lab.name, hosts })}\n`
  const list = hosts.map(each => [each.name, ...each.addresses].join(' ')).join(', ')
  return `weft vtep: VNI ${vni} at ${at} to ${remotes.map(formatIp).join(', ')}, lab ${lab.name}: ${list}\n`
}
