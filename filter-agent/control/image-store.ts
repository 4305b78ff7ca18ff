/**
 * The last good rule image on disk, so that a start without network or lists filters within a second.
 *
 * Owns the two files `rules.image` and `rules.image.json` (what the image was made from) and what happens to a damaged
 * one. The record holds the image's checksum, so that a power cut between the two writes leaves an image without a
 * record, never one with another's. Leaves out making images (list-compiler.ts) and what stands in when there is none.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { HEADER_WORDS, Header, ImageError, type ImageErrorCode, openImage } from '../../policy-rules/trie/image.ts';
import { moveAside, readDurableJson, writeDurableBytes, writeDurableJson } from './durable-file.ts';

/** As ListFailure of compile-image.ts, the code perhaps of another version of the program. */
const StoredFailure = z.object({ id: z.string(), path: z.string(), code: z.string(), message: z.string() });
export type StoredFailure = z.infer<typeof StoredFailure>;

/** What an image was made from. */
export const ImageRecord = z.object({
  /** The image's own checksum. */
  checksum: z.int(),
  fingerprint: z.string(),
  /** The ids of lists that are in it as a whole. */
  lists: z.array(z.string()),
  /** Lists that should be in it and are not, with the words for the alert. */
  failures: z.array(StoredFailure),
  /** The last inputs that gave no better image, so that they are not compiled again and again. */
  refused: z.optional(z.object({ fingerprint: z.string(), failures: z.array(StoredFailure) })),
});
export type ImageRecord = z.infer<typeof ImageRecord>;

export type LoadedImage =
  | {
      readonly state: 'loaded';
      /** Verified; nothing else refers to it. */
      readonly image: SharedArrayBuffer;
      /** Null when it is not known what the image was made from: it filters, and is to be compiled anew. */
      readonly record: ImageRecord | null;
    }
  | { readonly state: 'absent' }
  /** Of another version of this program. It stays where it is, since the next compilation replaces it. */
  | { readonly state: 'outdated'; readonly reason: string }
  | {
      readonly state: 'damaged';
      readonly code: ImageErrorCode | 'unreadable' | 'too-large';
      readonly reason: string;
      /** `rules.image.damaged`, or null when the file could not be moved. */
      readonly movedTo: string | null;
    };

/** Ten times the image of two million names: what claims to be larger is no image, and must not fill the memory. */
const MAX_IMAGE_BYTES = 1 << 30;
/** Read at once: on one core, and a kernel that does not preempt itself, who wakes meanwhile waits for all of it. */
const READ_BYTES = 1 << 20;

export function imagePathIn(stateDir: string): string {
  return join(stateDir, 'rules.image');
}

/** Reads the image straight into shared memory, and verifies every byte. */
export async function loadImage(stateDir: string): Promise<LoadedImage> {
  const path = imagePathIn(stateDir);
  let image: SharedArrayBuffer;
  try {
    const read = await readShared(path);
    if (read === undefined) return damaged(path, 'too-large', `expected at most ${MAX_IMAGE_BYTES} bytes`);
    image = read;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { state: 'absent' };
    // Not readable is not damaged: a wrong owner is mended by hand, and moving the file would hide the mistake.
    const reason = `cannot read ${path}: ${messageOf(cause)}; make it readable for the box's user`;
    return { state: 'damaged', code: 'unreadable', reason, movedTo: null };
  }
  try {
    openImage(image);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    if (cause.code === 'wrong-version') return { state: 'outdated', reason: `${path}: ${cause.message}` };
    return damaged(path, cause.code, cause.message);
  }
  return { state: 'loaded', image, record: await readRecord(path, checksumOf(image)) };
}

/** Replaces the image and its record. When it resolves, both survive a power cut. */
export async function saveImage(
  path: string,
  image: ArrayBuffer,
  record: Omit<ImageRecord, 'checksum'>,
): Promise<void> {
  await writeDurableBytes(path, new Uint8Array(image));
  await saveImageRecord(path, { checksum: checksumOf(image), ...record });
}

/** Replaces the record alone. */
export function saveImageRecord(path: string, record: ImageRecord): Promise<void> {
  return writeDurableJson(`${path}.json`, record);
}

/** The record of the image that lies at `path` now, from its header alone; null when there is none that fits. */
export async function readImageRecord(path: string): Promise<ImageRecord | null> {
  const header = new Uint32Array(HEADER_WORDS);
  try {
    const file = await open(path);
    try {
      const { bytesRead } = await file.read(header, 0, header.byteLength, 0);
      if (bytesRead < header.byteLength) return null;
    } finally {
      await file.close();
    }
  } catch {
    // Whatever stands in the way, the image will be made anew, and the write then says what is wrong.
    return null;
  }
  return readRecord(path, header[Header.CHECKSUM]!);
}

async function readRecord(imagePath: string, checksum: number): Promise<ImageRecord | null> {
  const read = await readDurableJson(`${imagePath}.json`, (value) => ImageRecord.parse(value));
  return read.state === 'read' && read.value.checksum === checksum ? read.value : null;
}

async function readShared(path: string): Promise<SharedArrayBuffer | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_IMAGE_BYTES) return undefined;
    const image = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(image);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(READ_BYTES, size - at), at);
      // Cut while it was read; the zeros that remain fail the checksum.
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return image;
  } finally {
    await file.close();
  }
}

async function damaged(path: string, code: ImageErrorCode | 'too-large', why: string): Promise<LoadedImage> {
  return { state: 'damaged', code, reason: `${path}: ${why}`, movedTo: await moveAside(path) };
}

/** As the image itself says: two images with the same one are the same. */
export function checksumOf(image: ArrayBuffer | SharedArrayBuffer): number {
  return new Uint32Array(image, 0, HEADER_WORDS)[Header.CHECKSUM]!;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
