/** `padded`: the usual alphabet, and `=` to full groups of four. `url`: that of URLs, without `=`. */
export type Base64Form = 'padded' | 'url';

const alphabets: Readonly<Record<Base64Form, RegExp>> = { padded: /[A-Za-z0-9+/]/, url: /[\w-]/ };

/**
 * Where a text stops to be base64 for Go, in bytes of ASCII; `undefined` if it is. Line breaks do not count. What ends
 * within a group of four letters is wrong where the group begins.
 */
export function illegalBase64(text: string, form: Base64Form): number | undefined {
  const letters = alphabets[form];
  const isBreak = (at: number): boolean => text[at] === '\n' || text[at] === '\r';
  const afterBreaks = (at: number): number => {
    while (isBreak(at)) at++;
    return at;
  };
  let inGroup = 0;
  for (let at = 0; at < text.length; at++) {
    if (isBreak(at)) continue;
    if (letters.test(text[at]!)) {
      inGroup = (inGroup + 1) % 4;
      continue;
    }
    if (text[at] !== '=' || form === 'url' || inGroup < 2) return at;
    let end = at + 1;
    if (inGroup === 2) {
      end = afterBreaks(end);
      if (end === text.length) return end;
      if (text[end] !== '=') return at;
      end++;
    }
    end = afterBreaks(end);
    return end < text.length ? end : undefined;
  }
  const isWhole = inGroup === 0 || (form === 'url' && inGroup > 1);
  return isWhole ? undefined : text.length - inGroup;
}
