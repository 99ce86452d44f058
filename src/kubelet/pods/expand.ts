/**
 * What the kernel takes as one variable or argument of a program (MAX_ARG_STRLEN), and as all of them (three quarters of
 * _STK_LIM). What is longer could not be started, so it is not made either: values that name each other twice double.
 */
const mostLetters = { ofOne: 128 * 1024, ofAll: 6 * 1024 * 1024 };

/** Throws, as the kernel would say it, where a program would get more than all that it can get. */
export function boundedLength(letters: number): number {
  if (letters > mostLetters.ofAll) throw tooLong();
  return letters;
}

function tooLong(): Error {
  return new Error('argument list too long');
}

/**
 * Replaces `$(NAME)` by what `valueOf` knows (API reference, "Container", command). A name that is not known stays as it
 * is; `$$` stands for one dollar sign, so `$$(NAME)` is the text `$(NAME)`. Throws where the result is longer than the kernel
 * takes.
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  const parts: string[] = [];
  let letters = 0;
  let mayClose = true;
  const add = (part: string): void => {
    if ((letters += part.length) > mostLetters.ofOne) throw tooLong();
    parts.push(part);
  };
  for (let at = 0; at < text.length;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || dollar + 1 === text.length) {
      add(text.slice(at));
      break;
    }
    add(text.slice(at, dollar));
    const next = text[dollar + 1];
    const end = next === '(' && mayClose ? text.indexOf(')', dollar + 2) : -1;
    // Where one does not close, none behind it does: each would be looked for to the end of the text.
    if (next === '(' && end < 0) mayClose = false;
    if (end >= 0) {
      add(valueOf(text.slice(dollar + 2, end)) ?? text.slice(dollar, end + 1));
      at = end + 1;
    } else {
      add(next === '$' ? '$' : `$${next}`);
      at = dollar + 2;
    }
  }
  return parts.join('');
}
