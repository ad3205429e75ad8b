/**
 * Cached reads, and what their answers show. A row is a scene or a project; its number is raised by
 * the database with each write, whoever writes and however late a write arrives: a scene's version,
 * and the end of a project's name (`project 2 #17`, by a trigger of the harness).
 */
import type { CacheMark } from '../../src/api/context.ts';
import type { Project } from '../../src/db/queries/projects.ts';
import type { Scene } from '../../src/db/queries/scenes.ts';

export type Read =
  | { procedure: 'scene.byId'; input: { projectId: string; sceneId: string } }
  | { procedure: 'scene.list' | 'project.byId'; input: { projectId: string } }
  | { procedure: 'project.list'; input: undefined };

/** Of one row: its id, its number and its name. */
export type ShownRow = readonly [id: string, number: number, name: string];

export interface ReadAnswer {
  readonly shown: readonly ShownRow[];
  /** What the answer says of itself; undefined when it bypassed the cache. */
  readonly mark: Pick<CacheMark, 'outcome' | 'tier' | 'validUntil'> | undefined;
}

export function shownBy(read: Read, value: unknown): ShownRow[] {
  switch (read.procedure) {
    case 'scene.byId':
      return [sceneRow(value as Scene)];
    case 'scene.list':
      return (value as Scene[]).map(sceneRow);
    case 'project.byId':
      return [projectRow(value as Project)];
    case 'project.list':
      return (value as Project[]).map(projectRow);
  }
}

const sceneRow = ({ id, version, name }: Scene): ShownRow => [id, version, name];

export const projectRow = ({ id, name }: Pick<Project, 'id' | 'name'>): ShownRow => [
  id,
  Number(name.split('#')[1]),
  name,
];

export function pathOf({ procedure, input }: Read): string {
  const query = input && `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
  return `/trpc/${procedure}${query ?? ''}`;
}

/** `greenroom; hit; ttl=1234; detail=l1`, as the server writes it. */
export function markOf(cacheStatus: string | undefined, validUntil: number | undefined) {
  if (cacheStatus === undefined || validUntil === undefined) return undefined;
  const [, state, , detail] = cacheStatus.split(';').map((part) => part.trim());
  return {
    outcome: state!.replace('fwd=', '') as CacheMark['outcome'],
    tier: detail!.replace('detail=', '') as CacheMark['tier'],
    validUntil,
  };
}

export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  // A call that was given up has a number there.
  return typeof code === 'string' ? code : (name ?? 'unknown');
}
