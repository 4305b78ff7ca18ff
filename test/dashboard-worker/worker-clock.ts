/**
 * The clock of the tests in workerd: the next Wednesday at ten that has two plain weeks after it, in which neither clocks
 * are changed nor a year ends; from there it goes on as usual. Tests are about tomorrow, the end of the day, the next two
 * weeks, and would else fail for whoever runs them near midnight or on such a day. What happens in those nights has tests
 * of its own, which say when they are.
 *
 * Never behind the machine's clock, by which workerd's alarms go: what is to happen in an hour must not be due at once.
 */
const RealDate = Date;
const startedMs = RealDate.now();

const WEDNESDAY = 3;
const TWO_WEEKS_IN_DAYS = 14;
const inLondon = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'Europe/London', weekday: 'short', year: 'numeric', hour: 'numeric', timeZoneName: 'longOffset' },
} as const);

function isPlain(day: Date): boolean {
  const after = new RealDate(day);
  after.setUTCDate(day.getUTCDate() + TWO_WEEKS_IN_DAYS);
  // The same weekday, year, hour and offset from Greenwich.
  return day.getUTCDay() === WEDNESDAY && inLondon.format(day) === inLondon.format(after);
}

const plainDay = new RealDate(startedMs);
do {
  plainDay.setUTCDate(plainDay.getUTCDate() + 1);
  plainDay.setUTCHours(10, 0, 0, 0);
} while (!isPlain(plainDay));

const nowMs = () => plainDay.getTime() + RealDate.now() - startedMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [nowMs()] : args, newTarget),
  get: (target, name, receiver) => (name === 'now' ? nowMs : Reflect.get(target, name, receiver)),
});
