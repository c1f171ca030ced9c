/** Returns the known name that `name` is most likely a slip of, two edits away at most and whatever the case; null for none. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = EDITS_MAX + 1;
  for (const candidate of known) {
    const edits = distance(candidate.toLowerCase(), name.toLowerCase());
    if (edits >= least) continue;
    nearest = candidate;
    least = edits;
  }
  return nearest;
}

const EDITS_MAX = 2;

/** Edits that make one name of another (Levenshtein), or 3 where the lengths alone tell that they are far apart. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > EDITS_MAX) return EDITS_MAX + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
