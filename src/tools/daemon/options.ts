/** Options that programs which stay have in common: about processes, the log and TLS. */
import type { FoundOption, Shape } from '../getopt.ts'
import type { TlsWords } from '../program.ts'
import { logStepOf, newLogSettings } from '../vlog/index.ts'
import type { DaemonOptions } from './daemon.ts'

/** In the order in which `--option` lists them. */
export const processShapes: readonly Shape[] = [
  { long: 'detach' },
  { long: 'no-self-confinement' },
  { long: 'no-chdir' },
  { long: 'pidfile', takes: 'perhaps' },
  { long: 'overwrite-pidfile' },
  { long: 'monitor' },
  { long: 'user', takes: 'value' },
]

export const logShapes: readonly Shape[] = [
  { long: 'verbose', short: 'v', takes: 'perhaps' },
  { long: 'log-file', takes: 'perhaps' },
  { long: 'syslog-method', takes: 'value' },
  { long: 'syslog-target', takes: 'value' },
]

export const tlsShapes: readonly Shape[] = [
  { long: 'private-key', short: 'p', takes: 'value' },
  { long: 'certificate', short: 'c', takes: 'value' },
  { long: 'ca-cert', short: 'C', takes: 'value' },
]

export const tlsVersionShapes: readonly Shape[] = [
  { long: 'ssl-protocols', takes: 'value' },
  { long: 'ssl-ciphers', takes: 'value' },
]

export const daemonDefaults = (): DaemonOptions & { tls: TlsWords } => ({
  detach: false,
  keepsDirectory: false,
  watched: false,
  pidfile: undefined,
  overwritePidfile: false,
  unixctl: undefined,
  logging: [],
  tls: {},
})

/** Options that say all by being there. */
const flags: Readonly<Record<string, Partial<DaemonOptions>>> = {
  detach: { detach: true },
  'no-chdir': { keepsDirectory: true },
  monitor: { watched: true },
  'overwrite-pidfile': { overwritePidfile: true },
}

const tlsWords: Readonly<Record<string, (value: string) => TlsWords>> = {
  'private-key': privateKey => ({ privateKey }),
  certificate: certificate => ({ certificate }),
  'ca-cert': caCertificate => ({ caCertificate, bootstrap: false }),
  'bootstrap-ca-cert': caCertificate => ({ caCertificate, bootstrap: true }),
  'peer-ca-cert': peerCaCertificate => ({ peerCaCertificate }),
  'ssl-protocols': protocols => ({ protocols }),
  'ssl-ciphers': ciphers => ({ ciphers }),
}

/** Takes an option if it is one of TLS. */
export const applyTlsOption = (tls: TlsWords, { name, value = '' }: FoundOption): void => {
  if (Object.hasOwn(tlsWords, name)) Object.assign(tls, tlsWords[name]?.(value))
}

/** Takes an option if it is one of these; a text is what is wrong with it. */
export const applyDaemonOption = (
  options: DaemonOptions & { tls: TlsWords },
  option: FoundOption,
  modules: readonly string[],
): string | undefined => {
  const { name, value } = option
  applyTlsOption(options.tls, option)
  if (name === 'pidfile') options.pidfile = value ?? ''
  else if (name === 'unixctl') options.unixctl = value
  else if (name === 'user') options.logging.push({ do: 'user', spec: value ?? '', pidfile: options.pidfile })
  else if (Object.hasOwn(flags, name)) Object.assign(options, flags[name])
  const step = logStepOf(name, value, newLogSettings(modules))
  if (typeof step === 'string') return step
  if (step !== undefined) options.logging.push(step)
  return undefined
}
