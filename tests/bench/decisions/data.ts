/** The stream to replay: JSON lines, plain or .gz; one prompt a line with its set and its label. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

export interface Prompt {
  readonly text: string;
  /** Two prompts may share an answer if and only if their labels are equal. */
  readonly label: string;
}

export interface PromptSet {
  readonly set: string;
  readonly prompts: readonly Prompt[];
}

const line = z.looseObject({ set: z.string(), text: z.string(), label: z.string() });

export async function readPromptSets(file: string): Promise<PromptSet[]> {
  const bytes = await readFile(file);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const lines = (zipped ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
  const sets = new Map<string, Prompt[]>();
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const prompt = line.safeParse(parse(text));
    if (!prompt.success) {
      throw new Error(`${file}:${index + 1} is no JSON object with the texts set, text and label`);
    }
    const { set, ...rest } = prompt.data;
    sets.set(set, [...(sets.get(set) ?? []), rest]);
  }
  return Array.from(sets, ([set, prompts]) => ({ set, prompts }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The labels dealt out anew: what remains of the savings then was no understanding. */
export function shuffleLabels({ set, prompts }: PromptSet, random: () => number): PromptSet {
  const order = shuffled(prompts.length, random);
  return {
    set,
    prompts: prompts.map(({ text }, index) => ({
      text,
      label: (prompts[order[index] as number] as Prompt).label,
    })),
  };
}

/** 0 to count − 1 in a random order (Fisher and Yates). */
export function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}

/** mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
