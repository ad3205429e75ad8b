/**
 * When two intents are the same: equal operation, equal target, equal change, whatever words they use
 * for a colour or a name. Declared once, for votes, audits and statistics alike.
 */
import { cssColour } from './colours.ts';
import type { Action, Change, Intent, Target } from './intent.ts';

/** Bump it when intents that were the same no longer are. */
export const EQUIVALENCE_VERSION = '1';

/** Equal texts for equivalent intents. All free answers are one: that no action was asked for. */
export function equivalenceOf({ action }: Pick<Intent, 'action'>): string {
  return JSON.stringify(normalAction(action));
}

/**
 * Whether the intent may answer another prompt that says the same: nothing that deletes, and nothing in
 * free words (an answer, a wish for code), which are about their own prompt alone.
 */
export function isReusable({ action }: Pick<Intent, 'action'>): boolean {
  switch (action.operation) {
    case 'delete':
      return false;
    case 'answer':
      return action.about !== 'text';
    case 'edit':
      return action.changes.every(({ kind }) => kind !== 'code');
    default:
      return true;
  }
}

/** The scenes that it names, as `plainName` has them. */
export function namesIn({ action }: Pick<Intent, 'action'>): string[] {
  const targets: Target[] = [];
  if ('target' in action) targets.push(action.target);
  if (action.operation === 'reorder' && 'of' in action.to) targets.push(action.to.of);
  return targets.flatMap((target) => (target.by === 'name' ? [plainName(target.name)] : []));
}

/** A name as people mean it: without case, punctuation and accidental space. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function normalAction(action: Action): unknown[] {
  const { operation } = action;
  switch (operation) {
    case 'create': {
      const { name, type, text, colour, durationMs } = action;
      return [operation, plain(name), plain(type), text?.trim(), css(colour), durationMs];
    }
    case 'edit':
      return [operation, normalTarget(action.target), ...action.changes.map(normalChange).sort()];
    case 'delete':
      return [operation, normalTarget(action.target)];
    case 'reorder': {
      const { to } = action;
      const target = normalTarget(action.target);
      if (to.relation === 'reverse') return [operation, to.relation];
      if (to.relation === 'place') return [operation, to.relation, target, to.place];
      const both = [target, normalTarget(to.of)];
      return [operation, to.relation, ...(to.relation === 'swap' ? both.sort() : both)];
    }
    case 'answer':
      return [operation, action.about];
  }
}

function normalTarget(target: Target): string {
  switch (target.by) {
    case 'place':
      return `place ${target.place}`;
    case 'name':
      return `name ${plainName(target.name)}`;
    case 'all':
      return 'all';
  }
}

function normalChange(change: Change): string {
  switch (change.kind) {
    case 'rename':
      return JSON.stringify([change.kind, change.name.trim()]);
    case 'type':
      return JSON.stringify([change.kind, plainName(change.type)]);
    case 'duration':
      return JSON.stringify([change.kind, change.ms]);
    case 'longer':
      return JSON.stringify([change.kind, change.byMs]);
    case 'stretch':
      return JSON.stringify([change.kind, change.factor]);
    case 'colour':
      return JSON.stringify([change.kind, css(change.colour), plain(change.of)]);
    case 'text':
      return JSON.stringify([change.kind, change.text.trim(), plain(change.of)]);
    case 'replace':
      return JSON.stringify([change.kind, change.from, change.to]);
    case 'number':
      return JSON.stringify([change.kind, plain(change.of), change.value]);
    case 'code':
      return JSON.stringify([change.kind, plainName(change.wish)]);
  }
}

const plain = (words: string | null) => (words === null ? null : plainName(words));
const css = (colour: string | null) => (colour === null ? null : cssColour(colour));
