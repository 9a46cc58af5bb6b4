/**
 * The same cases of every property in every run, so that a test that passed once does not fail for somebody else by chance.
 * `PROPERTY_SEED=random npm run test:unit` looks for new ones; what it finds becomes a test of its own.
 */
import fc from 'fast-check';

const { PROPERTY_SEED: seed = '20261120' } = process.env;
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
