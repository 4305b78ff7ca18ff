/** The pages of what went wrong. */
export const errors = {
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
    'other-setting': {
      title: 'That page was of another setting',
      sentence: 'It had been left open, or does not exist here. Nothing has been changed in either.',
      whatToDo: 'Look at the top of Now to see which setting you are in, and start again from there.',
    },
    'other-person': {
      title: 'That page was somebody else’s',
      sentence: 'It had been left open by another person than the one who is signed in now. Nothing has been changed.',
      whatToDo:
        'Go to Now: the top of the page says who is signed in. If it is not you, sign out and sign in yourself.',
    },
    gone: {
      title: 'That is already over',
      sentence: 'It has ended or has been answered in the meantime, so nothing has been changed.',
      whatToDo: 'Look at Now to see how things stand.',
    },
  },
};
