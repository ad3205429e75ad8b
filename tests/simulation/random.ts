/**
 * The only source of chance in the simulation: sfc32 seeded by splitmix32, so that one seed (0 to
 * 2^53 - 1) is one schedule on every machine.
 */

export interface Random {
  /** 0 <= x < 1 */
  next(): number;
  /** Integer, 0 <= n < below. */
  below(below: number): number;
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  /** Exponential with this mean: mostly short, sometimes long. */
  around(mean: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let mix = (seed % 0x1_0000_0000) ^ (Math.floor(seed / 0x1_0000_0000) * 0x9e37_79b9);
  const splitmix = (): number => {
    mix = (mix + 0x9e37_79b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0_aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a_2d97);
    return z ^ (z >>> 15);
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i += 1) next();
  return {
    next,
    below: (below) => Math.floor(next() * below),
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => next() < probability,
    around: (mean) => -Math.log(1 - next()) * mean,
    pick: (items) => items[Math.floor(next() * items.length)]!,
  };
}
