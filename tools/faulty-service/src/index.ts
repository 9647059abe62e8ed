export { FAULTS, type Fault } from './fault.ts';
export { startService, type FaultyService, type ServiceOptions } from './start-service.ts';
