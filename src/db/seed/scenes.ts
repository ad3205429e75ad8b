// The demo's projects and scenes. The TSX lies in scenes/ as files of its own, so that it is
// formatted and type-checked like any code; it is stored and built as text and never imported here.

import { readFileSync } from 'node:fs';
import { SECOND } from '../../config/duration.ts';

export interface SeedScene {
  project: string;
  name: string;
  type: string;
  props: Record<string, unknown>;
  durationMs: number;
  /** In scenes/, beside this module. */
  file: string;
  tsxCode: string;
}

const AURORA = 'Aurora product launch';
const NIGHT = 'Night sky documentary';

/** In the order of the film, project by project. Props left out have defaults in the scene. */
const SCENES: readonly Omit<SeedScene, 'tsxCode'>[] = [
  scene(AURORA, 'Opening', 'title', 6, 'aurora-opening', {
    product: 'Aurora',
    tagline: 'The lamp that knows what time it is',
    edition: 'Product launch 2026',
  }),
  scene(AURORA, 'Lamp reveal', 'product', 9, 'aurora-lamp-reveal', {
    headline: 'One ring.\nEvery hour of light.',
    light: ['#ffb86b', '#f4f8ff', '#ff7a4d'],
  }),
  scene(AURORA, 'Daylight curve', 'chart', 8, 'aurora-daylight-curve', {
    title: 'It follows the sun, minute by minute',
  }),
  scene(AURORA, 'Features', 'features', 7, 'aurora-feature-cards', {
    heading: 'Made for the way you live',
    accent: '#2fe0a2',
  }),
  scene(AURORA, 'Customer voice', 'quote', 8, 'aurora-testimonial', {
    author: 'Maren Lindqvist',
    role: 'Nurse, night shift, Tromsø',
  }),
  scene(AURORA, 'First hundred days', 'chart', 7, 'aurora-sales-pulse', {
    heading: 'The first hundred days',
    colours: ['#ffd166', '#ef476f'],
  }),
  scene(AURORA, 'Countdown', 'call-to-action', 6, 'aurora-countdown', {
    lead: 'Orders open in',
    fromS: 12308,
    price: '€ 189',
  }),
  scene(NIGHT, 'Title', 'title', 8, 'night-title', {
    title: 'Night Sky',
    subtitle: 'A journey through the dark',
    skySeed: 7,
  }),
  scene(NIGHT, 'Star trails', 'visual', 9, 'night-star-trails', {
    caption: 'Two hours, one frame',
    turnDeg: 34,
  }),
  scene(NIGHT, 'Orion', 'diagram', 10, 'night-constellation', { name: 'Orion' }),
  scene(NIGHT, 'Moon phases', 'diagram', 12, 'night-moon-phases', { monthS: 12 }),
  scene(NIGHT, 'Perseids', 'visual', 6, 'night-meteor-shower', {
    name: 'The Perseids',
    meteors: 16,
  }),
  scene(NIGHT, 'Two skies', 'comparison', 8, 'night-light-pollution', {
    left: 'City centre',
    right: 'Dark reserve',
    visible: { city: 35, dark: 4500 },
  }),
  scene(NIGHT, 'Planets', 'diagram', 10, 'night-orrery', { yearS: 5 }),
];

/** All scenes, project by project, with their code read from disk. */
export function seedScenes(): SeedScene[] {
  return SCENES.map((each) => ({
    ...each,
    tsxCode: readFileSync(new URL(`./scenes/${each.file}`, import.meta.url), 'utf8'),
  }));
}

function scene(
  ...[project, name, type, durationS, file, props]: [
    project: string,
    name: string,
    type: string,
    durationS: number,
    file: string,
    props: Record<string, unknown>,
  ]
): Omit<SeedScene, 'tsxCode'> {
  return { project, name, type, props, durationMs: durationS * SECOND, file: `${file}.tsx` };
}
