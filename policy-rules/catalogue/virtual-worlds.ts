/** Virtual worlds: places with avatars, where people meet and build. */
import { defineCategory } from './define-category.ts';

export const virtualWorlds = defineCategory(
  {
    id: 'virtual-worlds',
    name: 'Virtual worlds',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'Virtual worlds are online games with chat, and the policies name them as social media.',
    protected: false,
  },
  [
    {
      id: 'roblox',
      name: 'Roblox',
      suffixes: 'roblox.com rbxcdn.com rbx.com rbxinfra.net rbxtrk.com robloxlabs.com rblx.com',
      hosts: 'roblox-api.arkoselabs.com roblox-poc.global.ssl.fastly.net',
      notes: ['arkoselabs.com and fastly.net are left out as a whole: shared with others.'],
    },
    { id: 'second-life', name: 'Second Life', suffixes: 'secondlife.com lindenlab.com secondlife.io' },
    { id: 'habbo', name: 'Habbo', suffixes: 'habbo.com habbo.co.uk habbo.de habbo.fr habbo.es habbo.it habbo.nl' },
    { id: 'vrchat', name: 'VRChat', suffixes: 'vrchat.com vrchat.cloud vrchat.net' },
    { id: 'imvu', name: 'IMVU', suffixes: 'imvu.com' },
    { id: 'rec-room', name: 'Rec Room', suffixes: 'rec.net recroom.com' },
    {
      id: 'meta-horizon',
      name: 'Meta Horizon and Quest (formerly Oculus)',
      suffixes: 'oculus.com oculuscdn.com horizon.meta.com facebook-hardware.com',
      notes: ['meta.com is left out as a whole: company pages.'],
    },
    { id: 'zepeto', name: 'ZEPETO', suffixes: 'zepeto.me' },
    { id: 'avakin-life', name: 'Avakin Life', suffixes: 'avakin.com' },
    { id: 'gaia-online', name: 'Gaia Online', suffixes: 'gaiaonline.com' },
    { id: 'moviestarplanet', name: 'MovieStarPlanet', suffixes: 'moviestarplanet.com moviestarplanet.co.uk' },
    { id: 'animal-jam', name: 'Animal Jam', suffixes: 'animaljam.com' },
    { id: 'woozworld', name: 'Woozworld', suffixes: 'woozworld.com' },
    { id: 'decentraland', name: 'Decentraland', suffixes: 'decentraland.org' },
  ],
);
