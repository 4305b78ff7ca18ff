/**
 * Every word that the dashboard shows, in English. A second language is a second object of the type `Messages`.
 *
 * Sentences are whole: a translation may turn them round. Names that people typed arrive as arguments and are
 * escaped by whoever renders them; instants arrive already written out by format.ts.
 */
import type { Flash, GrantState, ReasonId, RecordKind, RefusalReasonId } from './models.ts';

export type Messages = typeof en;

export const en = {
  locale: 'en-GB',
  productName: 'Stairgate',
  tagline: 'The safety gate on your network',

  layout: {
    skip: 'Skip to the main content',
    navigation: 'Pages',
    signedInAs: (name: string) => `Signed in as ${name}`,
    signOut: 'Sign out',
    errorPrefix: 'Error: ',
    standingWarnings: 'Standing warnings',
    notUpToDate: (since: string) =>
      `Not up to date since ${since}: the dashboard does not answer. This page keeps trying by itself.`,
    waitingCount: (count: number) => (count === 1 ? '1 request waiting' : `${count} requests waiting`),
    pages: {
      now: 'Now',
      give: 'Give permission',
      devices: 'Devices',
      hours: 'Opening hours',
      usage: 'Usage',
      record: 'Record',
      year: 'Year',
      box: 'Box',
    },
    warnings: {
      noBox:
        'No box is paired with this dashboard. A box that was paired before goes on filtering by its last rules; without one, nothing is filtered.',
      noBoxLink: 'Pair the box',
      boxAway: (since: string) =>
        `The box has not been heard from since ${since}. It keeps filtering, and ends permissions on time by itself. New permissions wait here until it is back.`,
      boxAwayLink: 'What to check',
      clockNotTrusted:
        'The box is not sure of the time. Until it is, social media stays blocked and new permissions wait. Everything else works. It sorts itself out once the box reaches the internet.',
      plainHttp:
        'This connection is not encrypted. Anybody on the same network could read what you type, so use it on your own network only.',
    },
    flash: {
      'device-saved': 'The device has been saved.',
      'safe-search-saved':
        'Safe search has been saved and is on its way to the box. The devices follow within a minute or two.',
      'device-removed': 'The device has been removed. It is filtered as an unnamed device from now on.',
      'hours-saved': 'The opening hours have been saved and are on their way to the box.',
      'opening-added': 'The one-off opening has been added.',
      'request-refused': 'The answer has been sent. The person sees it on the device they asked from.',
      'request-gone': 'That request has already been answered, or has lapsed.',
      'grant-ended': 'The permission is being ended.',
      'box-removed':
        'The box is no longer paired with this dashboard. It goes on filtering by its last rules, and still ends permissions on time.',
      'pairing-code-made': 'A new pairing code has been made. Older ones no longer work.',
    } satisfies Record<Flash, string>,
  },

  form: {
    errorSummary: 'There is a problem',
    save: 'Save',
    cancel: 'Cancel',
  },

  time: {
    secondsAgo: (count: number) => (count < 2 ? 'just now' : `${count} seconds ago`),
    minutesAgo: (count: number) => (count === 1 ? '1 minute ago' : `${count} minutes ago`),
    hoursAgo: (count: number) => (count === 1 ? '1 hour ago' : `${count} hours ago`),
    daysAgo: (count: number) => (count === 1 ? '1 day ago' : `${count} days ago`),
    minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
    hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
    hoursAndMinutes: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
    tomorrowAt: (time: string) => `tomorrow at ${time}`,
    yesterdayAt: (time: string) => `yesterday at ${time}`,
    dateAt: (date: string, time: string) => `${date} at ${time}`,
    midnight: 'midnight',
  },

  scope: { allSocial: 'all social media', category: (name: string) => `everything under “${name}”` },
  target: { group: (name: string) => `every device in “${name}”` },
  unnamedDevice: 'a device without a name',

  signIn: {
    title: 'Sign in',
    email: 'Email address',
    password: 'Password',
    button: 'Sign in',
    outcomes: {
      wrong: 'The email address or the password is not right. Check both and try again.',
      'slow-down': 'There have been too many attempts. Wait a few minutes, then try again.',
      'signed-out': 'You have signed out.',
      expired: 'You were signed out because the page had not been used for a while. Sign in to carry on.',
      'set-up': 'The dashboard is ready. Sign in with the email address and the password you have just chosen.',
    },
  },

  setup: {
    title: 'Set up your dashboard',
    intro: 'This takes a minute. You will be the first person who can sign in.',
    settingName: 'Name of the nursery, pre-school or centre',
    settingNameHint: 'As it should appear at the top of every page and on reports.',
    name: 'Your name',
    nameHint: 'It stands beside every permission you give.',
    email: 'Your email address',
    emailHint: 'You sign in with it. Nothing is sent to it.',
    password: 'Choose a password',
    passwordHint: (length: number) => `At least ${length} characters. Three words you can remember make a good one.`,
    button: 'Set up',
    used: {
      title: 'This set-up link does not work any more',
      used: 'The dashboard has already been set up with it.',
      unknown: 'It may be incomplete, or out of date.',
      whatToDo:
        'If you have an account, sign in. If not, ask the person who installed the box: a new link is shown each time the dashboard starts, until somebody has set it up.',
    },
  },

  errors: {
    whatToDo: 'What to do',
    reference: (reference: string) => `If you ask for help, quote this: ${reference}`,
    backToNow: 'Go to Now',
    notFound: {
      title: 'This page does not exist',
      sentence: 'The address may have been typed wrongly, or what it showed has been removed.',
      whatToDo: 'Start again from Now.',
    },
    kinds: {
      server: {
        title: 'Something went wrong here',
        sentence: 'The dashboard could not finish what you asked for. The box keeps filtering all the same.',
        whatToDo: 'Go back and try again. Then look at Now to see whether your change has been made.',
      },
      forbidden: {
        title: 'You may not do this',
        sentence: 'Your account does not allow it.',
        whatToDo: 'Ask the Nursery Manager to do it for you.',
      },
      'cross-site': {
        title: 'This form did not come from this dashboard',
        sentence: 'To be on the safe side nothing has been changed.',
        whatToDo: 'Open the dashboard from your bookmark and try again there.',
      },
      'bad-form': {
        title: 'That did not come through as it should',
        sentence: 'Part of the form was missing, so nothing has been changed.',
        whatToDo: 'Go back, reload the page and send it again.',
      },
      gone: {
        title: 'That is already over',
        sentence: 'It has ended or has been answered in the meantime, so nothing has been changed.',
        whatToDo: 'Look at Now to see how things stand.',
      },
    },
  },

  now: {
    title: 'Now',
    gate: 'The gate',
    boxWorking: (ago: string) => `The gate is working. Last heard from ${ago}.`,
    boxAway: (since: string) => `The box has not been heard from since ${since}.`,
    boxAwayStillWorks: [
      'The box keeps filtering by the last rules it was given.',
      'Permissions that reached it still end on time, by themselves.',
      'What you allow or change now waits here, and applies when the box is back.',
    ],
    boxNone:
      'No box is paired with this dashboard. A box that was paired before goes on filtering by its last rules; without one, nothing is filtered.',
    pairBox: 'Pair the box',
    opening: 'Opening hours',
    open: (until: string) => `You are open until ${until}. Social media is blocked unless you allow it.`,
    openNoEnd: 'You are open. Social media is blocked unless you allow it.',
    onBreak: (until: string) => `It is a break until ${until}. Staff may use social media as after closing.`,
    onBreakNoEnd: 'It is a break. Staff may use social media as after closing.',
    closed: (until: string) =>
      `You are closed until ${until}. Social media is not restricted, except where a group says “always”.`,
    closedNoEnd: 'You are closed. Social media is not restricted, except where a group says “always”.',
    requests: 'Waiting for your answer',
    noRequests: 'Nobody is waiting for an answer.',
    requestLine: (askedBy: string, scope: string, device: string) => `${askedBy} asks for ${scope} on ${device}`,
    someone: 'Somebody',
    requestAsked: (duration: string, ago: string) => `For ${duration}. Asked ${ago}.`,
    because: (reason: string) => `“${reason}”`,
    yes10: 'Yes, 10 minutes',
    yes30: 'Yes, 30 minutes',
    yesClose: (time: string) => `Yes, until ${time}`,
    no: 'No',
    noReason: 'Reason for a no',
    change: 'Change the details first',
    allowed: 'Allowed just now',
    over: 'Ended within the last hour',
    nothingAllowed: 'Nothing is allowed beyond the usual rules.',
    give: 'Give permission',
    endNow: 'End now',
    attention: 'Needs your attention',
    noAttention: 'Nothing needs your attention.',
    overlap: (list: string, service: string) =>
      `The list “${list}” still blocks some addresses of ${service}. Allowing ${service} does not change that.`,
    alertSince: (since: string) => `Since ${since}.`,
    refusal: {
      policy: 'The box could not take the newest rules and keeps the ones it had.',
      grants: 'The box could not take the newest permissions and keeps the ones it had.',
    },
    refusalReason: (reason: string) => `It says: ${reason}`,
    noDevices: 'No device has a name yet. Name your own devices, so that you can allow something on just one of them.',
    nameDevices: 'Name a device',
    reload: 'Look again',
  },

  grant: {
    line: (scope: string, target: string) => `${scope} on ${target}`,
    lineUntil: (scope: string, target: string, time: string) => `${scope} on ${target} until ${time}`,
    state: {
      sending: 'Sending to the box…',
      waiting: 'Waiting: the box cannot be reached. It will apply when the box is back.',
      inForce: (since: string) => `In force on the box since ${since}`,
      ending: 'Ending… the box has not confirmed it yet.',
      ended: (at: string) => `Ended at ${at}`,
      endedEarly: (at: string, who: string) => `Ended early at ${at} by ${who}`,
      refused: (reason: string) => `The box did not take it. It says: ${reason}`,
    },
    purpose: { personal: 'Personal', official: 'Official', emergency: 'Emergency' },
    mode: { written: 'In writing', verbal: 'By word of mouth' },
    toSelf: 'Given to oneself',
    byAsked: (by: string, askedBy: string) => `${by}, asked by ${askedBy}`,
  },

  give: {
    title: 'Give permission',
    usual: 'The usual, with one tap',
    usualDuration: (duration: string) => `for ${duration}`,
    answering: 'You are answering this request',
    boxAway:
      'The box cannot be reached just now. You can give permission all the same: it waits here and applies when the box is back.',
    boxNone:
      'No box is paired with this dashboard. You can give permission all the same: it waits here, and applies once a box is paired.',
    notOpen: 'You are not in opening hours, so most things are open already.',
    device: 'On which device?',
    groups: 'All devices of a group',
    devices: 'One device',
    devicesOf: (group: string, count: number) => `${group} (${count === 1 ? '1 device' : `${count} devices`})`,
    noDevices: 'No device has a name yet.',
    noDevicesLink: 'Name a device',
    what: 'What?',
    allSocial: 'All social media',
    more: 'Something else, by kind',
    wholeCategory: (name: string) => `Everything under “${name}”`,
    until: 'Until when?',
    minutes: (count: number) => `${count} minutes`,
    close: (time: string) => `Until we close at ${time}`,
    time: 'Until a time',
    timeField: 'Time, if you chose “Until a time”',
    why: 'Why?',
    reasonText: 'In your own words',
    reasonTextHint: 'Needed only with “Something else”.',
    details: 'Who asked, and what kind of use',
    askedBy: 'Who asked?',
    askedByHint: 'Leave it empty if it is your own idea.',
    purpose: 'What kind of use is it?',
    purposes: {
      personal: 'Personal',
      official: 'Official: the nursery’s own page or work',
      emergency: 'Emergency',
    },
    mode: 'How is permission given?',
    modes: { verbal: 'By word of mouth', written: 'In writing' },
    button: 'Give permission',
    emergency: 'Emergency',
    emergencyText: (minutes: number, group: string) =>
      `One tap opens all social media for ${minutes} minutes on every device in “${group}”. It is marked as an emergency in the record.`,
    emergencyButton: (minutes: number) => `Emergency: open for ${minutes} minutes`,
    limits:
      'Permission cannot open what is always blocked: malware, illegal content and ways round the filter. The box cannot tell the nursery’s own page from a personal account, so say above what it is for.',
  },

  grantResult: {
    titles: {
      sending: 'On its way to the box',
      waiting: 'Saved, and waiting for the box',
      'in-force': 'It is allowed',
      ending: 'The box has been told to end it',
      ended: 'This permission has ended',
      refused: 'The box did not take it',
    } satisfies Record<GrantState['kind'], string>,
    sentences: {
      sending: 'The box usually answers within a second.',
      waiting: 'It applies by itself as soon as the box is back, if its time is not over by then.',
      waitingSince: (since: string) =>
        `The box has not been heard from since ${since}. The permission applies by itself as soon as the box is back, if its time is not over by then.`,
      'in-force':
        'The box has confirmed it. If a page still does not open, wait half a minute, or close the app and open it again.',
      ending: 'The box has been told. It usually answers within a second.',
      ended: 'A video or call that was already running may go on until somebody closes it.',
      refused: 'Look at the Box page, then try again. Until then nothing has changed for anybody.',
    },
    table: 'The permission',
    who: 'On',
    what: 'What',
    from: 'From',
    until: 'Until',
    why: 'Why',
    purpose: 'Kind of use',
    mode: 'Given',
    askedBy: 'Asked by',
    nobodyAsked: 'nobody: own idea',
    grantedBy: 'Allowed by',
    grantedAt: (who: string, at: string) => `${who}, ${at}`,
    stillBlocked: 'Still blocked in part',
    stillBlockedWhy:
      'Lists that protect against harm go before any permission. If this is a mistake, ask the person who looks after the box to look at the list.',
    back: 'Back to Now',
    another: 'Give another permission',
  },

  devices: {
    title: 'Devices',
    intro:
      'A device with a name can be given permission by itself, and its use of restricted services is counted. Everything else is filtered as its network says.',
    add: 'Add a device',
    unnamed: (count: number) =>
      count === 0
        ? 'Every device seen today has a name.'
        : count === 1
          ? '1 device without a name was on the network today. It is filtered, and counted only together with others.'
          : `${count} devices without a name were on the network today. They are filtered, and counted only together.`,
    unnamedUnknown: 'The box has not yet said how many devices are on the network.',
    none: 'No device in this group has a name yet.',
    noneAtAll: 'No device has a name yet. Start with the office PC or the tablet that is used most.',
    kinds: {
      setting: 'The setting’s own. Blocked and allowed use of restricted services is counted.',
      personal: 'Staff’s own. Never recorded, in any form.',
      guest: 'Guests’. Never recorded, in any form.',
    },
    count: (count: number) => (count === 1 ? '1 device' : `${count} devices`),
    columns: { name: 'Name', addresses: 'Address on the network', change: 'Change' },
    edit: 'Change',
    addTitle: 'Add a device',
    editTitle: (name: string) => `Change ${name}`,
    name: 'Name',
    nameHint:
      'As everybody calls it: “Office PC”, “Toddler room tablet”. Not a person’s name if several people use it.',
    group: 'Group',
    addresses: 'Address on the network',
    addressesHint: 'Looks like 192.168.1.20. Several: one on each line.',
    macs: 'Hardware address',
    macsHint: 'Looks like dc:a6:32:01:02:03. It stays the same when the address on the network changes.',
    oneOfBoth: 'One of the two is enough. The hardware address is the better one.',
    howTo: 'How to find the address of a device',
    howToOpen: 'On that device, open this address in the browser:',
    howToSee: 'The page says “This device” and shows its address.',
    howToType: 'Type that in here.',
    remove: 'Remove this device',
    removeText:
      'Its name goes from the lists, and it is filtered as an unnamed device. What the record says about it stays.',
  },

  safeSearch: {
    title: (group: string) => `Safe search for ${group}`,
    intro:
      'Google, Bing, DuckDuckGo and other search engines can leave out explicit pictures and pages, and YouTube can leave out most of what is meant for adults. They do that themselves: the box sees to it that these devices are shown no other results.',
    limits:
      'No filter of this kind is perfect, and it does not look at the pages that are found. A device that is already searching follows within a minute or two.',
    search: 'Searching',
    searchOn: 'Safe search',
    searchOnHint: 'Google, Bing, DuckDuckGo, Brave, Ecosia, Yandex and Pixabay show no explicit results.',
    searchOff: 'As each search engine is set',
    youtube: 'YouTube, whenever it is open',
    youtubeHint: 'This opens nothing: while YouTube is blocked, it stays blocked.',
    youtubeChoices: {
      moderate: 'Moderate',
      strict: 'Strict',
      off: 'As it is',
    },
    youtubeHints: {
      moderate: 'No videos marked as for adults, no comments, no live films. Songs and training films stay.',
      strict: 'Far fewer videos, no comments, no live films. Some songs and training films are missing too.',
      off: 'Everything, with comments and uploading: for devices on which your own channel is looked after.',
    },
    kinds: {
      setting: 'Children look at the setting’s own devices too, so both are on unless you say otherwise.',
      personal: 'These are staff’s own devices: both are off unless you say otherwise.',
      guest: 'These are guests’ devices: both are off unless you say otherwise.',
    },
    line: (search: boolean, youtube: 'off' | 'moderate' | 'strict') =>
      `Safe search: ${search ? 'on' : 'off'}. YouTube, when it is open: ${youtube === 'off' ? 'as it is' : youtube}.`,
    change: 'Change safe search',
    forGroup: (group: string) => ` for ${group}`,
    changed: 'Somebody else changed this meanwhile. Please check it and save again.',
  },

  hours: {
    title: 'Opening hours',
    intro: 'Social media is blocked while you are open, except in the breaks.',
    picture: 'Your week at a glance',
    pictureTitle: 'Opening hours of the week',
    pictureOpen: 'Open',
    pictureBreak: 'Break',
    closedAllDay: 'Closed',
    span: (from: string, to: string) => `${from} to ${to}`,
    breakSpan: (spans: string) => `break ${spans}`,
    dayLine: (day: string, text: string) => `${day}: ${text}`,
    today: 'Open outside the usual hours today?',
    todayHint: 'For example for a parents’ evening. It counts as opening hours, so social media is blocked then.',
    todayName: 'What for',
    todayButton: 'Open today',
    form: 'Change the hours',
    week: 'Usual week',
    weekHint: 'Up to the next morning’s midnight: write 00:00 as the end. Empty both times of a row to remove it.',
    confirmWeek: (days: readonly string[]) =>
      days.length === 7
        ? 'Yes, we are closed on every day: social media is never blocked.'
        : `Yes, we are closed on ${days.slice(0, -1).join(', ')} and ${days.at(-1)}: social media is not blocked then.`,
    days: {
      monday: 'Monday',
      tuesday: 'Tuesday',
      wednesday: 'Wednesday',
      thursday: 'Thursday',
      friday: 'Friday',
      saturday: 'Saturday',
      sunday: 'Sunday',
    },
    shortDays: {
      monday: 'Mon',
      tuesday: 'Tue',
      wednesday: 'Wed',
      thursday: 'Thu',
      friday: 'Fri',
      saturday: 'Sat',
      sunday: 'Sun',
    },
    openFrom: (day: string, row: number) => `${day}, period ${row}, open from`,
    openTo: (day: string, row: number) => `${day}, period ${row}, open until`,
    breakFrom: (day: string, row: number) => `${day}, break ${row}, from`,
    breakTo: (day: string, row: number) => `${day}, break ${row}, until`,
    from: 'From',
    to: 'Until',
    breaks: 'Breaks',
    breaksHint: 'Times within the opening hours when staff may use social media as after closing.',
    terms: 'Terms',
    termsHint: 'If you fill in terms, you count as closed outside them. Leave them empty if you are open all year.',
    closures: 'Closures',
    closuresHint: 'Holidays, training days, anything when you are closed for whole days.',
    openings: 'One-off openings',
    openingsHint: 'They count also on a closure, a bank holiday or out of term.',
    rowName: 'Name',
    first: 'First day',
    last: 'Last day',
    date: 'Day',
    rowPrefix: (section: string, row: number) => `${section}, row ${row}:`,
    moreRows: 'Save to get another empty row.',
    bankHolidays: 'Bank holidays',
    bankHolidaysOn: 'Closed on the bank holidays of England and Wales',
    bankHolidaysOff: 'Open on bank holidays',
    nextBankHolidays: (list: string) => `Next: ${list}.`,
    button: 'Save the opening hours',
    problems: {
      half: 'Fill in both times, or empty both.',
      order: 'The end must be later than the start.',
      time: 'Write a time as HH:MM, for example 08:00.',
      overlap: 'This period overlaps another one of the same day.',
      name: 'Give it a name, for example “Summer holiday”.',
      date: 'Fill in the day as a date.',
      dates: 'Fill in the first and the last day.',
      dateOrder: 'The last day must not be before the first.',
      long: 'The name may have at most 80 characters.',
      rows: (count: number) => `Use at most ${count} rows.`,
      closedWeek:
        'You have hardly any opening hours, so social media would hardly ever be blocked. Tick the box if that is right.',
      changed:
        'Somebody has changed this since you opened the page, so nothing has been saved yet. The fields below are yours: save again to replace theirs, or open the page anew to see theirs.',
    },
  },

  usage: {
    title: 'Usage',
    week: 'This week',
    term: 'This term',
    twelveWeeks: 'Last 12 weeks',
    spans: 'Time span',
    period: (first: string, last: string) => `${first} to ${last}`,
    blocked: 'Blocked',
    granted: 'Allowed by permission',
    minutes: 'active minutes',
    total: (blocked: string, granted: string) =>
      `${blocked} active minutes were blocked, ${granted} were allowed by permission.`,
    caveatTitle: 'How to read these figures',
    caveats: [
      'An active minute is a minute in which a device asked for a service at least once.',
      'Allowed minutes may be too few: asking once can open an hour’s video.',
      'Blocked minutes may be too many: apps knock in the background by themselves, while nobody is using them.',
      'Only the setting’s own devices are counted. The figures say nothing about a person.',
    ],
    byService: 'By service',
    byHour: 'By hour of the day',
    serviceChart: 'Active minutes by service, blocked and allowed by permission',
    hourChart: 'Active minutes by hour of the day, blocked and allowed by permission',
    chartDesc: 'The same figures are in the table below.',
    columns: { service: 'Service', hour: 'Hour', blocked: 'Blocked', granted: 'Allowed' },
    otherServices: (count: number) => `${count} other services`,
    none: 'Nothing has been blocked or allowed by permission in this time.',
    showTable: 'Show the figures as a table',
    tableService: 'Active minutes by service',
    tableHour: 'Active minutes by hour of the day',
  },

  record: {
    title: 'Record',
    intro: 'Everything that was decided or changed, the newest first. Nothing here can be changed afterwards.',
    filter: 'Show only',
    kind: 'Kind',
    all: 'Everything',
    kinds: {
      permission: 'Permissions',
      request: 'Requests',
      device: 'Devices',
      hours: 'Opening hours',
      policy: 'Rules',
      box: 'The box',
      account: 'Signing in',
      view: 'Who looked at figures',
    } satisfies Record<RecordKind, string>,
    from: 'From',
    to: 'Until',
    apply: 'Show',
    clear: 'Show everything',
    found: (count: number, written: string) => (count === 1 ? '1 entry' : `${written} entries`),
    none: 'Nothing has been recorded yet.',
    noneFound: 'Nothing matches. Choose another kind or other days.',
    paging: 'Pages of the record',
    newer: 'Newer',
    older: 'Older',
    pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
    number: 'Number in the record',
    sequence: (number: string) => `no. ${number}`,
    erased: 'Somebody (the name has been erased)',
    system: 'Stairgate',
    marks: { emergency: 'Emergency', official: 'Official', toSelf: 'To oneself' },
    events: {
      withReason: (sentence: string, reason: string) => `${sentence}: ${reason}`,
      somebody: 'somebody',
      granted: (who: string, scope: string, target: string, until: string) =>
        `${who} allowed ${scope} on ${target} until ${until}`,
      askedBy: (name: string) => `Asked by ${name}.`,
      verbal: 'By word of mouth.',
      written: 'In writing.',
      endedEarly: (who: string, scope: string, target: string) => `${who} ended ${scope} on ${target} early`,
      inForce: (scope: string, target: string, at: string) =>
        `The box confirmed ${scope} on ${target}: in force since ${at}`,
      requestMade: (who: string, scope: string, device: string, duration: string) =>
        `${who} asked for ${scope} on ${device} for ${duration}`,
      requestRefused: (who: string, askedBy: string, scope: string) =>
        `${who} said no to ${askedBy}, who asked for ${scope}`,
      requestLapsed: (askedBy: string, scope: string) =>
        `The request of ${askedBy} for ${scope} lapsed at closing time without an answer`,
      deviceAdded: (who: string, device: string, group: string) => `${who} added the device ${device} to “${group}”`,
      deviceChanged: (who: string, device: string, group: string) =>
        `${who} changed the device ${device}, now in “${group}”`,
      deviceRemoved: (who: string, device: string) => `${who} removed the device ${device}`,
      safeSearchChanged: (who: string, group: string, search: boolean, youtube: 'off' | 'moderate' | 'strict') =>
        `${who} set safe search for ${group}: searches ${search ? 'show no explicit results' : 'are shown as they are'}, YouTube ${youtube === 'off' ? 'is shown as it is' : `is restricted (${youtube})`}`,
      hoursChanged: (who: string) => `${who} changed the opening hours`,
      openingAdded: (who: string, name: string, date: string, from: string, to: string) =>
        `${who} added an opening on ${date}, ${from} to ${to}: ${name}`,
      policyAdopted: (version: number) => `The rules that the box came with were taken over as version ${version}`,
      policyChanged: (who: string, version: number, summary: string) =>
        `${who} changed the rules (version ${version}): ${summary}`,
      policyRefused: (version: number, reason: string) =>
        `The box did not take version ${version} of the rules: ${reason}`,
      boxEnrolled: (box: string) => `The box “${box}” was paired`,
      boxRemoved: (who: string, box: string) => `${who} removed the box “${box}”`,
      pairingCode: (who: string) => `${who} made a pairing code`,
      settingCreated: (who: string) => `${who} set up the dashboard`,
      signedIn: (who: string) => `${who} signed in`,
      usageViewed: (who: string) => `${who} looked at the usage figures`,
      yearViewed: (who: string) => `${who} looked at the figures of the year`,
      alertViewed: (who: string, device: string) => `${who} saw an alert about ${device}`,
    },
  },

  year: {
    title: 'Year',
    heading: (setting: string) => `Filtering and permission at ${setting}`,
    period: (first: string, last: string) => `${first} to ${last}`,
    choose: 'Choose the period',
    from: 'From',
    to: 'Until',
    apply: 'Show',
    print: 'To print it on two pages of A4, use “Print” in your browser’s menu.',
    summary: 'In short',
    fewer: 'fewer than 5',
    fewerShort: '<5',
    fewerNote:
      'To protect single people, counts under 5 are shown as “fewer than 5” (<5), and what they could be worked out from is rounded to the nearest 5.',
    blockedMinutes: 'Active minutes blocked',
    grantedMinutes: 'Active minutes allowed by permission',
    grants: 'Permissions given',
    toSelf: 'Given by the manager to themselves',
    endedEarly: 'Ended early',
    requests: 'Requests by staff',
    refused: 'Requests answered with no',
    lapsed: 'Requests nobody answered',
    daysWithoutReport: 'Days without a report from the box',
    blockedTable: 'Blocked: active minutes by service and month',
    grantedTable: 'Allowed by permission: active minutes by service and month',
    service: 'Service',
    total: 'Total',
    otherServices: (count: number) => (count === 1 ? '1 other service' : `${count} other services`),
    nothingBlocked: 'Nothing was blocked in this period.',
    nothingGranted: 'Nothing was allowed by permission in this period.',
    permissions: 'Permissions',
    purpose: 'Kind of use',
    mode: 'How it was given',
    reasons: 'Reasons given',
    ownWords: 'Other reasons, in people’s own words',
    count: 'Number',
    noGrants: 'No permission was given in this period.',
    changes: 'What changed in the rules',
    change: (date: string, sentence: string) => `${date}: ${sentence}`,
    noChanges: 'Nothing changed in the rules in this period.',
    moreChanges: (count: number) =>
      count === 1 ? 'And 1 earlier change: see the Record.' : `And ${count} earlier changes: see the Record.`,
    reading: 'How to read this',
    caveats: [
      'An active minute is a minute in which one of the setting’s own devices asked for a service at least once. No figure belongs to a person.',
      'Asking once can open an hour’s video, so allowed minutes may be too few. Apps knock in the background, so blocked minutes may be too many.',
      'The box cannot see what was written, searched or watched, cannot tell the nursery’s own page from a personal account, and does not cover mobile data or devices off site.',
    ],
    clauses: 'Kept under policy clauses 4.2 (regular monitoring), 7.1.6 (prior permission) and 7.2.16 (formal record).',
  },

  box: {
    title: 'Box',
    none: 'No box is paired with this dashboard. One that was paired before goes on filtering by its last rules.',
    working: (ago: string) => `The box is working. Last heard from ${ago}.`,
    away: (since: string) => `The box has not been heard from since ${since}.`,
    awaySteps: [
      'Is it plugged in, and is its light on?',
      'Is the internet working? Open any page on a computer on site.',
      'If both are fine, take its plug out, wait ten seconds and put it back.',
    ],
    awayStillWorks: 'As long as it has power it keeps filtering, and ends permissions on time by itself.',
    whatToCheck: 'What to check',
    pairing: 'Pairing code',
    pairingText:
      'Type it where you installed the box, or give it to the installer, within the time shown. It works once.',
    pairingUntil: (time: string) => `Works until ${time}.`,
    makeCode: 'Make a pairing code',
    makeCodeAgain: 'Make a new code',
    makeCodeHint: 'The box asks for it when it is installed.',
    pairedHint: 'You need a code only for a box that is to take the place of this one.',
    setUp: 'How to set a box up',
    setUpSteps: [
      'Plug the box into your router with a network cable, and into the mains.',
      'The installer runs one command on it, as its instructions say.',
      'It asks for the address of this dashboard and for the pairing code. Both are on this page.',
      'This page says “The box is working” about a minute later.',
    ],
    dashboardAddress: 'Address of this dashboard',
    details: 'About the box',
    name: 'Name',
    version: 'Software',
    pairedAt: 'Paired',
    startedAt: 'Running since',
    clock: 'Clock',
    clockGood: 'right',
    clockBad: 'not sure of the time: social media stays blocked until it is',
    rules: 'Rules loaded',
    unnamed: 'Devices without a name today',
    answered: 'Questions answered since it started',
    blocked: 'of these blocked',
    policy: 'Your rules',
    policyInForce: (version: number) => `version ${version}, in force on the box`,
    policyWaiting: (saved: number) => `version ${saved} is saved here and not yet confirmed by the box`,
    noState: 'The box has not sent its state yet.',
    upstreams: 'Where it asks',
    upstreamsText: 'The services on the internet that the box asks for addresses.',
    upstreamGood: 'answers',
    upstreamBad: 'does not answer',
    upstreamUnknown: 'What this resolver filters by itself, only its owner can say.',
    noUpstreams: 'The box has not said which services it asks.',
    remove: 'Remove this box',
    removeText:
      'Do this when the box is replaced or lost. It goes on filtering by its last rules, but this dashboard no longer listens to it.',
    removeButton: 'Remove the box',
  },

  reasons: {
    'parent-reply': 'reply to a parent on our page',
    'setting-page': 'post on our own page',
    training: 'training',
    activity: 'activity with the children',
    safeguarding: 'safeguarding',
    'break-cover': 'break cover',
    emergency: 'emergency',
    other: 'something else',
  } satisfies Record<ReasonId, string>,

  refusalReasons: {
    'ask-later': 'Ask me again later',
    'use-break': 'Please use your break',
    'not-needed': 'Not needed for the work',
    'speak-to-me': 'Come and speak to me',
  } satisfies Record<RefusalReasonId, string>,
};

/** What goes into `Grant.reason`: the words of the short list, the free text, or both. */
export function reasonText(reason: ReasonId, freeText: string): string {
  const words = freeText.trim();
  if (reason === 'other') return words;
  return words === '' ? en.reasons[reason] : `${en.reasons[reason]} (${words})`;
}

/** The short list's words of a stored reason, without what was added to them; undefined when it is all free text. */
export function shortListReason(reason: string): string | undefined {
  return Object.values(en.reasons).find((words) => reason === words || reason.startsWith(`${words} (`));
}

/** What the asker reads after a no, and the record keeps. */
export function refusalReasonText(reason: RefusalReasonId): string {
  return en.refusalReasons[reason];
}
