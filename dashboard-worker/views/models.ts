/**
 * What every page of the dashboard is told, and what its forms send back; where to is in paths.ts.
 *
 * A page is a pure function of its model: it reads no data and no clock, and it owns every word. Models therefore
 * carry facts (ids, names that people gave, instants, counts), never sentences, and never a domain name.
 * Instants are milliseconds since the Unix epoch, UTC; the pages write them in `frame.timeZone`.
 * Dates are "YYYY-MM-DD" and times of day "HH:MM", both in the setting's zone.
 */
export * from './models/account.ts';
export * from './models/box.ts';
export * from './models/calendar.ts';
export * from './models/channels.ts';
export * from './models/device-usage.ts';
export * from './models/devices.ts';
export * from './models/errors.ts';
export * from './models/first-names.ts';
export * from './models/give.ts';
export * from './models/grants.ts';
export * from './models/group-rules.ts';
export * from './models/hours.ts';
export * from './models/keys.ts';
export * from './models/last-change.ts';
export * from './models/networks.ts';
export * from './models/notice.ts';
export * from './models/now.ts';
export * from './models/people-page.ts';
export * from './models/preview.ts';
export * from './models/record.ts';
export * from './models/requests.ts';
export * from './models/safe-search.ts';
export * from './models/second-factor.ts';
export * from './models/self-grants.ts';
export * from './models/shared.ts';
export * from './models/sign-in.ts';
export * from './models/unnamed-devices.ts';
export * from './models/usage.ts';
export * from './models/year.ts';
