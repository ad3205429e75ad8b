/** Decisions, for the tests that ask and change everything. */
import type { Caller, Studio } from './fixture.ts';
import type { Row } from './procedures.ts';

/** One of each operation, on scenes by place so that they mostly find one. */
const PROMPTS = [
  'make the last scene 1 second longer',
  'make the first scene 2 seconds shorter',
  'move the last scene to the beginning',
  'delete the first scene',
  'how many scenes are there?',
  'add a title scene saying "Decided"',
  'delete the epilogue',
] as const;

export function* decisionAsks(
  projectId: string,
): Generator<[string, (caller: Caller) => Promise<unknown>]> {
  yield [
    `decision.history ${projectId}`,
    (caller) => caller.decision.history({ projectId, limit: 3 }),
  ];
}

interface DecisionScope {
  readonly caller: Caller;
  readonly projectId: string;
  readonly sceneIds: readonly string[];
  readonly variant: number;
}

/** More scenes are not added: comparing all of them each time costs. */
const SCENES_MAX = 3;

const promptOf = ({ variant, sceneIds }: DecisionScope) => {
  const prompt = PROMPTS[variant % PROMPTS.length]!;
  return prompt.startsWith('add') && sceneIds.length >= SCENES_MAX ? PROMPTS[0] : prompt;
};

export const DECISION_STEPS = {
  decide: [
    3,
    (scope: DecisionScope) =>
      scope.caller.decision.make({ projectId: scope.projectId, prompt: promptOf(scope) }),
  ],
  decideAndApply: [
    4,
    async (scope: DecisionScope) => {
      const { caller, projectId } = scope;
      const { id } = await caller.decision.make({ projectId, prompt: promptOf(scope) });
      return caller['decision.apply']({ projectId, decisionId: id });
    },
  ],
  decideAndRate: [
    2,
    async (scope: DecisionScope) => {
      const { caller, projectId, variant } = scope;
      const { id } = await caller.decision.make({ projectId, prompt: promptOf(scope) });
      const verdict = variant % 2 === 0 ? 'good' : 'bad';
      return caller.decision.rate({ decisionId: id, verdict });
    },
  ],
} satisfies Record<string, [number, (scope: DecisionScope) => Promise<unknown>]>;

export const DECISIONS_BEHIND_THE_BACK: readonly string[] = [
  `UPDATE decisions SET reasoning = 'by hand ' || gen_random_uuid()`,
  `INSERT INTO decisions (project_id, prompt, operation, proposal, reasoning, confidence, model, reuse, tokens)
     SELECT id, 'by hand', 'answer', '{"operation": "answer", "text": "by hand"}', '', 0, 'by hand', 'none', 0
       FROM projects`,
  `UPDATE decisions SET verdict = CASE verdict WHEN 'bad' THEN 'good' ELSE 'bad' END`,
  `TRUNCATE decisions`,
];

export function decisionWalk(
  studio: Studio,
  projectId: string,
): [what: string, act: () => Promise<unknown>][] {
  const owner = studio.as('owner');
  const decide = (prompt: string) => owner.decision.make({ projectId, prompt });
  return [
    ['decision.make', () => decide('how many scenes are there?')],
    [
      'decision.apply',
      async () => {
        const { id } = await decide('make the last scene 1 second longer');
        await owner['decision.apply']({ projectId, decisionId: id });
      },
    ],
    [
      'decision.rate',
      async () => {
        const { id } = await decide('how many scenes are there?');
        await owner.decision.rate({ decisionId: id, verdict: 'bad' });
      },
    ],
  ];
}

type Answers = Row['answers'];
const members: Answers = {
  owner: 'ok',
  editor: 'ok',
  viewer: 'ok',
  outsider: 'NOT_FOUND',
  admin: 'NOT_FOUND',
  nobody: 'UNAUTHORIZED',
};
const editors: Answers = { ...members, viewer: 'FORBIDDEN' };

export const DECISION_ROWS: Readonly<Record<string, Row>> = {
  'decision.make': {
    answers: editors,
    call: (caller, { projectId }) =>
      caller.decision.make({ projectId, prompt: 'make the last scene 1 second longer' }),
  },
  'decision.apply': {
    answers: editors,
    async call(caller, { projectId }, studio) {
      const prompt = 'make the first scene 1 second longer';
      const { id } = await studio.as('owner').decision.make({ projectId, prompt });
      return caller['decision.apply']({ projectId, decisionId: id });
    },
  },
  'decision.rate': {
    answers: editors,
    async call(caller, { projectId }, studio) {
      const prompt = 'how many scenes are there?';
      const { id } = await studio.as('owner').decision.make({ projectId, prompt });
      return caller.decision.rate({ decisionId: id, verdict: 'good' });
    },
  },
  'decision.history': {
    answers: members,
    call: (caller, { projectId }) => caller.decision.history({ projectId }),
  },
};
