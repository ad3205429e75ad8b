// The modules a scene may import. The preview's import map resolves exactly these, so anything else
// would fail in the browser; it is refused at build time instead, where the author sees the line.
// `react/jsx-runtime` is what the compiled JSX itself imports. `react-dom` is absent on purpose:
// a portal would let a scene draw outside its frame.

export const ALLOWED_IMPORTS: readonly string[] = ['react', 'react/jsx-runtime'];

export function isAllowedImport(specifier: string): boolean {
  return ALLOWED_IMPORTS.includes(specifier);
}
