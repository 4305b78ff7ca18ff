/**
 * Every address that a page links to or posts to, and what comes and goes there. Forms post
 * application/x-www-form-urlencoded; their fields are the types named here, of models.ts.
 */
export const paths = {
  /** GET. */
  stylesheet: '/assets/stairgate.css',
  /** GET. One small script; every page works without it. */
  script: '/assets/stairgate.js',
  /** GET. The script of the pages with passkeys, which need one. */
  passkeyScript: '/assets/passkeys.js',
  /** GET: the page. POST: `SignInForm`. */
  signIn: '/sign-in',
  /** Sign-in's second step, the code of the app. GET: the page, `?next=`. POST: `SecondStepForm`. */
  secondStep: '/sign-in/code',
  /** The same with a recovery code. */
  recoveryStep: '/sign-in/recovery-code',
  /** GET: setting up the app. POST: `code`; the answer is the page of the recovery codes. */
  secondFactor: '/account/second-factor',
  /** POST: `resetCode`, before that where the second factor was reset. */
  resetCode: '/account/second-factor/code',
  /** GET: one's own account. */
  account: '/account',
  /** POST: `ChangePasswordForm`; then 303 to `account`. */
  changePassword: '/account/password',
  /** POST, `codesPassword`; the answer is the page of the recovery codes. */
  renewRecoveryCodes: '/account/recovery-codes',
  /** GET: another app in the place of the one that is set up. POST: `ReplaceAppForm`; the answer as for `secondFactor`. */
  replaceApp: '/account/app',
  /** POST, `session`: an id of the list; then 303 to `account`. */
  endSession: '/account/sessions/end',
  /** POST, no fields; then 303 to `account`. */
  endOtherSessions: '/account/sessions/end-others',
  /** POST, no fields; the answer is JSON for the script. */
  passkeySignInOptions: '/sign-in/passkey/options',
  /** POST: `PasskeySignInForm`. */
  passkeySignIn: '/sign-in/passkey',
  /** POST, `passkeyPassword`; the answer is JSON for the script, with `problem` where the password is not right. */
  passkeyOptions: '/account/passkeys/options',
  /** POST: `AddPasskeyForm`; then 303 to `account`. */
  addPasskey: '/account/passkeys',
  /** POST, `passkey`: an id of the list; then 303 to `account`. */
  removePasskey: '/account/passkeys/remove',
  /** POST, no fields. */
  signOut: '/sign-out',
  /** GET: the page. POST: `SetupForm`, or `RecoverForm` where a newer link lets the first manager back in. */
  setup: (token: string) => `/setup/${encodeURIComponent(token)}`,
  now: '/',
  /** GET, an upgrade: a WebSocket on which an open page is told that there is news. */
  live: '/live',
  /** GET: the page, `?request=ID` fills it from a request. POST: `GiveForm`; then 303 to `grant(id)`. */
  give: '/give',
  /** GET: the page. POST: `GiveForm` for what is over already; then 303 to `grant(id)`. */
  note: '/give/note',
  /** POST: `RepeatForm`: the same permission again; then 303 to `grant(id)`. */
  repeat: '/give/repeat',
  /** POST: `EmergencyForm`; then 303 to `grant(id)`. */
  emergency: '/give/emergency',
  /** GET: the result page of one grant. */
  grant: (id: string) => `/grants/${encodeURIComponent(id)}`,
  /** POST, `back` = "now" or "grant": where the form stood, and where a 303 leads. */
  endGrant: (id: string) => `/grants/${encodeURIComponent(id)}/end`,
  /** POST: `MoreTimeForm`; then 303 to where the form stood. */
  extendGrant: (id: string) => `/grants/${encodeURIComponent(id)}/extend`,
  /** POST: `AnswerForm`; then 303 to `grant(id)` after a yes, to `now` after a no. */
  answerRequest: (id: string) => `/requests/${encodeURIComponent(id)}/answer`,
  /** GET: the list. POST: `DeviceForm`: a new device. */
  devices: '/devices',
  /** GET: the form for a new device. */
  newDevice: '/devices/new',
  /** GET: what the box sees at this moment. Not below `devices`, where an id may be any word. */
  unnamedDevices: '/unnamed-devices',
  /** POST: `NameDeviceForm`; the answer is the form for a new device. */
  nameDevice: '/unnamed-devices/name',
  /** GET: the form. POST: `DeviceForm`. */
  device: (id: string) => `/devices/${encodeURIComponent(id)}`,
  /** GET: what one of the setting's own devices did. */
  deviceUsage: (id: string) => `/devices/${encodeURIComponent(id)}/usage`,
  /** The week that begins on that day (YYYY-MM-DD). */
  deviceUsageIn: (id: string, monday: string) => `${paths.deviceUsage(id)}?week=${monday}`,
  /** GET: the form. POST: for each network a group, in the field `networkField(range)`. */
  networks: '/networks',
  /** GET: the form. POST: the fields of `groupRulesFields`, each a restriction or "". */
  groupRules: (group: string) => `/groups/${encodeURIComponent(group)}/rules`,
  /** GET: the form. POST: `SafeSearchForm`. */
  safeSearch: (group: string) => `/groups/${encodeURIComponent(group)}/safe-search`,
  /** GET: the form. POST: `FirstNamesForm`. */
  firstNames: '/first-names',
  /** POST, no fields. */
  removeDevice: (id: string) => `/devices/${encodeURIComponent(id)}/remove`,
  /** GET: the page. POST: the fields of `hoursFields`, read by `readHoursForm` of hours-form.ts. */
  hours: '/hours',
  /** POST: `OpenTodayForm`: a one-off opening today. */
  openToday: '/hours/open-today',
  /** GET, `?from=YYYY-MM`: twelve months. */
  calendar: '/hours/calendar',
  calendarFrom: (month: string) => `/hours/calendar?from=${month}`,
  /** GET: the newest change of the policy. POST, `version`: takes it back. */
  lastChange: '/policy/last-change',
  /** GET, `?span=week` or `?span=term`. */
  usage: '/usage',
  /** GET, `?kind=&from=&to=&page=`; empty values mean no filter; pages count from 1. */
  record: '/record',
  /** POST, `format` = "csv" or "ndjson": the whole record as a file. */
  exportRecord: '/record/export',
  /** GET: the last result. POST, no fields: verifies now; then 303 to it. */
  verifyRecord: '/record/verify',
  /** GET, `?from=YYYY-MM-DD&to=YYYY-MM-DD`, both included. */
  year: '/year',
  /** GET: the register. POST: `ChannelForm`: a new one; then 303 to it. */
  channels: '/channels',
  /** GET: the form for a new one. */
  newChannel: '/channels/new',
  /** GET: the form. POST: `ChannelForm`; then 303 to `channels`. */
  channel: (id: string) => `/channels/${encodeURIComponent(id)}`,
  /** POST, no fields; then 303 to `channels`. */
  closeChannel: (id: string) => `/channels/${encodeURIComponent(id)}/close`,
  /** GET: the page. POST: `NoticeForm`, shown first, then `step=save` with `known`; then 303 to it. */
  notice: '/notice',
  /** POST, `date`: of the data protection assessment. */
  assessment: '/notice/assessment',
  /** POST, `names`, one on each line: who has to read it. */
  noticeReaders: '/notice/readers',
  /** POST, `reader`, as often as readers are chosen, `what` = "paper" or "left"; then 303 to `notice`. */
  noteReaders: '/notice/readers/noted',
  /** GET, `?page=`, from 1: what the manager allowed themselves. */
  selfGrants: '/year/self-grants',
  /** GET, `?page=`, from 1: what is recorded about whoever asks. */
  ownRecord: '/account/record',
  /** GET: the keys of other programs. POST: `KeyForm`; the answer is the page with the key. */
  keys: '/keys',
  /** POST, no fields; then 303 to `keys`. */
  revokeKey: (id: string) => `/keys/${encodeURIComponent(id)}/revoke`,
  /** GET: what a program can ask. */
  apiDocumentation: '/keys/documentation',
  /** GET: the same for machines. */
  openApi: '/api/v1/openapi.json',
  /** GET: who belongs here, and open invitations. */
  people: '/people',
  /** POST: `InviteForm`, with the id that the form was shown with; the answer is the page of the link. */
  invite: '/people/invitations',
  /** POST, no fields; then 303 to `people`. */
  withdrawInvitation: (id: string) => `/people/invitations/${encodeURIComponent(id)}/withdraw`,
  /** POST: `RoleForm`; then 303 to `people`. */
  changeRole: (id: string) => `/people/${encodeURIComponent(id)}/role`,
  /** POST, no fields: what a lost phone calls for; then 303 to `people`. */
  resetSecondFactor: (id: string) => `/people/${encodeURIComponent(id)}/second-factor`,
  /** POST: `RightsForm`; then 303 to `people`. */
  changeRights: (id: string) => `/people/${encodeURIComponent(id)}/rights`,
  /** POST, no fields; then 303 to `people`. */
  removePerson: (id: string) => `/people/${encodeURIComponent(id)}/remove`,
  /**
   * GET: the page, which is another one for somebody who is signed in. POST: `JoinForm`; then 303 to `signIn`. Without a
   * session.
   */
  invitation: (token: string) => `/invitation/${encodeURIComponent(token)}`,
  /** POST, no fields: joins with the account that is signed in; then 303 to `now`. */
  acceptInvitation: (token: string) => `/invitation/${encodeURIComponent(token)}/accept`,
  /** GET: the settings that one belongs to. */
  settings: '/settings',
  /** POST, `to` = the id of a setting: the session goes on there; then 303 to `now`. */
  switchSetting: '/settings/switch',
  box: '/box',
  /** POST, no fields: a new pairing code; then 303 to `box`. */
  newPairingCode: '/box/pairing-code',
  /** POST, no fields: the key of the box is no longer taken; then 303 to `box`. */
  removeBox: '/box/remove',
} as const;

/** Sent by the script that looks for news by itself, so that an open page does not count as use. */
export const LIVE_HEADER = 'x-stairgate-live';

/** To the page of the invitation by way of signing in. */
export function signInFirst(token: string): string {
  return `${paths.signIn}?${new URLSearchParams({ next: paths.invitation(token) })}`;
}

/** As forms say whose page they stood on: enough of the id to tell people apart, on pages that have a hundred forms. */
export function shownTo(userId: string): string {
  return userId.slice(0, 8);
}
