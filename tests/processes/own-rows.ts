/**
 * The rows of a run: a user's projects and their scenes, made through the API, and one project apart
 * for measuring. A trigger of the harness numbers a project's names, as the application numbers
 * scenes: numbers then grow in the order of commits, also when a write arrives that its sender has
 * given up.
 */
import type postgres from 'postgres';
import type { Project } from '../../src/db/queries/projects.ts';
import type { Scene } from '../../src/db/queries/scenes.ts';
import type { HttpCaller } from './http-call.ts';
import { projectRow, type Read, type ShownRow } from './reading.ts';
import type { Key } from './history.ts';
import { PROJECTS, SCENES_PER_PROJECT } from './settings.ts';

export interface ReadableKey extends Key {
  readonly read: Read;
}

export interface WritableRow {
  readonly id: string;
  readonly table: 'scenes' | 'projects';
  readonly projectId: string;
}

export interface OwnRows {
  readonly rows: readonly ShownRow[];
  readonly keys: readonly ReadableKey[];
  readonly writable: readonly WritableRow[];
  /** Of the project apart: nobody but the probe reads or writes it. */
  readonly probe: { readonly row: WritableRow; readonly key: ReadableKey };
  /** The project whose scenes and members come and go. */
  readonly switchedId: string;
}

/** On a busy machine, and the very first call. */
const SETUP_MS_MAX = 30_000;

export interface Visitor {
  readonly token: string;
  readonly userId: string;
  readonly email: string;
  readonly password: string;
}

export async function signUp(http: HttpCaller, url: string, name: string): Promise<Visitor> {
  const email = `${name}@example.com`;
  const password = `${name}-password`;
  const json = { email, password, name };
  const path = '/api/auth/sign-up/email';
  const answer = await http.post({ url, path, json, msMax: SETUP_MS_MAX });
  if (answer.status !== 200) throw new Error(`sign-up answered ${answer.status}: ${answer.body}`);
  const { token, user } = JSON.parse(answer.body) as { token: string; user: { id: string } };
  return { token, userId: user.id, email, password };
}

export async function makeRows(http: HttpCaller, url: string, sql: postgres.Sql): Promise<OwnRows> {
  async function mutate<T>(procedure: string, input: object): Promise<T> {
    const path = `/trpc/${procedure}`;
    const answer = await http.post({ url, path, json: { json: input }, msMax: SETUP_MS_MAX });
    if (answer.status !== 200) throw new Error(`${procedure}: ${answer.status} ${answer.body}`);
    return (JSON.parse(answer.body) as { result: { data: { json: T } } }).result.data.json;
  }
  const createProject = (name: string) => mutate<Project>('project.create', { name });
  const createScene = (projectId: string, name: string) =>
    mutate<Scene>('scene.create', { projectId, name, type: 'intro', tsxCode: 'export default 1' });

  const rows: ShownRow[] = [];
  const keys: ReadableKey[] = [];
  const writable: WritableRow[] = [];
  const projects: Project[] = [];
  function addKey(name: string, read: Read, rowIds: string[]): ReadableKey {
    const key = { name, read, rowIds };
    keys.push(key);
    return key;
  }
  async function addScene(projectId: string, name: string): Promise<WritableRow> {
    const scene = await createScene(projectId, name);
    rows.push([scene.id, scene.version, scene.name]);
    const input = { projectId, sceneId: scene.id };
    addKey(`scene.byId ${name}`, { procedure: 'scene.byId', input }, [scene.id]);
    return { id: scene.id, table: 'scenes', projectId };
  }
  async function addProject(name: string): Promise<Project> {
    const project = await createProject(`${name} #1`);
    projects.push(project);
    rows.push(projectRow(project));
    return project;
  }

  for (let p = 0; p < PROJECTS; p += 1) {
    const { id } = await addProject(`project ${p}`);
    const input = { projectId: id };
    const scenes: WritableRow[] = [];
    for (let s = 0; s < SCENES_PER_PROJECT; s += 1)
      scenes.push(await addScene(id, `scene ${p}.${s}`));
    writable.push(...scenes, { id, table: 'projects', projectId: id });
    addKey(`project.byId ${p}`, { procedure: 'project.byId', input }, [id]);
    const sceneIds = scenes.map((scene) => scene.id);
    addKey(`scene.list ${p}`, { procedure: 'scene.list', input }, sceneIds);
  }
  const apart = await addProject('project for the probe');
  const probeRow = await addScene(apart.id, 'probe');
  const probe = { row: probeRow, key: keys.pop()! };
  const switchedId = (await addProject('project that is switched')).id;
  const all = { procedure: 'project.list', input: undefined } as const;
  const projectIds = projects.map(({ id }) => id);
  // Few against many: the list of projects depends on more than any other key, so it is read more.
  for (let i = 0; i < PROJECTS; i += 1) addKey('project.list', all, projectIds);
  await numberProjects(sql);
  return { rows, keys, writable, probe, switchedId };
}

async function numberProjects(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create function processes_number() returns trigger language plpgsql as $$
    begin
      new.name := split_part(old.name, '#', 1) || '#' || (split_part(old.name, '#', 2)::int + 1);
      return new;
    end $$;
    create trigger processes_number before update of name on projects
      for each row execute function processes_number();`);
}
