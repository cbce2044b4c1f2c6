/** Error numbers by name, with the text that `strerror` gives on Linux. */
export const errnoText = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  EAGAIN: 'Resource temporarily unavailable',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  ENODEV: 'No such device',
  EINVAL: 'Invalid argument',
  EPIPE: 'Broken pipe',
  ERANGE: 'Numerical result out of range',
  EDESTADDRREQ: 'Destination address required',
  EMSGSIZE: 'Message too long',
  ELOOP: 'Too many levels of symbolic links',
  EXFULL: 'Exchange full',
  EPROTO: 'Protocol error',
  ENOPROTOOPT: 'Protocol not available',
  EOPNOTSUPP: 'Operation not supported',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ECONNABORTED: 'Software caused connection abort',
  ECONNRESET: 'Connection reset by peer',
  ENOBUFS: 'No buffer space available',
  EISCONN: 'Transport endpoint is already connected',
  ENOTCONN: 'Transport endpoint is not connected',
  ETIMEDOUT: 'Connection timed out',
  ECONNREFUSED: 'Connection refused',
  EHOSTUNREACH: 'No route to host',
  EALREADY: 'Operation already in progress',
  EINPROGRESS: 'Operation now in progress',
} as const

export type Errno = keyof typeof errnoText

/** A refusal: the error's name, and the sentence that newer kernels add to it (`Error: ` is the tool's to print). */
export type Failure = { ok: false; errno: Errno; message?: string }

/** What a call on the simulated kernel gives back: a user's mistake is a value and leaves everything as it was. */
export type Result<T = undefined> = { ok: true; value: T } | Failure

export const done: { ok: true; value: undefined } = { ok: true, value: undefined }
export const made = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
export const failed = (errno: Errno, message?: string): Failure =>
  message === undefined ? { ok: false, errno } : { ok: false, errno, message }
