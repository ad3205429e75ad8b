/**
 * An answer as text for a terminal: plain values as `name  value`, lists of records and
 * records of records as tables, whatever their fields are.
 */
type Row = Record<string, unknown>;

export function formatReport(value: unknown, title = ''): string {
  if (!isRecord(value)) return `${title}  ${formatCell(value)}`;
  const entries = Object.entries(value);
  const plain = entries.filter(([, field]) => !isNested(field));
  const nested = entries.filter(([, field]) => isNested(field));
  const width = Math.max(0, ...plain.map(([name]) => name.length));
  const lines = plain.map(([name, field]) => `${name.padEnd(width)}  ${formatCell(field)}`);
  const parts = nested.map(([name, field]) => formatSection(name, field));
  return [...(title ? [title] : []), ...lines, ...parts].join('\n');
}

function formatSection(name: string, value: unknown): string {
  const rows = toRows(value);
  return `\n${rows ? `${name}\n${formatTable(rows)}` : formatReport(value, name)}`;
}

/** Undefined when the value is not made of records alone. */
function toRows(value: unknown): Row[] | undefined {
  if (Array.isArray(value)) {
    return value.every(isRecord) ? value.map((row) => flatten(row)) : undefined;
  }
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, row]) => isRecord(row))) return undefined;
  return entries.map(([name, row]) => ({ name, ...flatten(row as Row) }));
}

function flatten(row: Row, prefix = ''): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, field]) =>
      isRecord(field)
        ? Object.entries(flatten(field, `${prefix}${name}.`))
        : [[prefix + name, field]],
    ),
  );
}

function formatTable(rows: Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((name) => formatCell(row[name])))];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(3);
  if (Array.isArray(value)) return value.map(formatCell).join(', ') || '-';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
}

function isNested(value: unknown): boolean {
  return isRecord(value) || (Array.isArray(value) && value.length > 0 && value.every(isRecord));
}

function isRecord(value: unknown): value is Row {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
