/** Modules of which nothing is left to run once they are compiled. */
import type { Modules } from '../support/imports.js';

/** Returns the paths of those that hold types alone: no test can reach a line of theirs. */
export function typesAlone(modules: Modules): readonly string[] {
  return [...modules].filter(([path, text]) => path.endsWith('.js') && isEmpty(text)).map(([path]) => path);
}

function isEmpty(text: string): boolean {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return code.trim() === 'export {};';
}
