/**
 * One line for each answer, with its request id. Cached hits are counted, not logged, and neither
 * are probes; misses are told at debug level, since a warm studio makes thousands of reads.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CacheMarks } from './cache-answers.ts';
import { pathOf, type Logger } from './log.ts';

export interface AccessLogOptions {
  log: Logger;
  /** What the calls of a tRPC request said about the cache. */
  marksOf: (request: FastifyRequest) => { marks: CacheMarks; calls: number } | undefined;
}

export interface AnswerLine {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export function accessLog(app: FastifyInstance, { log, marksOf }: AccessLogOptions): void {
  app.addHook('onResponse', async (request, reply) => {
    const path = pathOf(request.url);
    if (path.startsWith('/health/')) return;
    const line = {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: reply.elapsedTime,
    };
    logAnswer(log, line, marksOf(request));
  });
}

export function logAnswer(
  log: Logger,
  answer: AnswerLine,
  said: { marks: CacheMarks; calls: number } | undefined,
): void {
  const line = { ...answer, ms: Math.round(answer.ms * 10) / 10 };
  if (said && answer.status < 400 && said.calls > 0 && said.marks.size === said.calls) {
    const outcomes = [...said.marks.values()].map((mark) => mark.outcome);
    if (outcomes.every((outcome) => outcome === 'hit')) return;
    log.debug({ ...line, cache: outcomes }, 'read');
    return;
  }
  log.info(line, 'answered');
}
