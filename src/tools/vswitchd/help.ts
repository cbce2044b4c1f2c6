import { daemonHelp, keysHelp, loggingHelp, moreKeysHelp } from '../help-parts.ts'

/** What `ovs-vswitchd --help` prints: the options as `options.ts` takes them, and the places that are usual. */
export const vswitchdHelp = (runDirectory: string, logDirectory: string): string => `ovs-vswitchd: Open vSwitch daemon
usage: ovs-vswitchd [OPTIONS] [DATABASE]
where DATABASE is a socket on which ovsdb-server is listening
      (default: "unix:${runDirectory}/db.sock").

Active DATABASE connection methods:
  tcp:HOST:PORT           PORT at remote HOST
  ssl:HOST:PORT           SSL PORT at remote HOST
  unix:FILE               Unix domain socket named FILE
${keysHelp}${moreKeysHelp}
${daemonHelp(`${runDirectory}/ovs-vswitchd.pid`)}
${loggingHelp(`${logDirectory}/ovs-vswitchd.log`)}
DPDK options:
Configuration of DPDK via command-line is removed from this
version of Open vSwitch. DPDK is configured through ovsdb.

Other options:
  --unixctl=SOCKET          override default control socket name
  -h, --help                display this help message
  -V, --version             display version information
`
