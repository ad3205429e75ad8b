/** Colours that people name, as CSS writes them. Names are those of the CSS Color Module, level 4. */
const BY_NAME: Readonly<Record<string, string>> = {
  red: '#ff0000',
  green: '#008000',
  blue: '#0000ff',
  yellow: '#ffff00',
  orange: '#ffa500',
  purple: '#800080',
  pink: '#ffc0cb',
  black: '#000000',
  white: '#ffffff',
  grey: '#808080',
  gray: '#808080',
  brown: '#a52a2a',
  cyan: '#00ffff',
  magenta: '#ff00ff',
  teal: '#008080',
  navy: '#000080',
  gold: '#ffd700',
  silver: '#c0c0c0',
  turquoise: '#40e0d0',
  violet: '#ee82ee',
  crimson: '#dc143c',
  coral: '#ff7f50',
  salmon: '#fa8072',
  indigo: '#4b0082',
  lavender: '#e6e6fa',
  lime: '#00ff00',
  maroon: '#800000',
  olive: '#808000',
  beige: '#f5f5dc',
};

/** Alternatives for a regular expression: a name that we know, or hexadecimal. */
export const COLOUR_WORDS = `#[0-9a-f]{6}|#[0-9a-f]{3}|${Object.keys(BY_NAME).join('|')}`;

/** Scenes compute with their colours, so they get hexadecimal where the name is known. */
export function cssColour(colour: string): string {
  return BY_NAME[colour] ?? colour;
}

export function isColour(value: unknown): value is string {
  return typeof value === 'string' && (/^#[0-9a-f]{3,8}$/i.test(value) || value in BY_NAME);
}
