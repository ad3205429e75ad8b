// What a build takes and answers. A failed build is an answer, not an exception: the author of the
// scene is to see it. Exceptions (builder-error.ts) are for what the source is not to blame for.
//
// Positions are those of an editor: `line` and `column` count from 1, columns in UTF-16 units, in
// the source with its line ends normalised to \n. `lineText` is that line, cut at 500 characters.

export interface BuildSource {
  /** The scene's name, shown as the file name in the browser's developer tools. */
  name: string;
  tsxCode: string;
  /** JSON values, exported by the built module as `sceneProps`. Default: none. */
  props?: Record<string, unknown>;
}

export interface BuildMessage {
  message: string;
  line: number;
  column: number;
  lineText: string;
}

export interface BuildSuccess {
  success: true;
  /** An ES module: `default` is the component, `sceneProps` the props it was built with. */
  code: string;
  /** The source map (version 3) as JSON text; the code does not refer to it. */
  map: string;
  warnings: BuildMessage[];
  /** Size of `code` in UTF-8. */
  bytes: number;
}

export interface BuildFailure {
  success: false;
  errors: BuildMessage[];
}

export type BuildResult = BuildSuccess | BuildFailure;
