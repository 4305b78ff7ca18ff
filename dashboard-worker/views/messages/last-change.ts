/** The newest change of the policy, and taking it back. */
export const lastChange = {
  title: 'The last change',
  link: 'See or undo the last change',
  none: 'There is no change that could be undone: nothing has been changed here in the last 30 days, or the newest rules came with the box.',
  ofDevices: 'The last change was of devices. Somebody who may change devices can see it here, and undo it.',
  done: (who: string, when: string) => `${who} changed this, ${when}:`,
  undone: (who: string, when: string) => `${who} undid the change before, ${when}:`,
  undo: 'Undo it',
  undoing: 'Undoing it changes this:',
  grantsStayEnded: 'Permission that ended with the change stays ended.',
  button: 'Undo this change',
  overtaken:
    'Somebody has changed something since you opened the page, so nothing has been undone. This is the last change now.',
};
