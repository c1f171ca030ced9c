/** Draws what happened last in a run: a Mermaid sequence diagram, and the same as lines of text. */
import type { SeenEvent } from './seen-events.js';

interface DiagramOptions {
  /** Nodes 0 .. nodes − 1 stand in it. */
  readonly nodes: number;
  /** Replicas; a node from there on is a second copy of one. */
  readonly replicas: number;
}

/** A `sequenceDiagram` as Mermaid reads it; every event is a line. */
export function mermaidSequence(events: readonly SeenEvent[], { nodes, replicas }: DiagramOptions): string {
  const participants = Array.from({ length: nodes }, (_, node) => {
    return `  participant N${node} as ${node < replicas ? `replica ${node}` : `copy ${node}`}`;
  });
  const lines = events.map((event) => {
    const text = `${event.at.toFixed(1)} ms: ${escaped(event.text)}`;
    if (event.type === 'sent') return `  N${event.from}->>N${event.to}: ${text}`;
    const over = event.node === null ? (nodes > 1 ? `N0,N${nodes - 1}` : 'N0') : `N${event.node}`;
    return `  Note over ${over}: ${text}`;
  });
  return ['sequenceDiagram', ...participants, ...lines].join('\n');
}

/** A line an event; what a node sends to several at one moment is one line. */
export function textSequence(events: readonly SeenEvent[]): string {
  const lines: { readonly key: string; readonly to: number[]; readonly event: SeenEvent }[] = [];
  for (const event of events) {
    const key = event.type === 'sent' ? `${event.at} ${event.from} ${event.text}` : '';
    const known = key === '' ? undefined : lines.find((line) => line.key === key);
    if (known !== undefined && event.type === 'sent') known.to.push(event.to);
    else lines.push({ key, to: event.type === 'sent' ? [event.to] : [], event });
  }
  return lines.map(({ to, event }) => `${event.at.toFixed(1).padStart(10)} ms  ${lineOf(event, to)}`).join('\n');
}

function lineOf(event: SeenEvent, to: readonly number[]): string {
  if (event.type === 'sent') return `${event.from} -> ${to.join(',')}  ${event.text}`;
  return `* ${event.node === null ? 'all' : event.node}: ${event.text}`;
}

/** Mermaid ends a text at a semicolon, and takes a hash sign for the beginning of a character's code. */
function escaped(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll(/(?<!#35);/g, ',')
    .replaceAll('\n', ' ');
}
