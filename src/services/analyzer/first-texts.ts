/** As many of the first texts as fit: what an analyzer reads is bounded, however much was written. */
import type { WrittenText } from '../../db/queries/material.ts';

/** @param bytesMax  of all of them together, as UTF-8 */
export function firstTexts(
  texts: readonly WrittenText[],
  bytesMax: number,
): readonly WrittenText[] {
  let bytes = 0;
  const over = texts.findIndex(({ text }) => (bytes += Buffer.byteLength(text)) > bytesMax);
  return over < 0 ? texts : texts.slice(0, over);
}
