import { type Command, Option } from 'commander';
import { type ChartDescription, describe, machines, mermaidOf, outlineOf } from '../../machines/index.js';
import { systemReason } from '../../src/adapters/system-reason.js';
import type { Lifecycle } from '../lifecycle.js';
import { Failure, UsageError } from '../outcome.js';
import { openOutput } from '../output.js';
import { oneOf, refuseRepeats, text } from '../usage.js';

const FORMATS = ['text', 'mermaid', 'svg', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface ChartsOptions {
  readonly format: Format;
  readonly out?: string;
}

/** `hotstuff charts`: the statecharts that the actors of a replica step through. */
export function registerCharts(program: Command, lifecycle: Lifecycle): void {
  const names = machines.map(({ name }) => name).join(', ');
  const command = program
    .command('charts')
    .argument('[NAME]', `one of ${names}; all without it`)
    .description('show the statecharts that the actors step through')
    .addOption(
      new Option('--format <NAME>', 'text (an outline), mermaid, svg or json')
        .argParser(oneOf('--format', FORMATS))
        .default('text'),
    )
    .option('--out <F>', 'file to write, over what it holds; - is standard output', text('--out'))
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, { format, out = '-' }: ChartsOptions) => {
      const shown = await FORMATTERS[format](chosen(name), name !== undefined);
      if (out === '-') lifecycle.print(shown);
      else await write(out, shown, lifecycle.stopping);
    });
  refuseRepeats(command);
}

const HELP = `
All charts: mermaid is Markdown with a diagram under each name, svg one picture.
json: {"charts":[{"name","about","states":[{"path","type","initial","entry","exit",
"transitions":[{"event","guard","target","reenter","actions"}]}]}]}; a path is "" for the
chart itself, a target null where the state stays.

Example:
  hotstuff charts pacemaker
  hotstuff charts --format svg --out charts.svg`;

function chosen(name: string | undefined): readonly ChartDescription[] {
  if (name === undefined) return machines.map(describe);
  const found = machines.find((machine) => machine.name === name);
  if (found !== undefined) return [describe(found)];
  const names = machines.map((machine) => machine.name).join(', ');
  throw new UsageError(`there is no chart ${JSON.stringify(name)}; there are ${names}`);
}

const FORMATTERS: {
  readonly [F in Format]: (charts: readonly ChartDescription[], one: boolean) => string | Promise<string>;
} = {
  text: (charts) => charts.map(outlineOf).join('\n\n'),
  mermaid: (charts, one) => (one ? charts.map(mermaidOf).join('\n') : charts.map(sectionOf).join('\n\n')),
  // Loaded when it is needed: it brings a layout engine, and the other commands start without it.
  svg: async (charts) => (await import('../chart-svg.js')).svgOf(charts),
  json: (charts) => JSON.stringify({ charts }),
};

/** One diagram does not hold several charts: Markdown does. */
function sectionOf(chart: ChartDescription): string {
  return `## ${chart.name}: ${chart.about}\n\n\`\`\`mermaid\n${mermaidOf(chart)}\n\`\`\``;
}

async function write(path: string, shown: string, stopping: AbortSignal): Promise<void> {
  try {
    const output = await openOutput(path, stopping);
    await output?.clear();
    await output?.write(`${shown}\n`);
    await output?.close();
  } catch (error) {
    throw new Failure(`--out ${path} cannot be written: ${systemReason(error as NodeJS.ErrnoException)}`);
  }
}
