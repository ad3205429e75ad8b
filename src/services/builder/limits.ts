// Bounds of one build. A scene is a few kilobytes; each bound is far above that and low enough that
// the worst input within it stays harmless.

/** Source in UTF-8. The worst nesting tried takes esbuild 600 MB at this size. */
export const SOURCE_BYTES_MAX = 256 * 1024;

/** Built code in UTF-8: lowering can multiply the source, and the result is cached. */
export const OUTPUT_BYTES_MAX = 1024 * 1024;

/** Props as JSON: they are copied into the code. */
export const PROPS_BYTES_MAX = 64 * 1024;

/** Errors (and warnings) reported for one build: nobody reads more, and each carries a line. */
export const MESSAGES_MAX = 20;

/** Characters of a message and of the line shown with it (a scene may be one long line). */
export const MESSAGE_LENGTH_MAX = 500;

/** Characters of a name in the source map. */
export const NAME_LENGTH_MAX = 200;
