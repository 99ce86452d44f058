/**
 * Replaces `$(NAME)` by what `valueOf` knows (API reference, "Container", command). A name that is not known stays as it
 * is; `$$` stands for one dollar sign, so `$$(NAME)` is the text `$(NAME)`.
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const next = text[i + 1];
    if (text[i] !== '$' || next === undefined) result += text[i];
    else if (next === '$') {
      result += '$';
      i++;
    } else if (next === '(') {
      const end = text.indexOf(')', i + 2);
      if (end < 0) {
        result += '$(';
        i++;
      } else {
        result += valueOf(text.slice(i + 2, end)) ?? text.slice(i, end + 1);
        i = end;
      }
    } else {
      result += `$${next}`;
      i++;
    }
  }
  return result;
}
