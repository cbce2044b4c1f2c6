/** The errors a system call can give here, by their C names; the texts are those of glibc's strerror(3). */
export const errnoTexts = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  ESRCH: 'No such process',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  ECHILD: 'No child processes',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EPIPE: 'Broken pipe',
  ENAMETOOLONG: 'File name too long',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
} as const
export type Errno = keyof typeof errnoTexts

/** What a system call answers: a value, or the reason why not. */
export type Answer<T> = { ok: true; value: T } | { ok: false; errno: Errno }

export const yes = <T>(value: T): Answer<T> => ({ ok: true, value })
export const no = (errno: Errno): { ok: false; errno: Errno } => ({ ok: false, errno })

/** `No such file or directory` for `ENOENT`. */
export const strerror = (errno: Errno): string => errnoTexts[errno]
