/**
 * Every page in every state that the tests look at, by name, as HTML text.
 */
import {
  BoxPage,
  DeviceEditPage,
  DevicesPage,
  ErrorPage,
  GivePage,
  GrantResultPage,
  HoursPage,
  NotFoundPage,
  NowPage,
  PreviewPage,
  RecordPage,
  SafeSearchPage,
  SetupPage,
  SetupUsedPage,
  SignInPage,
  UsagePage,
  VerifyPage,
  YearPage,
} from '../../dashboard-worker/views/pages.ts';
import * as models from './views-models.ts';

export function renderedPages(seed: number): ReadonlyMap<string, string> {
  const signIn = { settingName: 'Sunny Days', email: '', next: '', plainHttp: false, outcome: null };
  const setup = {
    token: 'a/b',
    values: { name: '', email: '', settingName: '' },
    errors: [],
    plainHttp: false,
  };
  const pages = {
    'sign-in': SignInPage(signIn),
    'sign-in-wrong': SignInPage({ ...signIn, email: models.awkward, plainHttp: true, outcome: 'wrong' }),
    'sign-in-set-up': SignInPage({ ...signIn, settingName: null, outcome: 'set-up' }),
    setup: SetupPage(setup),
    'setup-wrong': SetupPage({
      ...setup,
      plainHttp: true,
      values: { name: models.awkward, email: 'x', settingName: '' },
      errors: [
        { field: 'settingName', message: 'Write the name of your nursery.' },
        { field: 'password', message: 'Choose a password of at least 12 characters.' },
      ],
    }),
    'setup-used': SetupUsedPage({ reason: 'used' }),
    error: ErrorPage({ kind: 'server', reference: 'a1b2c3' }),
    'error-gone': ErrorPage({ kind: 'gone', reference: null }),
    'not-found': NotFoundPage(),
    'now-empty': NowPage(models.emptyNow),
    'now-busy': NowPage(models.busyNow),
    'now-away': NowPage(models.awayNow),
    'give-empty': GivePage(models.emptyGive),
    'give-usual': GivePage(models.usualGive),
    'give-many': GivePage(models.manyGive),
    'devices-none': DevicesPage(models.noDevices),
    'devices-one': DevicesPage(models.oneDevice),
    'devices-many': DevicesPage(models.manyDevices),
    'device-new': DeviceEditPage(models.newDevice),
    'device-wrong': DeviceEditPage(models.wrongDevice),
    'safe-search': SafeSearchPage(models.safeSearch),
    'safe-search-late': SafeSearchPage(models.lateSafeSearch),
    hours: HoursPage(models.hoursModel),
    'hours-empty': HoursPage(models.emptyHours),
    'hours-wrong': HoursPage(models.wrongHours),
    preview: PreviewPage(models.preview),
    'preview-everything': PreviewPage(models.everyChange),
    'preview-nothing': PreviewPage(models.nothingChanges),
    'preview-removal': PreviewPage(models.removal),
    'usage-empty': UsagePage(models.emptyUsage),
    'usage-one': UsagePage(models.oneUsage),
    'usage-many': UsagePage(models.manyUsage(seed)),
    'record-empty': RecordPage(models.emptyRecord),
    'record-full': RecordPage(models.fullRecord),
    'verify-never': VerifyPage(models.neverVerified),
    'verify-whole': VerifyPage(models.verifiedWhole),
    'verify-broken': VerifyPage(models.verifiedBroken),
    'year-empty': YearPage(models.emptyYear),
    'year-busy': YearPage(models.busyYear(seed)),
    'box-none': BoxPage(models.unpairedBox),
    'box-paired': BoxPage(models.pairedBox),
    'box-away': BoxPage(models.awayBox),
    'grant-extended': GrantResultPage(models.extendedResult),
    ...Object.fromEntries(
      models.grantResults.map((model) => [`grant-${model.grant.state.kind}`, GrantResultPage(model)]),
    ),
  };
  return new Map(Object.entries(pages).map(([name, page]) => [name, String(page)]));
}
