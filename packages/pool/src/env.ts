export {
  poolConfigFromEnv,
  type DatabaseEnvironment,
  type HttpEnvironment,
  type PoolEnvironment,
  type RetryEnvironment,
} from './environment/pool-environment.ts';
export type { EnvironmentSetting } from './environment/setting-list.ts';
