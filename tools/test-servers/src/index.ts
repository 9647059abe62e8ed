export { ForeignServerError, TestServerError } from './errors.ts';
export { createTemporaryFolder, type TemporaryFolder } from './lifecycle/temporary-folder.ts';
export type {
  PostgresOrigin,
  PostgresServer,
  ServerProcessInfo,
} from './postgres/postgres-server.ts';
export {
  POSTGRES_URL_VARIABLE,
  startPostgres,
  type StartPostgresOptions,
} from './postgres/start-postgres.ts';
