// Every scene of the demo is built and shown in a real browser: it renders, it moves, and it asks
// for nothing that is not there.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedScenes } from '../../src/db/seed/scenes.ts';
import { createBuilder } from '../../src/services/builder/index.ts';
import { PATIENCE_MS } from '../builder/builder-fixture.ts';
import { describeWith } from '../fixtures/requires.ts';
import { launchChromium } from './chromium.ts';
import { type PreviewServer, servePreviews } from './preview-server.ts';

/** A scene moves within a second; a busy machine takes pictures slowly. */
const MOVES_MS_MAX = 60_000;

describeWith(['chromium'], 'A seeded scene in Chromium', ({ chromium }) => {
  const scenes = seedScenes();
  let browser: Browser;
  let previews: PreviewServer;

  beforeAll(async () => {
    const builder = createBuilder({ transformMsMax: PATIENCE_MS });
    const codeByName = new Map<string, string>();
    for (const { name, tsxCode, props } of scenes) {
      const result = await builder.build({ name, tsxCode, props });
      if (!result.success) throw new Error(`${name}: ${JSON.stringify(result.errors)}`);
      codeByName.set(name, result.code);
    }
    await builder.close();
    previews = await servePreviews(codeByName);
    browser = await launchChromium(chromium);
  });

  afterAll(async () => {
    await browser?.close();
    await previews?.[Symbol.asyncDispose]();
  });

  it.each(scenes)('renders and moves: $project, $name', async ({ name }) => {
    await using page = await browser.newPage({ viewport: { width: 640, height: 360 } });
    const complaints = complaintsOf(page);
    await page.goto(previews.pageOf(name));
    await page.waitForSelector('#root svg, #root p, #root div');
    expect(complaints).toEqual([]);

    const first = await picture(page);
    const text = await page.locator('#root').evaluate((root) => root.textContent);
    expect(text).not.toBe('');
    expect(await page.locator('#root *').count()).toBeGreaterThan(20);
    // Not one frame repeated, and not one flat colour (such a picture takes 2 to 3 kB): a scene may
    // begin with one.
    await expect
      .poll(
        async () => {
          const next = await picture(page);
          return !first.equals(next) && next.byteLength > 6_000;
        },
        { timeout: MOVES_MS_MAX },
      )
      .toBe(true);

    expect(complaints).toEqual([]);
  });
});

/** Everything that a page has to complain about, as it comes in. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (!response.ok()) complaints.push(`${response.status()}: ${response.url()}`);
  });
  page.on('console', (message) => {
    const isNoise = message.type() === 'info' || message.type() === 'log';
    if (!isNoise) complaints.push(`${message.type()}: ${message.text()}`);
  });
  return complaints;
}

function picture(page: Page): Promise<Buffer> {
  return page.screenshot({ animations: 'allow' });
}
