/** What a text says that is to be a JSON object. */
export type ObjectReading =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

/** Reads a case or a scenario as far as both are alike: an object, of whatever fields. */
export function readObject(json: string): ObjectReading {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, problem: `it is no JSON: ${(error as Error).message}` };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ok: true, fields: { ...value } };
  return { ok: false, problem: 'it is no JSON object' };
}
