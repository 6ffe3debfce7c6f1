#!/usr/bin/env node
/**
 * The `rollcall` command. Rollcall's sources are TypeScript that Node 24 runs itself; where the host's Node is older,
 * this file (plain JavaScript for that reason) starts the Node 24 that is installed beside it as a dependency.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main.href);
} else {
  reexecute();
}

function reexecute() {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(
      `rollcall: needs Node.js 24 or newer, this is ${process.versions.node}. Run \`npm ci\`: it brings one along.`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both processes: this one only has to outlive the child, which says how to go on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
