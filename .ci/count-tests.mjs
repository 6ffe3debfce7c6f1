/**
 * Adds up the results of vitest's JSON reporter, file by file: `412 passed, 0 failed, 3 skipped`. Fails if any test did, and
 * says before the figures which and why: what ran since may have pushed it far up in the output.
 */
import { existsSync, readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const files = process.argv.slice(2).filter(existsSync);

for (const file of files) {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += results.numPassedTests;
  totals.skipped += results.numPendingTests + results.numTodoTests;
  // A file that cannot be loaded has no tests that could fail.
  const unloaded = results.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  );
  totals.failed += results.numFailedTests + unloaded.length;
  for (const suite of unloaded) tell(suite.name, suite.message);
  for (const { name, assertionResults } of results.testResults) {
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === 'failed') tell(`${name}: ${fullName}`, failureMessages.join('\n'));
    }
  }
  // Errors outside of tests make a run unsuccessful without any test of its own.
  if (!results.success && results.numFailedTests + unloaded.length === 0) totals.failed += 1;
}
// No results at all: the runner itself did not get that far.
if (files.length === 0) totals.failed += 1;

/** A failure with the beginning of its reason: the rest is where it happened. */
function tell(what, reason) {
  console.log(`failed: ${what}\n${reason.split('\n').slice(0, 12).join('\n')}\n`);
}

console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
