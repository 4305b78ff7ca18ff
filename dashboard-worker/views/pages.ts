/**
 * The pages, as the routes use them: `c.html(NowPage(model))`. Each is a pure function of its model in models.ts.
 */
export { AccountPage, ReplaceAppPage } from './account.tsx';
export { BoxPage } from './box.tsx';
export { CalendarPage } from './calendar.tsx';
export { ChannelEditPage, ChannelsPage } from './channels.tsx';
export { BYTE_ORDER_MARK, csvLine } from './csv.ts';
export { DeviceEditPage, DevicesPage } from './devices.tsx';
export { ErrorPage, NotFoundPage } from './error-pages.tsx';
export { FirstNamesPage } from './first-names.tsx';
export { GivePage, GrantResultPage, NotePage } from './give.tsx';
export { GroupRulesPage, groupRulesFields } from './group-rules.tsx';
export { HoursPage } from './hours.tsx';
export { hoursFields, isHoursForm, isMostlyClosed, readHoursForm } from './hours-form.ts';
export { AcceptInvitationPage, InvitationGonePage, InvitationPage, JoinPage } from './invitation.tsx';
export { ApiDocumentationPage, KeysPage } from './keys.tsx';
export { LastChangePage } from './last-change.tsx';
export { liveScript } from './live-script.ts';
export { reasonText, refusalReasonText, yesReasonText } from './messages.ts';
export { NOTICE_LINE_MAX_LENGTH, NoticePage, NoticePreviewPage } from './notice.tsx';
export { NowPage } from './now.tsx';
export { OwnRecordPage } from './own-record.tsx';
export { pageOrder, permissionOfPage } from './page-order.ts';
export { PeoplePage } from './people.tsx';
export { PreviewPage } from './preview.tsx';
export { RecordPage } from './record.tsx';
export { withoutDevices } from './record-outline.ts';
export { recordSentence } from './record-sentence.ts';
export { SafeSearchPage } from './safe-search.tsx';
export { RecoveryCodesPage, SecondFactorPage, SecondStepPage } from './second-factor.tsx';
export { SelfGrantsPage } from './self-grants.tsx';
export { SettingsPage } from './settings.tsx';
export { RecoverPage, SetupPage, SetupUsedPage, SignInPage } from './sign-in.tsx';
export { stylesheet } from './stylesheet.ts';
export { UnnamedDevicesPage } from './unnamed-devices.tsx';
export { UsagePage } from './usage.tsx';
export { VerifyPage } from './verify.tsx';
export { YearPage } from './year.tsx';
