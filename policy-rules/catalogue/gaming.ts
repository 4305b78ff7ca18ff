/**
 * Online games, for consoles, computers, phones and the browser. Leaves out games of broadcasters for small children
 * (CBeebies).
 */
import { defineCategory } from './define-category.ts';

export const gaming = defineCategory(
  {
    id: 'gaming',
    name: 'Online gaming',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts online gaming as social media: players talk with strangers.',
    protected: false,
  },
  [
    {
      id: 'xbox-live',
      name: 'Xbox (formerly Xbox Live)',
      suffixes: 'xbox.com xboxlive.com xboxservices.com gamepass.com xboxgamepass.com xboxab.com xboxab.net xbx.lv',
      notes: [
        'login.live.com and account.live.com are left out: the sign-in of Windows, Outlook and Office.',
        'xboxlive.xom, which one list holds, is a slip of the pen; nothing ends in .xom.',
        'microsoft.com hosts are left out: the Microsoft Store and Windows use them as well.',
      ],
    },
    {
      id: 'playstation',
      name: 'PlayStation Network',
      suffixes:
        'playstation.com playstation.net sonyentertainmentnetwork.com playstation-cloud.com playstation-cloud.net gaikai.com',
      notes: ['sony.com is left out: the maker of televisions and cameras.'],
    },
    {
      id: 'nintendo',
      name: 'Nintendo',
      suffixes:
        'nintendo.com nintendo.net nintendo.co.uk nintendo-europe.com nintendo.eu nintendo.co.jp nintendo.de nintendo.fr',
    },
    {
      id: 'steam',
      name: 'Steam',
      suffixes: `
        steampowered.com steamcommunity.com steamstatic.com steamcontent.com steamusercontent.com steamserver.net
        steamgames.com steam-chat.com steamdeck.com steam.tv s.team steam-api.com valvesoftware.com`,
      hosts: `
        steamcdn-a.akamaihd.net steamcommunity-a.akamaihd.net steamstore-a.akamaihd.net steamuserimages-a.akamaihd.net
        steamusercontent-a.akamaihd.net steamvideo-a.akamaihd.net steambroadcast.akamaized.net steampipe.akamaized.net
        steammobile.akamaized.net steamcloud-us-west1.storage.googleapis.com steamcloud-us-east1.storage.googleapis.com`,
      notes: ['akamaihd.net and akamaized.net are left out as a whole: shared delivery networks.'],
    },
    {
      id: 'fortnite',
      name: 'Fortnite and Epic Games',
      suffixes: `
        epicgames.com epicgames.dev epicgamescdn.com fortnite.com easyanticheat.net easy.ac rocketleague.com psyonix.com
        fallguys.com`,
      hosts: `
        cdn2.unrealengine.com static-assets-prod.unrealengine.com fortnite-vod.akamaized.net
        epicgames-download1.akamaized.net fortnite-storage-live.s3.amazonaws.com`,
      notes: [
        'unrealengine.com is left out as a whole: a tool for makers; two hosts of it hold Fortnite’s pictures.',
        'sketchfab.com and fab.com are left out: libraries of models.',
      ],
    },
    {
      id: 'minecraft',
      name: 'Minecraft',
      suffixes: `
        minecraft.net minecraftservices.com minecraft-services.net mojang.com minecraftshop.com hypixel.net
        cubecraft.net`,
      exceptions: 'education.minecraft.net',
      notes: [
        'education.minecraft.net stays open: the edition for schools.',
        'login.live.com is left out: the sign-in of Windows and Office, which Minecraft uses too.',
      ],
    },
    { id: 'battle-net', name: 'Battle.net (Blizzard)', suffixes: 'battle.net blizzard.com blz-contentstack.com' },
    { id: 'call-of-duty', name: 'Call of Duty', suffixes: 'callofduty.com activision.com demonware.net codmwest.com' },
    {
      id: 'ea',
      name: 'Electronic Arts (EA app, formerly Origin)',
      suffixes: 'ea.com origin.com easports.com eamobile.com tnt-ea.com swtor.com pogo.com',
      hosts: 'origin-a.akamaihd.net',
    },
    { id: 'ubisoft', name: 'Ubisoft', suffixes: 'ubisoft.com ubi.com ubisoftconnect.com' },
    {
      id: 'riot-games',
      name: 'Riot Games (League of Legends, Valorant)',
      suffixes:
        'riotgames.com riotcdn.net leagueoflegends.com playvalorant.com pvp.net lolstatic.com lolusercontent.com',
    },
    { id: 'rockstar-games', name: 'Rockstar Games (GTA Online)', suffixes: 'rockstargames.com rsg.sc' },
    { id: 'gog', name: 'GOG', suffixes: 'gog.com gog-statics.com gogalaxy.com' },
    {
      id: 'supercell',
      name: 'Supercell (Clash of Clans, Brawl Stars)',
      suffixes:
        'supercell.com clashofclans.com clashroyale.com clashroyaleapp.com brawlstars.com brawlstarsgame.com haydaygame.com',
    },
    { id: 'king', name: 'King (Candy Crush)', suffixes: 'king.com midasplayer.com midasplayer.net' },
    { id: 'zynga', name: 'Zynga', suffixes: 'zynga.com zyngawithfriends.com' },
    { id: 'hoyoverse', name: 'HoYoverse (Genshin Impact)', suffixes: 'hoyoverse.com mihoyo.com hoyolab.com' },
    { id: 'pokemon-go', name: 'Pokémon GO', suffixes: 'nianticlabs.com pokemongolive.com pokemongo.com' },
    { id: 'among-us', name: 'Among Us', suffixes: 'innersloth.com among.us' },
    { id: 'garena', name: 'Garena (Free Fire)', suffixes: 'garena.com freefiremobile.com' },
    { id: 'pubg', name: 'PUBG', suffixes: 'pubg.com pubgmobile.com playbattlegrounds.com' },
    {
      id: 'geforce-now',
      name: 'GeForce NOW',
      suffixes: 'geforcenow.com nvidiagrid.net',
      notes: ['nvidia.com is left out: drivers.'],
    },
    {
      id: 'wargaming',
      name: 'Wargaming (World of Tanks)',
      suffixes: 'wargaming.net worldoftanks.eu worldoftanks.com worldofwarships.eu worldofwarships.com wgcdn.co',
    },
    { id: 'poki', name: 'Poki', suffixes: 'poki.com poki.io poki-cdn.com' },
    { id: 'crazygames', name: 'CrazyGames', suffixes: 'crazygames.com crazygames.co.uk' },
    { id: 'miniclip', name: 'Miniclip', suffixes: 'miniclip.com miniclippt.com' },
    { id: 'friv', name: 'Friv', suffixes: 'friv.com' },
    { id: 'y8', name: 'Y8', suffixes: 'y8.com' },
    { id: 'kizi', name: 'Kizi', suffixes: 'kizi.com' },
    { id: 'coolmath-games', name: 'Coolmath Games', suffixes: 'coolmathgames.com coolmath-games.com' },
    { id: 'now-gg', name: 'now.gg', suffixes: 'now.gg' },
    { id: 'itch-io', name: 'itch.io', suffixes: 'itch.io itch.zone' },
    { id: 'newgrounds', name: 'Newgrounds', suffixes: 'newgrounds.com ungrounded.net' },
    { id: 'kongregate', name: 'Kongregate', suffixes: 'kongregate.com' },
    { id: 'armor-games', name: 'Armor Games', suffixes: 'armorgames.com' },
    { id: 'addicting-games', name: 'Addicting Games', suffixes: 'addictinggames.com' },
    { id: 'shell-shockers', name: 'Shell Shockers', suffixes: 'shellshock.io eggcombat.com shellshockers.club' },
    { id: 'krunker', name: 'Krunker', suffixes: 'krunker.io' },
    { id: 'bloxd', name: 'Bloxd', suffixes: 'bloxd.io' },
    { id: 'agar-io', name: 'Agar.io and Slither.io', suffixes: 'agar.io slither.io' },
    { id: 'chess-com', name: 'Chess.com', suffixes: 'chess.com chesscomfiles.com' },
    { id: 'lichess', name: 'Lichess', suffixes: 'lichess.org lichess1.org' },
    { id: 'runescape', name: 'RuneScape', suffixes: 'runescape.com jagex.com' },
    { id: 'jackbox', name: 'Jackbox', suffixes: 'jackbox.tv jackbox.fun jackboxgames.com' },
  ],
);
