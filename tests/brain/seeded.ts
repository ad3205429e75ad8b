/** The seeded projects as the brain and the resolver see them, without a database. */
import { randomUUID } from 'node:crypto';
import type { Scene } from '../../src/db/queries/scenes.ts';
import { seedScenes } from '../../src/db/seed/scenes.ts';
import type { ProjectContext } from '../../src/services/brain/index.ts';

export type SeededProject = 'aurora' | 'night';

const projects = [...Map.groupBy(seedScenes(), ({ project }) => project).values()];

export function scenesOf(project: SeededProject): Scene[] {
  const [aurora = [], night = []] = projects;
  const now = new Date(0);
  return (project === 'aurora' ? aurora : night).map((scene, order) => ({
    id: randomUUID(),
    projectId: project,
    order,
    version: 1,
    createdAt: now,
    updatedAt: now,
    name: scene.name,
    type: scene.type,
    tsxCode: scene.tsxCode,
    props: scene.props,
    durationMs: scene.durationMs,
  }));
}

export function contextOf(project: SeededProject): ProjectContext {
  const scenes = scenesOf(project);
  return {
    projectType: 'video',
    sceneCount: scenes.length,
    lastSceneType: scenes.at(-1)?.type ?? null,
  };
}
