/**
 * Runs in the browser, before the page does: notes every stop of the focus, so that keys can be sent off many at a time. Text,
 * since what it touches there is not of this side's types.
 */

/** One stop of the focus: what has it, and what is wrong with it. */
export interface Stop {
  readonly at: string;
  readonly fault: string | null;
}

/**
 * `focusWatch.seek(selector)`: from now on, Tab moves on until the focus is on what matches; null is for ever.
 * `focusWatch.seekEdge(edge)`: the same, for the "first" or the "last" stop of the page.
 * `focusWatch.look()`: where it has been since the last look, and whether it is there.
 * `focusWatch.stepsTo(value)`: how often the arrow is to be pressed, from the radio button that has the focus.
 */
export const focusWatch = `(() => {
let isWanted = () => false;
let stops = [];
/** Whether where the focus is now is a stop that nobody has noted yet. */
let hasMoved = false;
let isFirstPress = false;

function faultOf(focused) {
  // A radio button or a tick box shows it by its tile.
  const shown = focused.closest('.tile') ?? focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const { top, bottom, left, right } = shown.getBoundingClientRect();
  if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2) return 'the focus cannot be seen';
  const isOnScreen = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  return isOnScreen ? null : 'the focus is off the screen';
}

const isThere = () => document.activeElement !== null && isWanted(document.activeElement);

function seek(what) {
  isWanted = what;
  stops = [];
  hasMoved = false;
  isFirstPress = true;
}

function note() {
  if (!hasMoved) return;
  hasMoved = false;
  const focused = document.activeElement;
  // Behind the last stop of a page comes the browser itself, where nothing has the focus; then the first again.
  if (focused === null || focused === document.body) stops.push({ at: 'the end of the page', fault: null });
  // From before, one comes to the first radio button of a question, and from behind to the last.
  else if (focused.type === 'radio') stops.push({ at: 'one of ' + focused.name, fault: faultOf(focused) });
  else stops.push({ at: focused.outerHTML.slice(0, 120), fault: faultOf(focused) });
}

addEventListener('keydown', (event) => {
  if (event.key !== 'Tab') return;
  note();
  // Sent off before anybody knew that the one before leads there.
  if (!isFirstPress && isThere()) event.preventDefault();
  else hasMoved = true;
  isFirstPress = false;
}, true);

window.focusWatch = {
  seek(selector) {
    seek((one) => selector !== null && one.matches(selector));
  },
  seekEdge(edge) {
    const stoppingAt = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const all = [...document.querySelectorAll(stoppingAt)].filter((one) => !one.disabled && one.checkVisibility());
    seek((one) => one === all.at(edge === 'first' ? 0 : -1));
  },
  look() {
    note();
    return { stops: stops.splice(0), isThere: isThere() };
  },
  stepsTo(value) {
    const focused = document.activeElement;
    const all = [...focused.form.elements].filter((one) => one.name === focused.name && one.checkVisibility());
    const to = all.findIndex((one) => one.value === value);
    return (to - all.indexOf(focused) + all.length) % all.length;
  },
};
})()`;
