/**
 * Readers, writers and a writer behind the API's back, each going round until the run ends. What
 * they see goes to the history; how long it took, to the figures.
 */
import type { Scene } from '../../src/db/queries/scenes.ts';
import type { Project } from '../../src/db/queries/projects.ts';
import type { Random } from '../simulation/random.ts';
import { UnansweredError, type ApiProcess, type Life } from './api-process.ts';
import type { Figures } from './figures.ts';
import type { History, ReadTicket } from './history.ts';
import type { HttpCaller } from './http-call.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnRows, ReadableKey, WritableRow } from './own-rows.ts';
import { codeOf, projectRow, type ReadAnswer, type ShownRow } from './reading.ts';
import {
  AMBUSH_SHARE,
  DIRECT_WRITE_EVERY_MS,
  READ_EVERY_MS,
  READERS_PER_PROCESS,
  WRITE_EVERY_MS,
  WRITE_MS_MAX,
  WRITERS,
} from './settings.ts';

export interface WorkloadOptions {
  readonly processes: readonly ApiProcess[];
  readonly postgres: OwnPostgres;
  readonly http: HttpCaller;
  readonly rows: OwnRows;
  readonly history: History;
  readonly figures: Figures;
  readonly random: Random;
  /** Waits. */
  readonly pause: (ms: number) => Promise<void>;
  /** Nothing is written any more. */
  readonly calm: () => boolean;
  readonly stopped: () => boolean;
}

export interface Workload {
  /** Writes until `calm`, reads until `stopped`. */
  run(): Promise<void>;
  read(life: Life, key: ReadableKey, via: ReadTicket['via']): Promise<ReadAnswer | undefined>;
  write(life: Life, row: WritableRow): Promise<ShownRow | undefined>;
  openTransaction(ms: number): Promise<void>;
}

/** Answers that a signed-in owner of an existing row never gets. */
const WRONG_CODES = new Set(['401', '403', '404', 'NOT_FOUND', 'FORBIDDEN', 'UNAUTHORIZED']);
/** Where no process is up, nobody asks more often. */
const NOBODY_UP_MS = 50;
const BULK_SHARE = 0.2;
const ROLLBACK_SHARE = 0.3;

export function createWorkload(options: WorkloadOptions): Workload {
  const { processes, postgres, http, rows, history, figures, random, pause, calm, stopped } =
    options;
  let writes = 0;

  async function read(life: Life, key: ReadableKey, via: ReadTicket['via']) {
    const asked = figures.readBegan(life.slot);
    const begun = history.begin(life, key, via);
    try {
      const answer = await (via === 'http' ? life.readHttp(key.read) : life.readChannel(key.read));
      history.end(begun, answer);
      asked.answered(answer.mark);
      return answer;
    } catch (error) {
      const code = codeOf(error);
      if (error instanceof UnansweredError && WRONG_CODES.has(code)) history.refused(begun, code);
      asked.failed(code);
      return undefined;
    }
  }

  async function write(life: Life, row: WritableRow): Promise<ShownRow | undefined> {
    writes += 1;
    const { projectId } = row;
    const name = `write ${writes} by ${life.id}`;
    const isScene = row.table === 'scenes';
    const input = isScene ? { projectId, sceneId: row.id, name } : { projectId, name };
    const path = `/trpc/${isScene ? 'scene' : 'project'}.update`;
    history.willWrite([row.id]);
    const asked = figures.writeBegan();
    try {
      const answer = await http.post({
        url: life.url,
        path,
        json: { json: input },
        msMax: WRITE_MS_MAX,
      });
      if (answer.status !== 200) throw new UnansweredError(String(answer.status));
      const body = JSON.parse(answer.body) as { result: { data: { json: unknown } } };
      const value = body.result.data.json;
      const scene = value as Scene;
      const written: ShownRow = isScene
        ? [scene.id, scene.version, scene.name]
        : projectRow(value as Project);
      history.acknowledged(life, [written]);
      asked.acknowledged();
      return written;
    } catch (error) {
      asked.failed(codeOf(error));
      return undefined;
    }
  }

  /** Where it was just written, an old value would show. */
  function ambush(row: WritableRow): void {
    const about = rows.keys.filter((key) => key.rowIds.includes(row.id));
    for (const process of processes) {
      const life = process.life();
      if (life) void read(life, random.pick(about), random.chance(0.5) ? 'http' : 'channel');
    }
  }

  async function reader(process: ApiProcess, via: ReadTicket['via']): Promise<void> {
    while (!stopped()) {
      await pause(random.around(READ_EVERY_MS));
      const life = process.life();
      if (life === undefined) await pause(NOBODY_UP_MS);
      else await read(life, random.pick(rows.keys), via);
    }
  }

  async function writer(): Promise<void> {
    while (!calm()) {
      await pause(random.around(WRITE_EVERY_MS));
      const life = random.pick(processes).life();
      if (life === undefined) continue;
      const row = random.pick(rows.writable);
      const written = await write(life, row);
      if (written && random.chance(AMBUSH_SHARE)) ambush(row);
    }
  }

  /** One row, or all scenes of a project by one statement. Its outcome is unknown if it fails. */
  async function writeBehind(): Promise<void> {
    const row = random.pick(rows.writable);
    const bulk = row.table === 'scenes' && random.chance(BULK_SHARE);
    const touched = bulk ? rows.writable.filter((other) => isSibling(row, other)) : [row];
    history.willWrite(touched.map(({ id }) => id));
    const sql = postgres.sql();
    const written = bulk
      ? await sql<NumberedRow[]>`
          update scenes set version = version + 1, name = left(name, 40) || '+'
           where project_id = ${row.projectId} returning id, version as number, name`
      : await sql.unsafe<NumberedRow[]>(changeOf(row));
    figures.wroteBehind();
    history.committedBehind(written.map(shownRow));
  }

  async function behind(): Promise<void> {
    while (!calm()) {
      await pause(random.around(DIRECT_WRITE_EVERY_MS));
      await writeBehind().catch(() => undefined);
    }
  }

  /**
   * One message of several statements is one transaction, and leaves nothing to send into a
   * connection that a restart of the server has closed meanwhile.
   */
  async function openTransaction(ms: number): Promise<void> {
    const row = random.pick(rows.writable);
    const ending = random.chance(ROLLBACK_SHARE) ? 'select 1 / 0' : 'select 1';
    history.willWrite([row.id]);
    const text = `${changeOf(row)}; select pg_sleep(${ms / 1000}); ${ending}`;
    try {
      const [written] = (await postgres.sql().unsafe(text).simple()) as unknown as NumberedRow[][];
      history.committedBehind(written!.map(shownRow));
    } catch {
      // Rolled back, or the server went away: nothing was promised.
    }
  }

  return {
    read,
    write,
    openTransaction,
    async run() {
      const readers = processes.flatMap((process) =>
        Array.from({ length: READERS_PER_PROCESS }, (_, i) =>
          reader(process, i % 2 === 0 ? 'http' : 'channel'),
        ),
      );
      const writers = Array.from({ length: WRITERS }, () => writer());
      await Promise.all([...readers, ...writers, behind()]);
    },
  };
}

interface NumberedRow {
  id: string;
  number: number;
  name: string;
}

/** The ids are the harness's own. */
function changeOf({ id, table }: WritableRow): string {
  return table === 'scenes'
    ? `update scenes set version = version + 1, name = left(name, 40) || '+'
        where id = '${id}' returning id, version as number, name`
    : `update projects set name = name where id = '${id}'
        returning id, split_part(name, '#', 2)::int as number, name`;
}

const shownRow = ({ id, number, name }: NumberedRow): ShownRow => [id, number, name];

function isSibling(row: WritableRow, other: WritableRow): boolean {
  return other.table === row.table && other.projectId === row.projectId;
}
