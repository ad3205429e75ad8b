/**
 * The bounds of a run: how many processes, rows and readers, and how long things last. Times are
 * milliseconds of the harness's own monotonic clock.
 */
export const PROCESSES = 4;
export const PROJECTS = 3;
/** Of each project: a few tens of keys in all, so that each is read and written often. */
export const SCENES_PER_PROJECT = 8;

export const LEASE_MS = 2_000;
/** Short enough that entries expire, refresh early and are loaded again during a run. */
export const SCENE_TTL_SECONDS = 12;

/** Of each process; half ask by HTTP, half within the process. */
export const READERS_PER_PROCESS = 4;
export const READ_EVERY_MS = 15;
export const WRITERS = 4;
export const WRITE_EVERY_MS = 150;
/** Writes behind the API's back. */
export const DIRECT_WRITE_EVERY_MS = 250;
/** Each of a scene, a membership and a session. */
export const SWITCH_EVERY_MS = 1_000;
/** Share of acknowledged writes that every process is asked for at once: where an old value shows. */
export const AMBUSH_SHARE = 0.3;

/** A read that takes longer is given up, and counts as not answered. */
export const READ_MS_MAX = 8_000;
/** Longer than a statement (10 s) and a lease; then nobody knows whether it happened. */
export const WRITE_MS_MAX = 15_000;
/** What counts as answered in the figures of availability. */
export const PROMPT_MS = 1_000;

export const FAULT_EVERY_MS = 900;
export const FAULTS_ACTIVE_MAX = 4;
/** A process that was killed is started again by its supervisor, and again if its start fails. */
export const RESTART_MS = 250;
/** A start meets cut and half-open connections; longer, and it is killed and tried again. */
export const START_MS_MAX = 60_000;

/** After everything is healed; a process that was killed may have to start first. */
export const RECOVERY_MS_MAX = START_MS_MAX + 10 * LEASE_MS;
