import type { Alert } from '../alerts/alert.ts';
import type { DiagnosisContext } from '../diagnose/context.ts';
import type { DiagnosisOptions } from '../diagnose/options.ts';
import type { Profile } from '../profiler/profile.ts';

/** What a report is made from: what there is of it. */
export interface ReportSources extends DiagnosisContext {
  /** `profile()` of a profiler. */
  readonly profile: Profile;
  /** `status()` of alerts. */
  readonly alerts?: readonly Alert[] | undefined;
}

/** Options of {@link report}. */
export interface ReportOptions {
  /** How it is judged; its window is that of the report. */
  readonly diagnosis?: DiagnosisOptions | undefined;
  /** How many operations are listed, the busiest first. @default 20 */
  readonly maxOperations?: number | undefined;
}
