/** `stairgate enrol`: pairs this box with its setting's dashboard. A running box notices within seconds. */
import { hostname } from 'node:os';
import { EnrolError, enrol as enrolThisBox } from '../control/box-identity.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';
import { readSettings, settingsOptions } from './settings.ts';

export const enrolUsage = `stairgate enrol [--config FILE] [--dashboard URL] [--name NAME] CODE
  Pairs this box with the dashboard, by the code that its page "Box" shows.
  --dashboard  the dashboard's address, unless the settings name it
  --name       how the dashboard calls this box; this machine's name unless told`;

export async function enrol(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    config: settingsOptions.config,
    dashboard: { type: 'string' },
    name: { type: 'string' },
  });
  const config = readSettings(values);
  const dashboardUrl = values.dashboard ?? config.dashboard?.url;
  if (dashboardUrl === undefined)
    throw new UsageError('Which dashboard? Give --dashboard URL, or dashboard.url in the settings.');
  // The code is shown in two groups, and may be typed so.
  const code = positionals.join('');
  if (code === '') throw new UsageError('Give the pairing code that the dashboard shows.');
  try {
    const identity = await enrolThisBox({
      stateDir: config.stateDir,
      dashboardUrl,
      code,
      boxName: values.name ?? hostname(),
      allowPlainHttp: config.dashboard?.allowPlainHttp ?? false,
    });
    io.stdout.write(`This box is paired with the dashboard of ${identity.settingName}.\n`);
    return ExitCode.OK;
  } catch (cause) {
    if (!(cause instanceof EnrolError)) throw cause;
    io.stderr.write(`Not paired: ${cause.message}.\n`);
    return ExitCode.FAILED;
  }
}
