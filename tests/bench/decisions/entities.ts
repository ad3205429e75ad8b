/** What an application would name as its own entities: the parts of a product and its teams. */
export const ENTITIES: ReadonlySet<string> = new Set(
  (
    'checkout login pricing profile search settings dashboard cart inbox onboarding signup homepage ' +
    'landing footer header sidebar navbar sales support marketing engineering finance legal design'
  ).split(' '),
);
