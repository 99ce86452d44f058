/** Who a program is: a certificate and its key, PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Both in one text, so that a file of it is replaced as a whole. */
export function identityText({ certificate, key }: Identity): string {
  return [certificate, key].map((pem) => `${pem.trim()}\n`).join('');
}

/** What {@link identityText} made. Throws when the text holds no certificate or no key. */
export function parseIdentity(text: string): Identity {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----\n?/g)];
  const ofType = (type: string): string => {
    const pems = blocks.flatMap(([pem, of]) => (of!.endsWith(type) ? [pem] : []));
    if (pems.length === 0) throw new Error(`Cannot read an identity: there is no ${type} in it`);
    return pems.join('');
  };
  return { certificate: ofType('CERTIFICATE'), key: ofType('PRIVATE KEY') };
}
