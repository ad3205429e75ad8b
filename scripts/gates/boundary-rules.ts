/**
 * Who may import whom: scripts → server → {api, services} → {db, cache, config}; web → client.
 * Every module below src/ falls under the rule with the longest prefix; a folder without one is a fault,
 * so that a new folder has to find its place here first. A folder may always import itself.
 * `mayTypes` allows only imports that are erased (`import type`).
 */
export interface BoundaryRule {
  readonly from: string;
  readonly may: readonly string[];
  readonly mayTypes?: readonly string[];
  /** Packages that must not be imported, not even for their types. */
  readonly packagesDenied?: RegExp;
  readonly why: string;
}

export const boundaryRules: readonly BoundaryRule[] = [
  {
    from: 'src/config/',
    may: [],
    why: 'configuration is at the bottom',
  },
  {
    from: 'src/cache/',
    may: ['src/config/duration.ts'],
    packagesDenied: /^(@trpc\/|drizzle-orm|postgres$|fastify|@fastify\/|better-auth|react)/,
    why: 'the cache is exported for other apps: it knows no tRPC, no Drizzle and no domain word',
  },
  {
    from: 'src/db/',
    may: ['src/config/duration.ts'],
    mayTypes: ['src/cache/'],
    packagesDenied: /^(@trpc\/|fastify|@fastify\/)/,
    why: 'the database layer is told what to call; it does not look upwards',
  },
  {
    from: 'src/procedures/',
    may: ['src/cache/'],
    packagesDenied: /^(drizzle-orm|postgres$|fastify|@fastify\/|better-auth|react)/,
    why: 'cached procedures are exported for other apps: they know no database and no domain word',
  },
  {
    from: 'src/package/',
    may: [
      'src/cache/',
      'src/procedures/',
      ...[
        'client',
        'coherence-sql',
        'directory',
        'invalidate',
        'notifications',
        'read',
        'statements',
      ]
        .concat(['tag-registry', 'tags', 'trigger-check', 'triggers', 'write'])
        .map((name) => `src/db/${name}.ts`),
      'src/server/wire/',
      ...['cache-answers', 'public-caching', 'validators'].map((name) => `src/server/${name}.ts`),
      ...['cache-link', 'retries'].map((name) => `src/client/${name}.ts`),
      'src/config/duration.ts',
    ],
    why: 'what other apps import names each part: nothing of the studio gets in by accident',
  },
  {
    from: 'src/services/',
    may: ['src/db/', 'src/cache/', 'src/config/'],
    packagesDenied: /^(@trpc\/|fastify|@fastify\/)/,
    why: 'services do the work and know no HTTP',
  },
  {
    from: 'src/api/',
    may: ['src/services/', 'src/procedures/', 'src/db/', 'src/cache/', 'src/config/'],
    packagesDenied: /^(fastify|@fastify\/|@trpc\/client)/,
    why: 'procedures are the same behind any HTTP server',
  },
  {
    from: 'src/server/wire/',
    may: [
      'src/procedures/',
      'src/cache/',
      'src/config/duration.ts',
      ...['cache-answers', 'public-caching', 'recent-map', 'validators'].map(
        (name) => `src/server/${name}.ts`,
      ),
    ],
    packagesDenied: /^(drizzle-orm|postgres$|fastify|@fastify\/|better-auth|pino)/,
    why: 'the wire path is exported for other apps: it knows no server and no session',
  },
  {
    from: 'src/server/',
    may: ['src/api/', 'src/services/', 'src/procedures/', 'src/db/', 'src/cache/', 'src/config/'],
    packagesDenied: /^@trpc\/client/,
    why: 'the server composes; nothing in src imports it',
  },
  {
    from: 'src/client/',
    may: [],
    mayTypes: ['src/api/'],
    packagesDenied: /^(node:|drizzle-orm|postgres$|fastify|@fastify\/|better-auth)/,
    why: 'the client runs in browsers: one value import of the API would bundle the server',
  },
  {
    from: 'src/web/',
    may: ['src/client/'],
    packagesDenied: /^(node:|drizzle-orm|postgres$|fastify|@fastify\/|better-auth)/,
    why: 'pages see the API only through the client',
  },
];

/** The only module below src/ that reads the environment. */
export const environmentReader = 'src/config/env.ts';
