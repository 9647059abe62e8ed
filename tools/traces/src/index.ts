export { countHits, type ReplayedCache } from './count-hits.ts';
export { TraceFormatError } from './errors.ts';
export { optimalHits } from './optimum.ts';
export { readTrace } from './read-trace.ts';
export { loopTrace, scanTrace, shiftTrace, zipfTrace } from './synthetic-traces.ts';
export { checksum, countKeys, type Trace } from './trace.ts';
export { zipf } from './zipf.ts';
