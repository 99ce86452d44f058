import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { HtmlUrls } from './html-urls.ts';

/** What becomes of the parts of a document when each URL that begins with `/` gets `/P` before it. */
async function rewritten(...parts: (string | Buffer)[]): Promise<string> {
  const urls = new HtmlUrls((url) => (url.startsWith('/') ? `/P${url}` : url));
  const all = text(urls);
  for (const part of parts) urls.write(part);
  urls.end();
  return all;
}

const rows: Record<string, string> = {
  '<a href="/rewriteme">test</a>': '<a href="/P/rewriteme">test</a>',
  "<a href='/x' title='/y'>": `<a href="/P/x" title='/y'>`,
  '<A HREF=/x>': '<A HREF="/P/x">',
  '<a\n  href = "/x"\n>': '<a\n  href = "/P/x"\n>',
  '<img src="/a.png" alt=/b longdesc=/c/>': '<img src="/P/a.png" alt=/b longdesc="/P/c/">',
  '<link rel=stylesheet href=/s.css><script src="/s.js"></script>':
    '<link rel=stylesheet href="/P/s.css"><script src="/P/s.js"></script>',
  '<form action="/go"><button formaction="/b"><input src=/i formaction=/f>':
    '<form action="/P/go"><button formaction="/P/b"><input src="/P/i" formaction="/P/f">',
  '<object data="/d" codebase="/c"><video poster=/p src=/v><source src=/s>':
    '<object data="/P/d" codebase="/P/c"><video poster="/P/p" src="/P/v"><source src="/P/s">',
  '<a href="x">, <a href="http://elsewhere/x">, <a href="#x">':
    '<a href="x">, <a href="http://elsewhere/x">, <a href="#x">',
  '<a href="/?a=1&amp;b=2&#39;">': `<a href="/P/?a=1&amp;b=2'">`,
  '<a href="/ä">ä</a>': '<a href="/P/ä">ä</a>',
  '<p data="/x" src="/y">1 < 2 && /z</p>': '<p data="/x" src="/y">1 < 2 && /z</p>',
  '<!-- <a href="/x"> --><a href="/y">': '<!-- <a href="/x"> --><a href="/P/y">',
  '<!--><a href="/y">': '<!--><a href="/P/y">',
  '<!doctype html><html manifest="/m"><?x <a href="/n">': '<!doctype html><html manifest="/P/m"><?x <a href="/n">',
  '<script>"<a href=\\"/x\\">"</script><a href="/y">': '<script>"<a href=\\"/x\\">"</script><a href="/P/y">',
  '<style>a</styles><a href="/x"></style><a href="/y">': '<style>a</styles><a href="/x"></style><a href="/P/y">',
  '<title><a href="/x"></TITLE ><a href="/y">': '<title><a href="/x"></TITLE ><a href="/P/y">',
  '<a title="> <b" href="/x">': '<a title="> <b" href="/P/x">',
  '<a =href="/x" href="/y" href>': '<a =href="/x" href="/P/y" href>',
  '<a href=><b>': '<a href=><b>',
  '<a href="/x': '<a href="/x',
  '<': '<',
  '<!-': '<!-',
  '<a href="/x"/><3 </': '<a href="/P/x"/><3 </',
  '': '',
};
for (const [document, want] of Object.entries(rows)) {
  test(`of ${JSON.stringify(document)} the URLs are changed`, async () => {
    assert.equal(await rewritten(document), want);
    assert.equal(
      await rewritten(
        ...Buffer.from(document)
          .toJSON()
          .data.map((byte) => Buffer.of(byte)),
      ),
      want,
      'in bytes',
    );
  });
}

test('bytes that are no UTF-8 pass as they are', async () => {
  const bytes = Buffer.from([0xff, 0x3c, 0x70, 0x3e, 0xc3, 0x80, 0xfe]);
  const urls = new HtmlUrls((url) => url);
  urls.end(bytes);
  assert.deepEqual(Buffer.concat(await urls.toArray()), bytes);
});

test('however a document is cut, and whatever it is, the outcome is one; without URLs that change it is the document', async () => {
  const piece = fc.constantFrom(
    ...'<>/!-="\' \nax',
    '<a href=',
    '"/x"',
    '<script',
    '</script>',
    '<!--',
    '-->',
    'ä',
    '&amp;',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.array(fc.nat(40), { maxLength: 6 }),
      async (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        assert.equal(await rewritten(...parts), await rewritten(bytes));
        const same = new HtmlUrls((url) => url);
        same.end(bytes);
        assert.equal(await text(same), bytes.toString());
      },
    ),
    { numRuns: 300 },
  );
});

for (const [what, beginning, end] of [
  ['a tag', '<a href="', '">'],
  ['a comment', '<!-- ', '-->'],
] as const)
  test(`${what} that is too long to be held back passes as it is, and what follows is changed`, async () => {
    const long = beginning + 'x'.repeat(300_000);
    const parts = Array.from({ length: long.length / 100 }, (_, index) => long.slice(index * 100, (index + 1) * 100));
    const urls = new HtmlUrls((url) => `/P${url}`);
    let held = 0;
    let came = 0;
    urls.on('data', (part: Buffer) => (came += part.length));
    let sent = 0;
    for (const part of parts) {
      await new Promise((resolve) => urls.write(part, resolve));
      sent += part.length;
      held = Math.max(held, sent - came);
    }
    assert.ok(held < 100_000, `${held} bytes were held back`);
    const rest = text(urls);
    urls.end(`${end}<a href="/y">`);
    assert.match(await rest, new RegExp(`${end}<a href="/P/y">$`));
  });
