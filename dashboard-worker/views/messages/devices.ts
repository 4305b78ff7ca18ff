/** Devices, and the form of one of them. */
import { plural } from './plural.ts';

export const devices = {
  title: 'Devices',
  intro:
    'A device with a name can be given permission by itself, and its use of restricted services is counted. Everything else is filtered as its network says.',
  add: 'Add a device',
  unnamed: (count: number) =>
    count === 0
      ? 'No device without a name is on the network at this moment.'
      : plural(count, {
          one: '1 device without a name is on the network at this moment. It is filtered as its network says.',
          other: `${count} devices without a name are on the network at this moment. They are filtered as their network says.`,
        }),
  seeUnnamed: 'See devices without a name',
  unnamedUnknown: 'The box has not yet said how many devices are on the network.',
  none: 'No device in this group has a name yet.',
  noneAtAll: 'No device has a name yet. Start with the office PC or the tablet that is used most.',
  kinds: {
    setting: 'The setting’s own. Blocked and allowed use of restricted services is counted.',
    personal: 'Staff’s own. Never recorded, in any form.',
    guest: 'Guests’. Never recorded, in any form.',
  },
  count: (count: number) => plural(count, { one: '1 device', other: `${count} devices` }),
  userColumn: (name: string) => `Used by ${name}`,
  sharedColumn: 'Shared',
  userLeft: 'They have left',
  user: 'Who uses it',
  userHint:
    'Only for the setting’s own devices. Staff’s own and guests’ devices are kept without a name of a person, whatever you choose here.',
  users: {
    unknown: 'Not said',
    shared: 'Several people share it',
    person: 'One person',
  },
  sharedHint: 'What happens on it is never put down to a person.',
  userName: 'Name of that person',
  userNameHint: 'Only if one person uses it.',
  columns: { name: 'Name', addresses: 'Address on the network' },
  addTitle: 'Add a device',
  editTitle: (name: string) => `Change ${name}`,
  name: 'Name',
  nameHint: 'As everybody calls it: “Office PC”, “Toddler room tablet”. Not a person’s name if several people use it.',
  group: 'Group',
  addresses: 'Address on the network',
  addressesHint: 'Looks like 192.168.1.20. Several: one on each line.',
  macs: 'MAC address',
  macsHint:
    'On the sticker of the device, or in its Wi-Fi settings; looks like dc:a6:32:01:02:03. It stays the same when the address on the network changes.',
  oneOfBoth: 'One of the two is enough. The MAC address is the better one.',
  howTo: 'How to find the address of a device',
  howToOpen: 'On that device, open this address in the browser:',
  howToSee: 'At the foot of the page, under “The addresses of this device”, is its MAC address.',
  howToType: 'Type that in here. Where the box does not know it, the address on the network does as well.',
  remove: 'Remove this device',
  removeText:
    'Its name goes from the lists, and it is filtered as an unnamed device. What the record says about it stays.',
  noName: 'Give the device a name.',
  noUserName: 'Write who uses it, or choose another answer.',
  notAMac: (typed: string) => `“${typed}” is no MAC address. One looks like dc:a6:32:01:02:03.`,
  notAnAddress: (typed: string) => `“${typed}” is no address on the network. One looks like 192.168.1.20.`,
  noAddress: 'Fill in one of the two addresses, or the box cannot know the device.',
};
