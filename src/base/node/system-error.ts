/** What went wrong, by the system's codes. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'you have no right to; run the command as root, for example with sudo',
  EPERM: 'you have no right to; run the command as root, for example with sudo',
  ENOSPC: 'the disk is full',
  EDQUOT: 'no more of the disk may be used',
  EROFS: 'the disk cannot be written to',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EMFILE: 'too many files are open (see "ulimit -n")',
  ENFILE: 'too many files are open on this machine',
  ECONNREFUSED: 'nobody answers',
};

/** What was tried, by the system calls that Node tells of. */
const attempts: Readonly<Record<string, string>> = {
  scandir: 'look into',
  mkdir: 'make',
  unlink: 'remove',
  rmdir: 'remove',
  rm: 'remove',
  stat: 'look at',
  lstat: 'look at',
  copyfile: 'copy',
  connect: 'connect to',
};

/** Why something could not be done, without code and system call where the system says so; otherwise the error's message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined ? reasons[code] : undefined) ?? message ?? String(error);
}

/** As a whole sentence: what could not be done with which file, and why. Messages of other errors are left as they are. */
export function errorSentence(error: unknown): string {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  const reason = code !== undefined ? reasons[code] : undefined;
  if (reason === undefined || syscall === undefined) return message ?? String(error);
  const what = path === undefined ? '' : ` "${path}"`;
  return `Cannot ${attempts[syscall] ?? syscall}${what}: ${reason}`;
}
