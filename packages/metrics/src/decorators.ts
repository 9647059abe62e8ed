export {
  profiled,
  type ProfiledDecorator,
  type ProfiledOptions,
  type Runs,
} from './decorators/profiled.ts';
