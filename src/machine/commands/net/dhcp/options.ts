import { Refusal } from '../refusal.ts'

/** The command line of dhclient(8). */
export type DhclientOptions = {
  links: string[]
  verbose: boolean
  foreground: boolean
  /** `-1`: one try. `-nw`: into the background at once. */
  once: boolean
  atOnce: boolean
  release: boolean
  exit: boolean
  conf: string
  leases: string
  pidFile: string | undefined
}

export const banner = `Internet Systems Consortium DHCP Client 4.4.3-P1
Copyright 2004-2022 Internet Systems Consortium.
All rights reserved.
For info, please visit https://www.isc.org/software/dhcp/
`

export const version = 'isc-dhclient-4.4.3-P1'

export const usage = `Usage: dhclient [-4|-6] [-SNTPRI1dvrxi] [-nw] [-p <port>] [-D LL|LLT]
                [--dad-wait-time <seconds>] [--prefix-len-hint <length>]
                [--decline-wait-time <seconds>]
                [--address-prefix-len <length>]
                [-s server-addr] [-cf config-file]
                [-df duid-file] [-lf lease-file]
                [-pf pid-file] [--no-pid] [-e VAR=val]
                [-sf script-file] [interface]*
       dhclient {--version|--help|-h}`

export const farewell = `
If you think you have received this message due to a bug rather
than a configuration issue please read the section on submitting
bugs on either our web page at www.isc.org or in the README file
before submitting a bug.  These pages explain the proper
process and the information we find helpful for debugging.

exiting.`

const misuse = (text: string): Refusal => new Refusal(`${banner}${text}\n${usage}\n${farewell}`, 1)

const values = new Set(['-cf', '-lf', '-pf', '-p', '-s', '-sf', '-df', '-e', '-D', '-g'])
const ignored = new Set(['-4', '-w', '-q', '-i', '--no-pid', '-I'])

/** Reads the arguments; refuses in dhclient's words. */
export const readOptions = (args: readonly string[]): DhclientOptions => {
  const options: DhclientOptions = {
    links: [],
    verbose: false,
    foreground: false,
    once: false,
    atOnce: false,
    release: false,
    exit: false,
    conf: '/etc/dhcp/dhclient.conf',
    leases: '/var/lib/dhcp/dhclient.leases',
    pidFile: '/run/dhclient.pid',
  }
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    if (values.has(word)) {
      const value = args[++i]
      if (value === undefined) throw misuse(`Missing argument for: ${word}`)
      if (word === '-cf') options.conf = value
      else if (word === '-lf') options.leases = value
      else if (word === '-pf') options.pidFile = value
      else if (word === '-p' || word === '-s' || word === '-g')
        throw new Refusal(`dhclient: ${word} is not there: servers listen at port 67 and are asked by broadcast`, 1)
    } else if (word === '-v') options.verbose = true
    else if (word === '-d') options.foreground = true
    else if (word === '-1') options.once = true
    else if (word === '-nw') options.atOnce = true
    else if (word === '-r') options.release = true
    else if (word === '-x') options.exit = true
    else if (word === '--no-pid') options.pidFile = undefined
    else if (word === '-6' || word === '-S' || word === '-N' || word === '-T' || word === '-P' || word === '-R')
      throw new Refusal(`dhclient: ${word} is not there: DHCP is for IPv4 here`, 1)
    else if (ignored.has(word)) continue
    else if (word.startsWith('-')) throw misuse(`Unknown command: ${word}`)
    else options.links.push(word)
  }
  return options
}
