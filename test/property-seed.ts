import { configureGlobal } from 'fast-check'

/**
 * Properties draw the same values in every run, so that a failure is one to repeat, on any machine;
 * `WEFT_FUZZ_SEED=7 npm test` draws others.
 */
configureGlobal({ seed: Number(process.env.WEFT_FUZZ_SEED ?? 1) })
