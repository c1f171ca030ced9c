/** What came of loading a module: all that it exports, or one sentence on why there is nothing. */
export type ImportedModule =
  | { readonly ok: true; readonly exports: object }
  | { readonly ok: false; readonly reason: string };

/** Loads a module that the application named by its URL. */
export async function importModule(url: URL): Promise<ImportedModule> {
  try {
    return { ok: true, exports: (await import(url.href)) as object };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
