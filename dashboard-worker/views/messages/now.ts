/** The page Now. */
import { plural } from './plural.ts';

export const now = {
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
  yesSession: (at: string) => `Yes, until this session ends ${at}`,
  yesClose: (at: string) => `Yes, until we close ${at}`,
  no: 'No',
  noReason: 'Reason for a no',
  yesReason: 'Words with a yes',
  yesWithoutWords: 'Yes, without more words',
  yesWith: (words: string) => `Yes: “${words}”`,
  change: 'Change the details first',
  allowed: 'Allowed just now',
  booked: 'Booked for later',
  cancel: 'Cancel the booking',
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
  laxNetwork: (network: string, group: string, strictest: string) =>
    `Devices without a name on the network “${network}” are filtered as “${group}”, and “${strictest}” blocks more. One that nobody has named may belong there.`,
  laxNetworkLink: 'Choose the strictest group',
  userLeft: (person: string, device: string) =>
    `${person} has left and is still entered as the one who uses ${device}. Enter somebody else, or “shared”.`,
  strayAddresses: (device: string, addresses: readonly string[]) =>
    plural(addresses.length, {
      one: `The address ${addresses[0]} of ${device} is on none of your networks. Write it as the device shows it: mistyped, it leaves ${device} filtered as a device without a name. If it is right, whoever looks after the box has to add its network.`,
      other: `The addresses ${addresses.slice(0, -1).join(', ')} and ${addresses.at(-1)} of ${device} are on none of your networks. Write them as the device shows them: mistyped, they leave ${device} filtered as a device without a name. If they are right, whoever looks after the box has to add their network.`,
    }),
  changeDevice: 'Change the device',
  noDevices: 'No device has a name yet. Name your own devices, so that you can allow something on just one of them.',
  nameDevices: 'Name a device',
  reload: 'Look again',
};
