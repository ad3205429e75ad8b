/** Texts as vectors that are near where meanings are. Knows no cache and no domain word. */
export interface Embedder {
  /** Model and version: vectors of different ones are never compared. */
  readonly id: string;
  /** For people: the model, and who runs it (`local`, or an endpoint's host). */
  readonly model: string;
  readonly provider: string;
  readonly dimensions: number;
  /** Words that it reads; what a longer text says after them it does not see. */
  readonly wordsMax: number;
  /**
   * A vector of length 1 for each text.
   * @throws EmbedderError
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export type EmbedderErrorCode =
  /** As many texts wait as may. */
  | 'busy'
  | 'timeout'
  /** It died, or its endpoint fails. */
  | 'unavailable';

export class EmbedderError extends Error {
  override readonly name = 'EmbedderError';
  readonly code: EmbedderErrorCode;

  constructor(code: EmbedderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Of length 1; zero stays zero. */
export function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => value / length);
}
