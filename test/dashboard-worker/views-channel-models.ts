/** Models of the register of official channels: none, one to see to, as many as there may be, and its form. */
import type { ChannelEditModel, ChannelModel, ChannelsModel } from '../../dashboard-worker/views/models.ts';
import { awkward, emptyGive, frame } from './views-models.ts';

const channel: ChannelModel = {
  id: 'c1',
  name: 'Our page on Facebook',
  purpose: 'News and photos for parents',
  approvedBy: awkward,
  approvedOn: '2025-09-01',
  assessedOn: '2025-08-20',
  people: ['Aisha Khan', awkward],
  deviceName: 'Office PC',
  serviceName: 'Facebook',
  days: ['monday', 'wednesday', 'friday'],
  from: '12:30',
  to: '13:30',
  warnings: [],
};

export const noChannels: ChannelsModel = { frame, channels: [] };
export const oneChannel: ChannelsModel = {
  frame,
  channels: [
    channel,
    {
      ...channel,
      id: 'c2',
      name: awkward,
      people: [],
      deviceName: null,
      warnings: ['no-person', 'no-device', 'approval-old'],
    },
  ],
};
export const manyChannels: ChannelsModel = {
  frame,
  channels: Array.from({ length: 30 }, (_, nth) => ({ ...channel, id: `c${nth}`, name: `Channel ${nth + 1}` })),
};

export const newChannel: ChannelEditModel = {
  frame,
  channelId: null,
  staff: ['Aisha Khan', 'Jo Hall'],
  formId: 'b4c0a8a2-53f4-4f7e-9d0b-0f3f5e0a7c11',
  devices: [
    { id: 'office-pc', name: 'Office PC' },
    { id: 'tablet-2', name: awkward },
  ],
  categories: emptyGive.categories,
  today: '2026-11-12',
  values: {
    ...{ name: '', purpose: '', approvedBy: '', approvedOn: '', assessedOn: '', firstPerson: '', secondPerson: '' },
    ...{ device: '', service: '', days: [], from: '', to: '' },
  },
  errors: [],
};

export const wrongChannel: ChannelEditModel = {
  ...newChannel,
  channelId: 'c1',
  staff: ['Aisha Khan', 'Jo Hall'],
  formId: 'b4c0a8a2-53f4-4f7e-9d0b-0f3f5e0a7c11',
  values: { ...newChannel.values, name: awkward, firstPerson: awkward, device: 'office-pc', days: ['monday'] },
  errors: [
    { field: 'service', message: 'Choose the service.' },
    { field: 'approvedOn', message: 'Write a date that is not in the future, for example 1 September 2026.' },
    { field: 'secondPerson', message: 'Name two different people.' },
    { field: 'days', message: 'Choose at least one day.' },
  ],
};
