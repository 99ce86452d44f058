const mostLines = 80;
const mostBytes = 2048;

/** The end of a container's output, from the end of its log in the CRI format: 80 lines or 2048 bytes of it at most. */
export function messageFromLog(log: string): string {
  const whole = log.split('\n').flatMap((line) => {
    // <time> stdout|stderr F|P <text>; P: the line goes on in the next entry.
    const entry = /^\S+ std(?:out|err) (\S+) (.*)$/.exec(line);
    return entry === null ? [] : [entry[1]!.startsWith('P') ? entry[2]! : `${entry[2]!}\n`];
  });
  const text = whole
    .join('')
    .split(/(?<=\n)/)
    .slice(-mostLines)
    .join('');
  const bytes = Buffer.from(text);
  return bytes.length <= mostBytes ? text : bytes.subarray(bytes.length - mostBytes).toString();
}
