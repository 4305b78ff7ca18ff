/** The devices without a name, and giving them one. */
import { plural } from './plural.ts';

export const unnamedDevices = {
  title: 'Devices without a name',
  intro:
    'These are on the setting’s own networks at this moment. Until one has a name it is filtered as its network says, and counted only together with the others.',
  privacy:
    'The box has been asked just now. The list is kept nowhere, and that you have looked is in the record. Devices on networks for staff’s own or guests’ devices are not listed.',
  none: 'Every device that is on the setting’s own networks at this moment has a name.',
  notHere: 'A device that is not in the list may be switched off or asleep: use it for a moment, then look again.',
  again: 'Look again',
  back: 'Back to the devices',
  whichTitle: 'Which one is it?',
  which: 'On the device, open this address in the browser. Its addresses are at the foot of the page.',
  group: (name: string) => `Filtered as “${name}”`,
  columns: { address: 'Address', name: 'Name', mac: 'MAC address, and further ones' },
  name: 'Name it',
  nameOf: (address: string) => ` (${address})`,
  changing: 'May change',
  changingHint:
    'Phones and tablets often show a MAC address that they make up. Where it says “May change”, switch that off for this network on the device first (it is called “private” or “random” address there), then look again: else its name is lost when the address changes.',
  more: (count: number) =>
    plural(count, {
      one: 'One more device without a name is not listed here.',
      other: `${count} more devices without a name are not listed here.`,
    }),
  trouble: {
    away: 'The box cannot be reached at this moment, so it cannot say which devices are on the network. Nothing is kept here that could be shown instead.',
    'too-old':
      'The software of the box is too old to say which devices are on the network. Update the box; until then, add a device by typing its address.',
    unreadable:
      'The box cannot read which devices are on the network: Now says why. Until then, add a device by typing its address.',
  },
};
