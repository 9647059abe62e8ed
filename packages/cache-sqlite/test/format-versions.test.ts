import { describeFormatVersions } from '@perf/store-tests';
import { driverIsMissing } from './fixtures/driver.ts';
import { useTempFolder } from './fixtures/temp-folder.ts';

const folder = useTempFolder();

describeFormatVersions('sqliteStore', { open: () => folder.open(), skip: driverIsMissing });
