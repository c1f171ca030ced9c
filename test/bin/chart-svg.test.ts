import test from 'ava';
import { svgOf } from '../../bin/chart-svg.js';
import { describe, machines, mermaidOf } from '../../machines/index.js';
import { doorMachine } from '../machines/door.machine.js';

const charts = [...machines, { name: 'door', about: 'a door', machine: doorMachine }].map(describe);

/** The text of the labels on arrows, or of the boxes; lines joined as the diagram has them. */
function textsOf(svg: string, kind: 'edge-label' | 'node' | 'subgraph'): readonly string[] {
  return [...svg.matchAll(/<g class="([\w-]+)".*?<text [^>]*>(.*?)<\/text>/gs)]
    .filter(([, found]) => found === kind)
    .map(([, , content = '']) => content.replaceAll('</tspan><tspan', '</tspan> <tspan').replaceAll(/<[^>]+>/g, ''));
}

for (const chart of charts) {
  test(`the picture of ${chart.name} has an arrow and a readable label for every transition`, (t) => {
    const svg = svgOf([chart]);
    const labels = mermaidOf(chart)
      .split('\n')
      .flatMap((line) => / : (.+)$/.exec(line)?.[1] ?? []);
    t.is(labels.length, chart.states.flatMap(({ transitions }) => transitions).length);
    t.is([...svg.matchAll(/class="edge"[^>]* data-label=/g)].length, labels.length);
    t.deepEqual([...textsOf(svg, 'edge-label')].sort(), [...labels].sort());
    const texts = [...textsOf(svg, 'node'), ...textsOf(svg, 'subgraph')];
    for (const { path, entry, exit } of chart.states.slice(1)) {
      const name = path.split('.').at(-1) ?? '';
      const parts = [...entry, ...exit];
      t.true(
        texts.some((text) => text.startsWith(name) && parts.every((part) => text.includes(part))),
        path,
      );
    }
  });
}

test('a picture needs nothing from elsewhere: no address but the name of its language, no font, no script', (t) => {
  const svg = svgOf(charts);
  t.deepEqual(svg.match(/[a-z]+:\/\/[^"'\s]*/g), ['http://www.w3.org/2000/svg']);
  t.notRegex(svg, /@import|@font-face|<script|<image|<use|<foreignObject|href|var\(|color-mix/);
  for (const [reference] of svg.matchAll(/url\(([^)]*)\)/g)) t.regex(reference, /^url\(#[\w-]+\)$/);
});

test('a picture of several charts is one document with each under its name, none over another', (t) => {
  const svg = svgOf(charts);
  t.is(svg.match(/<svg /g)?.length, 1);
  t.is(svg.match(/<\/svg>/g)?.length, 1);
  for (const { name, about } of charts) t.true(svg.includes(`>${name}: ${about}</text>`), name);
  const tops = [...svg.matchAll(/^<g transform="translate\(0 (\d+)\)">\n<text/gm)].map(([, top]) => Number(top));
  const heights = charts.map((chart) => Number(/height="(\d+)">/.exec(svgOf([chart]))?.[1]));
  t.deepEqual(
    tops,
    heights.map((_, place) => heights.slice(0, place).reduce((sum, height) => sum + height, 0)),
  );
});
