/** Networks, and their devices without a name. */
export const networks = {
  title: 'Networks',
  link: 'How devices without a name are filtered',
  intro:
    'A device that nobody has named is filtered as the group that you choose here for its network, until it has a name. Choose the strictest of your groups for your own network, and the guests’ group for the guests’ one.',
  kinds: { setting: 'the setting’s own', personal: 'staff’s own', guest: 'guests’' },
  option: (group: string, kind: string) => `${group} (${kind})`,
  stricter: (chosen: string, stricter: string) =>
    `“${stricter}” blocks more than “${chosen}”: a device without a name that belongs there is filtered less strictly than it should be.`,
};
