/** Pictures of statecharts as SVG that shows the same in every viewer: no font, style or script from elsewhere. */
import { renderMermaidSVG } from 'beautiful-mermaid';
import { type ChartDescription, mermaidOf } from '../machines/index.js';
import { invariant } from '../src/errors.js';

const INK = '#27272a';
const PAPER = '#ffffff';
/** The renderer mixes its colours in CSS, which browsers do and other viewers do not: here is what comes of it. */
const COLOURS: Readonly<Record<string, string>> = {
  '--bg': PAPER,
  '--_text': INK,
  '--_text-sec': '#52525b',
  '--_text-muted': '#71717a',
  '--_line': '#8b8b90',
  '--_arrow': '#3f3f46',
  '--_node-fill': '#f8f8f8',
  '--_node-stroke': '#d0d0d2',
  '--_group-fill': PAPER,
  '--_group-hdr': '#f1f1f2',
  '--_inner-stroke': '#e4e4e5',
};
/** The renderer measures with Inter; these are about as wide. */
const STYLE = '<style>text { font-family: Inter, Helvetica, Arial, sans-serif; }</style>';
const TITLE_HEIGHT = 40;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

/** Draws statecharts as one SVG document, one below the other, each under its name. */
export function svgOf(charts: readonly ChartDescription[]): string {
  const pictures = charts.map((chart) => titled(chart, draw(chart)));
  const width = Math.ceil(Math.max(...pictures.map((picture) => picture.width)));
  let height = 0;
  const placed = pictures.map((picture) => {
    const top = height;
    height += Math.ceil(picture.height);
    return `<g transform="translate(0 ${top})">\n${picture.content}\n</g>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`;
  return [head, STYLE, `<rect width="100%" height="100%" fill="${PAPER}" />`, ...placed, '</svg>'].join('\n');
}

function titled({ name, about }: ChartDescription, { width, height, content }: Picture): Picture {
  const text = `<text x="24" y="28" font-size="16" font-weight="600" fill="${INK}">${name}: ${about}</text>`;
  const body = `<g transform="translate(0 ${TITLE_HEIGHT})">\n${content}\n</g>`;
  return { width, height: height + TITLE_HEIGHT, content: `${text}\n${body}` };
}

/** One chart without its outermost tag, so that several fit into one document. */
function draw(chart: ChartDescription): Picture {
  const narrow = mermaidOf(chart).replaceAll(/(-->.*) \/ /g, '$1<br>/ '); // what is performed on a line of its own
  const svg = renderMermaidSVG(narrow, { bg: PAPER, fg: INK });
  const [, width, height] = /^<svg [^>]*width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  invariant(width !== undefined && height !== undefined, 'the renderer says how large its picture is');
  const content = svg
    .replace(/^<svg [^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => colour(name));
  return { width: Number(width), height: Number(height), content: content.trim() };
}

function colour(name: string): string {
  const known = COLOURS[name];
  invariant(known !== undefined, `the colour ${name} of the renderer is known`);
  return known;
}
