/**
 * `npm run bench [-- NAME…]`: measures against the embedded stack, prints one table a benchmark and writes
 * `bench/results/NAME.json`. Without names, all that need no more than a few minutes. Figures that must hold are ratios
 * taken in one run, since the machine's own speed drifts. Exit code 1 when one of them does not hold.
 */

import { actions } from './actions.ts';
import { cost } from './cost.ts';
import { fairness } from './fairness.ts';
import { hierarchy } from './hierarchy.ts';
import { latency } from './latency.ts';
import { mapping } from './mapping.ts';
import { pipeline } from './pipeline.ts';
import { staging } from './staging.ts';
import { type Bench, type Figure, keepsBound, printFigures, saveFigures } from './support/result.ts';
import { tutorial } from './tutorial.ts';

const benches: readonly Bench[] = [pipeline, tutorial, cost, staging, hierarchy, mapping, latency, fairness, actions];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are ${benches.map((bench) => bench.name).join(', ')}.`,
  );
  process.exit(2);
}

const all: Figure[] = [];
for (const bench of benches.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const figures = await bench.run();
  printFigures(bench.title, figures);
  console.log(`  written to ${await saveFigures(bench.name, figures)}`);
  all.push(...figures);
}
process.exitCode = all.some((figure) => keepsBound(figure) === false) ? 1 : 0;
