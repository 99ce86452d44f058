/**
 * The bytes of a text in base64 with padding, in the alphabet of URLs (with `-` and `_`) or the standard one;
 * `undefined` where it is none. Lines may be broken.
 */
export function decodeBase64(text: string, alphabet: 'standard' | 'url'): Uint8Array | undefined {
  const letters = text.replace(/[\r\n]/g, '');
  const form = alphabet === 'url' ? /^[\w-]*={0,2}$/ : /^[A-Za-z0-9+/]*={0,2}$/;
  if (letters.length % 4 !== 0 || !form.test(letters)) return undefined;
  const standard = alphabet === 'url' ? letters.replace(/-/g, '+').replace(/_/g, '/') : letters;
  const binary = atob(standard);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
