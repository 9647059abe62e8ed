export { ForeignServerError, TestServerError } from './errors.ts';
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
