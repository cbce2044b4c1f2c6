/** The computer's own syslog daemon: by the C library's syslog(3), or at a socket of datagrams, of which Node has none. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { default as Koffi } from 'koffi'

/** Sends lines, each with its priority in front (`<29>`); those that nobody takes are lost. */
export type SendLine = (line: string) => void

/** Where the C library's syslog goes. */
const usualSocket = '/dev/log'
/** Opens the way at once (LOG_NDELAY). */
const atOnce = 8
const unixFamily = 1
/** Datagrams, closed where another program is run, and never waited for. */
const datagrams = 2 | 0o2000000 | 0o4000
const addressSize = 110

type Ways = { libc(program: string): SendLine; socket(path: string): SendLine | string }

const load = (): Ways | undefined => {
  const koffi = process.platform === 'linux' ? optional() : undefined
  if (koffi === undefined) return undefined
  const c = koffi.load(null)
  const openlog = c.func('void openlog(const uint8_t *identity, int option, int facility)')
  const syslog = c.func('void syslog(int priority, const char *format, ...)')
  const socket = c.func('int socket(int family, int type, int protocol)')
  const sendto = c.func(
    'int64_t sendto(int descriptor, const uint8_t *bytes, uint64_t size, int flags, const uint8_t *to, uint32_t toSize)',
  )
  return {
    libc(program) {
      // The library keeps the place of the name, not the name.
      identity = Buffer.from(`${program}\0`)
      openlog(identity, atOnce, 0)
      return line => {
        const [, priority, text] = /^<(\d+)>(.*)$/s.exec(line) ?? []
        if (text !== undefined) syslog(Number(priority), '%s', 'str', text)
      }
    },
    socket(path) {
      const name = Buffer.from(path)
      if (name.length > addressSize - 3) return `${path}: File name too long`
      const address = Buffer.alloc(addressSize)
      new Uint16Array(address.buffer, address.byteOffset, 1)[0] = unixFamily
      address.set(name, 2)
      const descriptor: number = socket(unixFamily, datagrams, 0)
      return line => {
        const bytes = Buffer.from(line)
        sendto(descriptor, bytes, bytes.length, 0, address, addressSize)
      }
    },
  }
}

const optional = (): typeof Koffi | undefined => {
  try {
    return createRequire(import.meta.url)('koffi')
  } catch {
    return undefined
  }
}

/** For as long as the process lives. */
let identity: Buffer

let loaded: { ways: Ways | undefined } | undefined

/**
 * Lines to the daemon at a socket's path, or by the library, which names the program in front of them. Without `koffi`, an
 * optional package, they are lost, as they are without a daemon. Nothing is loaded until there is a line and a daemon.
 */
export const localSyslog = (method: 'libc' | 'unix', target: string): SendLine => {
  let send: SendLine | undefined
  return line => {
    if (!existsSync(method === 'libc' ? usualSocket : target)) return
    if (send === undefined) {
      loaded ??= { ways: load() }
      const way = method === 'libc' ? loaded.ways?.libc(target) : loaded.ways?.socket(target)
      send = typeof way === 'function' ? way : () => {}
    }
    send(line)
  }
}
