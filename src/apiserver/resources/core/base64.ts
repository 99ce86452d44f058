/** How many bytes a base64 text stands for. */
export function base64Length(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

export function base64Of(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function textOfBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
