/**
 * The architecture, checked: who imports whom (boundary-rules.ts), no import cycle, one reader of the
 * environment. An own checker, because the well-known ones cannot do it here: dependency-cruiser sees no
 * module with TypeScript 7 and passes, and lint rules match specifiers, not the files they lead to.
 * Type-only imports cannot make a cycle: they are gone at run time.
 */
import { boundaryRules, environmentReader } from './boundary-rules.ts';
import type { BoundaryRule } from './boundary-rules.ts';
import type { Finding, Gate } from './gate.ts';
import { readModules } from './module-graph.ts';
import type { Import, Module } from './module-graph.ts';

export const boundariesGate: Gate = {
  name: 'boundaries',
  what: 'who imports whom, no cycles, one reader of the environment',
  async run(root): Promise<Finding> {
    const modules = await readModules(root, ['src', 'scripts', 'tests']);
    const inSource = modules.filter(({ path }) => path.startsWith('src/'));
    const faults = [
      ...modules.flatMap(missingTargets),
      ...inSource.flatMap(crossings),
      ...inSource.flatMap(environmentReads),
      ...findCycles(modules),
    ];
    return { faults, checked: inSource.length, unit: 'modules' };
  },
};

function missingTargets({ path, imports }: Module): string[] {
  return imports
    .filter(({ exists }) => !exists)
    .map(({ specifier, line }) => `${path}:${line} imports ${specifier}, which is not there`);
}

function crossings(module: Module): string[] {
  const rule = boundaryRules.find(({ from }) => module.path.startsWith(from));
  if (rule === undefined) return [`${module.path} has no rule in scripts/gates/boundary-rules.ts`];
  return module.imports
    .filter((one) => !isAllowed(rule, one))
    .map(({ specifier, target, line, typeOnly }) => {
      const wouldDo = target !== undefined && !typeOnly && isBelow(target, rule.mayTypes ?? []);
      const hint = wouldDo ? ' other than by `import type`' : '';
      return `${module.path}:${line} must not import ${target ?? specifier}${hint}: ${rule.why}`;
    });
}

function isAllowed(rule: BoundaryRule, { specifier, target, typeOnly }: Import): boolean {
  if (target === undefined) return !(rule.packagesDenied?.test(specifier) ?? false);
  if (isBelow(target, [rule.from, ...rule.may])) return true;
  return typeOnly && isBelow(target, rule.mayTypes ?? []);
}

function isBelow(target: string, places: readonly string[]): boolean {
  return places.some((place) =>
    place.endsWith('/') ? target.startsWith(place) : target === place,
  );
}

function environmentReads({ path, environmentReads: lines }: Module): string[] {
  if (path === environmentReader) return [];
  return lines.map(
    (line) => `${path}:${line} reads the environment: only ${environmentReader} may`,
  );
}

/** Each cycle once, as the path that leads round it. */
function findCycles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const finished = new Set<string>();
  const cycles: string[] = [];

  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path);
    if (start !== -1) {
      cycles.push(`import cycle: ${[...trail.slice(start), path].join(' → ')}`);
      return;
    }
    if (finished.has(path)) return;
    for (const { target, typeOnly } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && !typeOnly) visit(target, [...trail, path]);
    }
    finished.add(path);
  }

  for (const { path } of modules) visit(path, []);
  return cycles;
}
