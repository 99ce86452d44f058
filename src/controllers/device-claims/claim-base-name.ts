/** Letters of a name with 63, without those that are drawn. */
const longest = 57;

/** What the name of a claim that is made for a pod begins with. Of long names each part is shortened in proportion. */
export function claimBaseName(pod: string, entry: string): string {
  const whole = `${pod}-${entry}-`;
  if (whole.length <= longest) return whole;
  return `${part(pod, whole)}-${part(entry, whole)}`;
}

function part(text: string, whole: string): string {
  return text.slice(0, Math.floor((text.length * longest) / whole.length));
}
