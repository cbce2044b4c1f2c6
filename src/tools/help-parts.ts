/** What the helps of several tools say alike, word for word as the original ones print it; each part ends with its line. */

/** How a server is reached; `name` is what the help calls it. */
export const connectionHelp = (name: string): string => `Active ${name} connection methods:
  tcp:HOST:PORT           PORT at remote HOST
  ssl:HOST:PORT           SSL PORT at remote HOST
  unix:FILE               Unix domain socket named FILE
Passive ${name} connection methods:
  ptcp:PORT[:IP]          listen to TCP PORT on IP
  pssl:PORT[:IP]          listen for SSL on PORT on IP
  punix:FILE              listen on Unix domain socket FILE
`

/** Options for keys, of all programs. */
export const keysHelp = `PKI configuration (required to use SSL):
  -p, --private-key=FILE  file with private key
  -c, --certificate=FILE  file with certificate for private key
  -C, --ca-cert=FILE      file with peer CA certificate
`

/** Options for TLS that all but ovs-ofctl have besides `keysHelp`. */
export const moreKeysHelp = `  --bootstrap-ca-cert=FILE  file with peer CA certificate to read or create
SSL options:
  --ssl-protocols=PROTOS  list of SSL protocols to enable
  --ssl-ciphers=CIPHERS   list of SSL ciphers to enable
`

/** Options of programs that may stay in the background; `pidFile` is where the pid goes. */
export const daemonHelp = (pidFile: string): string => `Daemon options:
  --detach                run in background as daemon
  --monitor               creates a process to monitor this daemon
  --user=username[:group] changes the effective daemon user:group
  --no-chdir              do not chdir to '/'
  --pidfile[=FILE]        create pidfile (default: ${pidFile})
  --overwrite-pidfile     with --pidfile, start even if already running
`

/** Options for the log; `logFile` is where it goes. */
export const loggingHelp = (logFile: string): string => `Logging options:
  -vSPEC, --verbose=SPEC   set logging levels
  -v, --verbose            set maximum verbosity level
  --log-file[=FILE]        enable logging to specified FILE
                           (default: ${logFile})
  --syslog-method=(libc|unix:file|udp:ip:port)
                           specify how to send messages to syslog daemon
  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP
`
