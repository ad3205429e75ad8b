// What a decided edit of text, colour or number does is seen: the scene before and after it, built and
// shown in a real browser. Durations, names and types of scenes are not rendered by their components.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scene } from '../../src/db/queries/scenes.ts';
import { editedCode, resolve } from '../../src/services/brain/index.ts';
import { cssColour } from '../../src/services/brain/colours.ts';
import type { Action, Change } from '../../src/services/brain/intent.ts';
import { createBuilder } from '../../src/services/builder/index.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { LABELLED } from '../brain/prompts.ts';
import { scenesOf } from '../brain/seeded.ts';
import { describeWith } from '../fixtures/requires.ts';
import { launchChromium } from './chromium.ts';
import { type PreviewServer, servePreviews } from './preview-server.ts';

type Visible = Extract<Change, { kind: 'text' | 'replace' | 'colour' | 'number' }>;

const isVisible = (change: Change): change is Visible =>
  ['text', 'replace', 'colour', 'number'].includes(change.kind);

const EDITS = LABELLED.flatMap(([project, prompt, action]) => {
  const change = visibleChange(action);
  return change ? [{ project, prompt, action, change }] : [];
});

function visibleChange(action: Action): Visible | undefined {
  return action.operation === 'edit' ? action.changes.find(isVisible) : undefined;
}

interface Shown {
  readonly text: string;
  /** Every colour of every element, as the browser computed it. */
  readonly colours: string;
  readonly elements: number;
}

describeWith(['chromium'], 'A decided edit in Chromium', ({ chromium }) => {
  let browser: Browser;
  let previews: PreviewServer;

  beforeAll(async () => {
    const builder = createBuilder({ transformMsMax: PATIENCE_MS });
    const codeByName = new Map<string, string>();
    const build = async (key: string, { name, tsxCode, props }: Scene) => {
      const result = await builder.build({ name, tsxCode, props });
      if (!result.success) throw new Error(`${key}: ${JSON.stringify(result.errors)}`);
      codeByName.set(key, result.code);
    };
    for (const { project, prompt, action } of EDITS) {
      const scenes = scenesOf(project);
      const { proposal } = resolve({ action }, scenes);
      if (proposal.operation !== 'edit') throw new Error(`${prompt}: ${JSON.stringify(proposal)}`);
      const [edit] = proposal.edits;
      const scene = scenes.find(({ id }) => id === edit?.sceneId);
      if (!edit || !scene) throw new Error(`${prompt}: about no scene`);
      await build(`${prompt} before`, scene);
      await build(`${prompt} after`, {
        ...scene,
        props: { ...scene.props, ...edit.props },
        tsxCode: editedCode(scene.tsxCode, edit),
      });
    }
    await builder.close();
    previews = await servePreviews(codeByName);
    browser = await launchChromium(chromium);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await previews?.[Symbol.asyncDispose]();
  });

  async function show(key: string): Promise<Shown> {
    await using page = await browser.newPage({ viewport: { width: 640, height: 360 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(previews.pageOf(key));
    await page.waitForSelector('#root svg, #root p, #root div');
    const shown = await page.locator('#root').evaluate((root) => {
      const elements = [...root.querySelectorAll('*')];
      const properties = ['color', 'backgroundColor', 'backgroundImage', 'fill', 'stroke'] as const;
      const more = ['stopColor', 'borderTopColor', 'boxShadow', 'filter'] as const;
      const colours = elements.map((element) => {
        const style = getComputedStyle(element);
        return [...properties, ...more].map((property) => style[property]).join(' ');
      });
      return {
        text: root.textContent ?? '',
        colours: colours.join('\n'),
        elements: elements.length,
      };
    });
    expect(errors).toEqual([]);
    return shown;
  }

  it('is of at least 20 prompts', () => {
    expect(EDITS.length).toBeGreaterThanOrEqual(20);
  });

  it.each(EDITS)('shows what was asked for: $project, $prompt', async ({ prompt, change }) => {
    const before = await show(`${prompt} before`);
    const after = await show(`${prompt} after`);
    switch (change.kind) {
      case 'text':
        expect(plain(after.text)).toContain(plain(change.text));
        expect(plain(before.text)).not.toContain(plain(change.text));
        break;
      case 'replace':
        expect(plain(after.text)).toContain(plain(change.to));
        expect(plain(after.text)).not.toContain(plain(change.from));
        break;
      case 'colour': {
        const channels = channelsOf(change.colour);
        expect(after.colours).toContain(channels);
        expect(after.colours.split(channels).length).toBeGreaterThan(
          before.colours.split(channels).length,
        );
        break;
      }
      case 'number':
        expect(after.elements).not.toBe(before.elements);
    }
  });
});

/** Scenes set letters and words apart, to move them. */
const plain = (text: string) => text.replaceAll(/\s+/g, '').toLowerCase();

/** `#008080` as computed styles write it: `0, 128, 128`. */
function channelsOf(colour: string): string {
  const digits = /^#([0-9a-f]{6})$/.exec(cssColour(colour))?.[1] ?? '';
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).join(', ');
}
