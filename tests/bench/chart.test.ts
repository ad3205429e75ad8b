import { expect, it } from 'vitest';
import { drawChart } from './chart.ts';

const row = (name: string, ratio: number | null) => ({ name, ratio, spread: 0, floor: 'floor' });
const options = { title: 'a < b & "c"', caption: 'this machine' };

it('a bar is as long as its ratio, the longest fills the width, and the floor is a line at 1', () => {
  const svg = drawChart([row('floor', 1), row('Greenroom', 0.5), row('fast', 2)], options);
  const widths = [...svg.matchAll(/<rect .*?width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([200, 100, 400]);
  const [from, floor] = [/<rect .*?x="([\d.]+)"/, /<line .*?x1="([\d.]+)"/].map((place) =>
    Number(place.exec(svg)?.[1]),
  );
  expect(floor! - from!).toBe(200);
  expect(svg.match(/class="bar ours"/g)).toHaveLength(1);
});

it('text is text, and both themes have their colours', () => {
  const svg = drawChart([row('<script>', 1)], options);
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('prefers-color-scheme: dark');
});

it('what is no ratio is left out, and nothing at all is refused', () => {
  expect(drawChart([row('a', 1), row('counted', null)], options)).not.toContain('counted');
  expect(() => drawChart([row('counted', null)], options)).toThrow('nothing');
});
