/**
 * Strong validators of single cached answers (RFC 9110, section 8.8): one per encoding, since the
 * bytes differ. The tag of the plain body is computed before compression, and gets the encoding's
 * name when it is known which one was chosen.
 */
import { hash } from 'node:crypto';
import type { OutgoingHttpHeader } from 'node:http';

/** SHA-256, as text. */
export function digestOf(body: string | Buffer): string {
  return hash('sha256', body, 'base64url');
}

export function entityTag(tag: string, encoding: string | undefined): string {
  return encoding === undefined || encoding === 'identity' ? `"${tag}"` : `"${tag}-${encoding}"`;
}

/** Whether `If-None-Match` names this tag; weak comparison, as the standard asks for. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  // As nearly every client sends it.
  if (header === etag) return true;
  if (header.trim() === '*') return true;
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}

/** The names of all lists, once each whatever their case; those of the first come first. */
export function mergeVary(...lists: (OutgoingHttpHeader | null | undefined)[]): string {
  const names = new Map<string, string>();
  for (const name of lists.flat().join(',').split(',')) {
    const trimmed = name.trim();
    if (trimmed && !names.has(trimmed.toLowerCase())) names.set(trimmed.toLowerCase(), trimmed);
  }
  return [...names.values()].join(', ');
}
