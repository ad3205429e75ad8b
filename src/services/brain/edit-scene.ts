/** One scene's changes, made parametrically: props where there are any, else one literal of the code. */
import type { Scene } from '../../db/queries/scenes.ts';
import { cssColour } from './colours.ts';
import { DURATION_MS_MAX, type Change } from './intent.ts';
import type { SceneEdit } from './proposal.ts';
import type { SceneCode } from './rewrite.ts';
import { findColour, findNumber, findText, textsWith, valuesOf } from './scene-values.ts';

/** A change that cannot be made, in words for the person who asked. */
export class CannotError extends Error {
  override readonly name = 'CannotError';
}

/** It takes new code, which only a model can write. */
export class NeedsCodeError extends CannotError {}

type Edit = { -readonly [Name in keyof SceneEdit]: SceneEdit[Name] };

/**
 * @param written  new code for this scene, which does what cannot be done without
 * @throws CannotError; NeedsCodeError where new code would help
 */
export function editScene(
  scene: Scene,
  changes: readonly Change[],
  written?: Pick<SceneCode, 'tsxCode'>,
): SceneEdit {
  const edit: Edit = { sceneId: scene.id, version: scene.version };
  for (const change of changes) {
    try {
      apply(edit, scene, change);
    } catch (error) {
      if (!written || !(error instanceof NeedsCodeError)) throw error;
      edit.tsxCode = written.tsxCode;
    }
  }
  // Written for the whole wish, it has what single literals would have been changed to.
  if (edit.tsxCode !== undefined) delete edit.code;
  return edit;
}

function apply(edit: Edit, scene: Scene, change: Change): void {
  const { durationMs = scene.durationMs } = edit;
  switch (change.kind) {
    case 'rename':
      edit.name = change.name;
      break;
    case 'type':
      edit.type = change.type;
      break;
    case 'duration':
      edit.durationMs = change.ms;
      break;
    case 'longer':
      edit.durationMs = possible(scene, durationMs + change.byMs);
      break;
    case 'stretch':
      edit.durationMs = possible(scene, Math.round(durationMs * change.factor));
      break;
    case 'colour':
      setColour(edit, scene, change);
      break;
    case 'text':
      setProp(
        edit,
        findText(valuesOf(scene), change.of) ?? missing(scene, change.of ?? 'text'),
        change.text,
      );
      break;
    case 'number':
      setProp(
        edit,
        findNumber(valuesOf(scene), change.of) ?? missing(scene, change.of),
        change.value,
      );
      break;
    case 'replace':
      replaceText(edit, scene, change);
      break;
    case 'code':
      throw new NeedsCodeError(`“${change.wish}” takes new code, which nobody here can write`);
  }
}

function possible(scene: Scene, durationMs: number): number {
  if (durationMs >= 1 && durationMs <= DURATION_MS_MAX) return durationMs;
  throw new CannotError(
    `“${scene.name}” lasts ${scene.durationMs} ms and cannot last ${durationMs} ms`,
  );
}

function setProp(edit: Edit, name: string, value: unknown): void {
  edit.props = { ...edit.props, [name]: value };
}

function missing(scene: Scene, what: string): never {
  const names = [...valuesOf(scene).keys()].join(', ') || 'none';
  throw new NeedsCodeError(
    `“${scene.name}” has no ${what} that can be set; its props are: ${names}`,
  );
}

const BACKGROUND = /background(?:Color)?: '#[0-9a-fA-F]{3,8}'/g;

function setColour(edit: Edit, scene: Scene, change: Extract<Change, { kind: 'colour' }>): void {
  const values = valuesOf(scene);
  const colour = cssColour(change.colour);
  const prop = findColour(values, change.of);
  if (prop !== undefined) {
    const old = values.get(prop);
    // Of several colours, the first.
    setProp(edit, prop, Array.isArray(old) ? [colour, ...(old.slice(1) as unknown[])] : colour);
    return;
  }
  const literals = scene.tsxCode.match(BACKGROUND) ?? [];
  const [find] = literals;
  const meant = change.of === null || change.of === 'background';
  if (!meant || find === undefined || literals.length > 1) {
    missing(scene, change.of === null ? 'colour' : `colour ${change.of}`);
  }
  edit.code = [...(edit.code ?? []), { find, replace: find.replace(/#\w+/, () => colour) }];
}

/** Of text between tags or quotes: nothing that could end either. */
const HARMLESS = /^[^<>{}'"`\\\n]*$/;

function replaceText(edit: Edit, scene: Scene, change: Extract<Change, { kind: 'replace' }>): void {
  const { from, to } = change;
  const values = valuesOf(scene);
  const props = textsWith(values, from);
  for (const name of props)
    setProp(
      edit,
      name,
      String(values.get(name)).replaceAll(from, () => to),
    );
  if (props.length > 0) return;
  const once = scene.tsxCode.split(from).length === 2;
  if (!once || !HARMLESS.test(from) || !HARMLESS.test(to)) {
    throw new NeedsCodeError(`“${from}” is no text of “${scene.name}” that can be replaced`);
  }
  edit.code = [...(edit.code ?? []), { find: from, replace: to }];
}

/** The code that the edit makes of the scene's. */
export function editedCode(tsxCode: string, { code = [] }: Pick<SceneEdit, 'code'>): string {
  return code.reduce((text, { find, replace }) => text.replace(find, () => replace), tsxCode);
}
