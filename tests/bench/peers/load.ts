/**
 * Imports a peer from this folder's own node_modules. The name is no literal, and the caller says
 * what shape it uses, so that the project's types do not depend on packages that may be missing.
 */
export async function loadPeer<Module>(name: string): Promise<Module> {
  return (await import(name)) as Module;
}
