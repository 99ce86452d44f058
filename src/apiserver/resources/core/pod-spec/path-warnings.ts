import type { Volume, VolumeProjection } from '../../../../api/core/v1/types.ts';
import { shortened } from '../../../../apimachinery/go-text.ts';

/** A file that a volume has, and what it is from where the volume has several sources. */
interface Placed {
  readonly path: string;
  readonly source: string;
}

/** Whoever asks is shown 4 KiB of warnings, which are fewer than these. */
const mostPerVolume = 100;
/** Letters of a path. */
const longestShown = 1024;

/** Files of one volume that stand at the same path, or where another has a folder. */
export function addPathWarnings(texts: string[], { name, configMap, secret, downwardAPI, projected }: Volume): void {
  const shown = JSON.stringify(name ?? '');
  if (configMap?.items !== undefined)
    addOverlaps(texts, placed(configMap.items), `${shown} (ConfigMap ${JSON.stringify(configMap.name ?? '')})`);
  if (secret?.items !== undefined)
    addOverlaps(texts, placed(secret.items), `${shown} (Secret ${JSON.stringify(secret.secretName ?? '')})`);
  if (downwardAPI?.items !== undefined) addOverlaps(texts, placed(downwardAPI.items), `${shown} (DownwardAPI)`);
  // A list that is always shown is null where nobody has set it.
  const sources = projected?.sources ?? [];
  for (const source of sources)
    if (Object.keys(source).length === 0) texts.push(`volume ${shown} (Projected) has no sources provided`);
  addOverlaps(texts, sources.flatMap(placedBy), `${shown} (Projected)`);
}

function placedBy({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): Placed[] {
  if (configMap?.items !== undefined)
    return placed(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items !== undefined) return placed(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items !== undefined) return placed(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken === undefined ? [] : placed([serviceAccountToken], 'ServiceAccountToken');
}

function placed(items: readonly { readonly path?: string }[], source = ''): Placed[] {
  return items.map(({ path = '' }) => ({ path: withoutSlashes(path), source }));
}

/** Without those at the end. A pattern would look from each slash of a long row of them anew. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(0, end);
}

interface Folder {
  readonly parts: Map<string, Folder>;
  /** Which files are it, and which are it or stand in it, by their places in the list. */
  readonly here: number[];
  readonly within: number[];
}

/** So few files are compared each with each before anything is made of them: every pod has a volume of three. */
const fewFiles = 4;

function overlap({ path: a }: Placed, { path: b }: Placed): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && (long.length === short.length || long[short.length] === '/');
}

/** Walks each path once, so that thousands of files of one volume are not compared each with each. */
function addOverlaps(texts: string[], files: readonly Placed[], volume: string): void {
  if (files.length < 2) return;
  if (files.length <= fewFiles && !files.some((file, i) => files.some((other, j) => j < i && overlap(file, other))))
    return;
  const root = newFolder();
  const end = texts.length + mostPerVolume;
  files.forEach((file, i) => {
    if (file.path === '' || texts.length >= end) return;
    const way = wayTo(root, file.path);
    const folder = way.pop()!;
    const others = [...way.flatMap(({ here }) => here), ...folder.within].sort((a, b) => a - b);
    for (const other of others.slice(0, end - texts.length))
      texts.push(`volume ${volume}: overlapping paths: ${textOf(file)} with ${textOf(files[other]!)}`);
    folder.here.push(i);
    for (const one of [...way, folder]) one.within.push(i);
  });
}

function newFolder(): Folder {
  return { parts: new Map(), here: [], within: [] };
}

/** The folders of a path from the top, the last of which is the path itself. */
function wayTo(root: Folder, path: string): Folder[] {
  let folder = root;
  return path.split('/').map((part) => {
    let next = folder.parts.get(part);
    if (next === undefined) folder.parts.set(part, (next = newFolder()));
    return (folder = next);
  });
}

function textOf({ path, source }: Placed): string {
  const shown = JSON.stringify(shortened(path, longestShown));
  return source === '' ? shown : `${shown} (${source})`;
}
