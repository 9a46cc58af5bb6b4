/**
 * Mocha's spec reporter that also hands its totals to the script that runs all stages: where OPERATOR_TEST_TOTALS names a file,
 * one JSON line is added to it. Plain JavaScript, because mocha loads it in every process it starts.
 */
import { appendFileSync } from 'node:fs';
import mocha from 'mocha';

export default class TotalsReporter extends mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env.OPERATOR_TEST_TOTALS;
      if (file) appendFileSync(file, `${JSON.stringify({ passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending })}\n`);
    });
  }
}
