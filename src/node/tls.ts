/** TLS as Open vSwitch's programs take it: files and words of options, and what they say of them (ovs-ofctl(8), "PKI"). */
import type { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { SecureContext, SecureContextOptions, SecureVersion, TLSSocket } from 'node:tls'
import type { Secure, TlsWords } from '../tools/index.ts'
import { builtIn } from './built-in.ts'
import { sentence } from './sentence.ts'

const newContext = (options: SecureContextOptions): SecureContext => builtIn('node:tls').createSecureContext(options)
/** Throws what is wrong with it. */
const readCertificate = (bytes: Uint8Array): X509Certificate => new (builtIn('node:crypto').X509Certificate)(bytes)

/** As a certificate of authority's file: anyone is trusted. */
export const trustsAnyone = 'none'

const versions: Readonly<Record<string, SecureVersion>> = {
  tlsv1: 'TLSv1',
  'tlsv1.1': 'TLSv1.1',
  'tlsv1.2': 'TLSv1.2',
}

/** An error as OpenSSL writes it: `error:0480006C:PEM routines::no start line`. */
export const openSslText = (error: unknown): string => {
  const { code, errno, message } = error as NodeJS.ErrnoException
  if (errno !== undefined && code !== undefined) {
    const number = (constants.errno as Readonly<Record<string, number>>)[code] ?? -errno
    const [, text = message] = /^[A-Z]+: ([^,]*)/.exec(message) ?? []
    return `error:${(0x80000000 + number).toString(16).toUpperCase()}:system library::${text[0]?.toUpperCase()}${text.slice(1)}`
  }
  const [, number, library, reason] = /error:([0-9A-F]{8}):([^:]*):[^:]*:([^:\n]*)/.exec(message) ?? []
  return number === undefined ? message : `error:${number}:${library}::${reason}`
}

/** What of the words can be used; the log is told of the rest. */
export const checkTls = ({ tls, log }: Secure): TlsWords => {
  const { privateKey, certificate, caCertificate, bootstrap, peerCaCertificate, protocols, ciphers } = tls
  const usable: TlsWords = {}
  if (bootstrap !== undefined) usable.bootstrap = bootstrap
  const tried = (what: string, run: () => unknown): boolean => {
    try {
      run()
      return true
    } catch (error) {
      log('stream_ssl', `${what}: ${openSslText(error)}`, 'ERR')
      return false
    }
  }
  if (privateKey !== undefined)
    if (tried('SSL_use_PrivateKey_file', () => newContext({ key: readKeys(privateKey) })))
      usable.privateKey = privateKey
  if (certificate !== undefined)
    if (tried('SSL_use_certificate_file', () => newContext({ cert: readKeys(certificate) })))
      usable.certificate = certificate
  if (caCertificate === trustsAnyone)
    log('stream_ssl', 'Peer certificate validation disabled (this is a security risk)')
  else if (caCertificate !== undefined && !(bootstrap === true && isMissing(tls)))
    tried(`failed to load client certificates from ${caCertificate}`, () => readCertificate(readKeys(caCertificate)))
  // An authority that cannot be read is one that has vouched for nobody.
  if (caCertificate !== undefined) usable.caCertificate = caCertificate
  if (peerCaCertificate !== undefined && isCertificate(peerCaCertificate, log))
    usable.peerCaCertificate = peerCaCertificate
  if (protocols !== undefined) {
    const range = versionRange(protocols)
    if (typeof range === 'string') log('stream_ssl', range, 'ERR')
    else usable.protocols = protocols
  }
  if (ciphers !== undefined)
    if (tried('SSL_CTX_set_cipher_list', () => newContext({ ciphers }))) usable.ciphers = ciphers
  return usable
}

const isCertificate = (path: string, log: Secure['log']): boolean => {
  if (!existsSync(path)) {
    log('stream_ssl', `failed to open ${path} for reading: No such file or directory`, 'ERR')
    return false
  }
  try {
    readCertificate(readKeys(path))
    return true
  } catch (error) {
    log('stream_ssl', `PEM_read_X509 failed reading ${path}: ${openSslText(error)}`, 'ERR')
    return false
  }
}

type Range = { minVersion: SecureVersion; maxVersion: SecureVersion }

/** `TLSv1,TLSv1.2`, in any order; a text is what is wrong. */
const versionRange = (words: string): Range | string => {
  const names = words.split(/[ ,\t]+/).filter(word => word !== '')
  if (names.length === 0) return 'SSL protocol settings invalid'
  const wrong = names.find(name => versions[name.toLowerCase()] === undefined)
  if (wrong !== undefined) return `${wrong}: SSL protocol not recognized`
  const found = names.map(name => versions[name.toLowerCase()] as SecureVersion).sort()
  return { minVersion: found[0] as SecureVersion, maxVersion: found.at(-1) as SecureVersion }
}

/** A directory can be opened, and has nothing in it. */
const readKeys = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return Buffer.alloc(0)
    throw error
  }
}

/** Whether the authority's file is not there yet. */
export const isMissing = ({ caCertificate }: TlsWords): boolean =>
  caCertificate !== undefined && caCertificate !== trustsAnyone && !existsSync(caCertificate)

/**
 * Writes the authority's certificate that a peer brings into the file where it is to be (ovs-vsctl(8), "CA Certificate
 * Bootstrap"). A text says why it cannot.
 */
export const learnAuthority = (
  { host, port }: { host: string; port: number },
  tls: TlsWords,
): Promise<string | undefined> =>
  new Promise(resolve => {
    let socket: TLSSocket
    try {
      socket = builtIn('node:tls').connect({ host, port, ...secureContext({ ...tls, caCertificate: trustsAnyone }) })
    } catch (error) {
      resolve(sentence(error))
      return
    }
    const end = (why: string | undefined): void => {
      socket.destroy()
      resolve(why)
    }
    socket.on('error', error => end(sentence(error)))
    socket.once('secureConnect', () => {
      let last = socket.getPeerCertificate(true)
      for (let depth = 0; depth < 10 && last.issuerCertificate !== undefined; depth++) {
        if (last.issuerCertificate === last) break
        last = last.issuerCertificate
      }
      const found = last.raw === undefined ? undefined : readCertificate(last.raw)
      if (found === undefined || !found.checkIssued(found)) {
        end('Protocol error')
        return
      }
      try {
        writeFileSync(tls.caCertificate as string, found.toString(), { flag: 'wx', mode: 0o666 })
        end(undefined)
      } catch (error) {
        end(sentence(error))
      }
    })
  })

const readAuthority = (path: string): Buffer[] => {
  try {
    const bytes = readFileSync(path)
    readCertificate(bytes)
    return [bytes]
  } catch {
    return []
  }
}

/** What of keys and certificates is missing is told; then there can be no TLS. */
export const missesKeys = ({ tls, log }: Secure): boolean => {
  const missing = [
    tls.privateKey === undefined && 'Private key',
    tls.certificate === undefined && 'Certificate',
    tls.caCertificate === undefined && 'CA certificate',
  ].filter(what => what !== false)
  for (const what of missing) log('stream_ssl', `${what} must be configured to use SSL`, 'ERR')
  if (missing.length > 0) return true
  try {
    newContext(secureContext(tls))
    return false
  } catch {
    const why = 'error:0A0000BE:SSL routines::no private key assigned'
    log('stream_ssl', `Private key does not match certificate public key: ${why}`, 'ERR')
    return true
  }
}

/** Settings of a connection, for both sides. Throws when a file cannot be read. */
export const secureContext = (tls: TlsWords): SecureContextOptions & { rejectUnauthorized: boolean } => {
  const { privateKey, certificate, caCertificate, peerCaCertificate, protocols, ciphers } = tls
  const brought = peerCaCertificate === undefined ? [] : [readFileSync(peerCaCertificate)]
  const range = protocols === undefined ? undefined : versionRange(protocols)
  return {
    ...(privateKey === undefined ? {} : { key: readFileSync(privateKey) }),
    ...(certificate === undefined ? {} : { cert: Buffer.concat([readFileSync(certificate), ...brought]) }),
    ...(caCertificate === undefined || caCertificate === trustsAnyone ? {} : { ca: readAuthority(caCertificate) }),
    ...(range === undefined || typeof range === 'string' ? {} : range),
    ...(ciphers === undefined ? {} : { ciphers }),
    rejectUnauthorized: caCertificate !== trustsAnyone,
  }
}

/** A handshake's failure as OpenSSL says it; undefined for one of the network. */
export const handshakeText = (error: unknown): string | undefined => {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException
  if (message.includes(':error:') || code.startsWith('ERR_SSL')) return openSslText(error)
  const isOfNetwork = syscall !== undefined || /^E[A-Z]+$/.test(code)
  return isOfNetwork ? undefined : 'error:0A000086:SSL routines::certificate verify failed'
}
