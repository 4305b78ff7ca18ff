/**
 * What may stand in the box's settings file, as one schema: it validates the file (config.ts), and editors complete and
 * check with the JSON Schema made from it. Run this file to write config.schema.json anew.
 *
 * Leaves out what a schema cannot say: whether an address parses, whether a group exists. config.ts checks those.
 */
import { writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { DateSpan, Device, Group, Network, OpeningHours, Period, Policy } from '../policy-rules/policy.ts';
import { upstreamPresets } from '../policy-rules/upstream-presets.ts';

const MAX_ANSWERING_THREADS = 32;
const MAX_CACHE_MEGABYTES = 1024;
const MAX_LOOK_UPS_PER_SECOND = 1_000_000;
/** Why so many: client-budgets.ts. */
export const DEFAULT_LOOK_UPS_PER_SECOND = 100;

function described<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

const Port = z.int().check(z.minimum(0), z.maximum(65_535));
const Text = z.string().check(z.minLength(1, 'expected some text'));

const ListEntry = z.object({
  id: described(
    'Short and lasting: it is stored with what the list blocked.',
    z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens')),
  ),
  name: described('What people read when the list blocked something; the id when left out.', z.optional(Text)),
  path: described('The file, absolute or beside this one: hosts, domains, adblock, dnsmasq, unbound or RPZ.', Text),
  protected: described('Whether the list blocks whatever permission is given.', z._default(z.boolean(), true)),
  groups: described(
    'The ids of the groups that it is for, or "all".',
    z._default(z.union([z.literal('all'), z.array(z.string())], 'expected "all" or a list of group ids'), 'all'),
  ),
});

const UpstreamEntry = z.union(
  [
    described('"udp://9.9.9.9", "tcp://[2620:fe::fe]:53" or "tls://dns.quad9.net@9.9.9.9".', z.string()),
    z.object({
      preset: described(
        `A filtering resolver by name: ${upstreamPresets.map(({ id }) => id).join(', ')}.`,
        z.optional(z.string()),
      ),
      url: described(
        'In place of a preset: "tls://dns.quad9.net" or "https://dns.quad9.net/dns-query", whose addresses stand beside it.',
        z.optional(z.string()),
      ),
      addresses: described(
        'Its IP addresses, so that the box need not look its name up; IPv6 needs quotes. Tried in this order.',
        z.optional(z.array(z.string())),
      ),
      ca: described(
        "A file of certificates (PEM) that are trusted for it in place of the system's, absolute or beside this file.",
        z.optional(Text),
      ),
    }),
  ],
  'expected a URL, or a section with preset, or with url and addresses (a list)',
);

const Day = z._default(z.array(Period), []);
const WeekEntry = z.object({
  monday: Day,
  tuesday: Day,
  wednesday: Day,
  thursday: Day,
  friday: Day,
  saturday: Day,
  sunday: Day,
});
const emptyWeek = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };

/** The policy as a person writes it: what is empty or usual may be left out. */
const PolicyEntry = z.object({
  ...Policy.shape,
  version: z._default(Policy.shape.version, 0),
  timeZone: z._default(Policy.shape.timeZone, 'Europe/London'),
  groups: z
    .array(
      z.object({
        ...Group.shape,
        categories: z._default(Group.shape.categories, {}),
        services: z._default(Group.shape.services, {}),
      }),
    )
    .check(z.minLength(1, 'expected at least one group')),
  networks: z.array(Network).check(z.minLength(1, 'expected at least one network')),
  devices: z._default(
    z.array(
      z.object({
        ...Device.shape,
        addresses: z._default(Device.shape.addresses, []),
        macs: z._default(Device.shape.macs, []),
      }),
    ),
    [],
  ),
  hours: z.object({
    ...OpeningHours.shape,
    week: WeekEntry,
    breaks: z._default(WeekEntry, emptyWeek),
    terms: z._default(z.array(DateSpan), []),
    closures: z._default(z.array(DateSpan), []),
    bankHolidays: z._default(OpeningHours.shape.bankHolidays, 'england-and-wales'),
    openings: z._default(OpeningHours.shape.openings, []),
  }),
});

export const ConfigFile = z.object({
  listen: described(
    'Where the box answers DNS: "192.168.1.2:53", "[fd00::2]:53", "eth0:53" (every address of an interface), "0.0.0.0:53" (every IPv4 address), "all:53" or "[::]:53" (every address). IPv6 needs the quotes.',
    z._default(z.array(z.string()).check(z.minLength(1, 'expected at least one address')), ['all:53']),
  ),
  upstreams: described(
    'Whom the box asks: a preset, or a URL. Lists of illegal content are held by filtering upstreams: choose one.',
    z.array(UpstreamEntry).check(z.minLength(1, 'expected at least one upstream')),
  ),
  forward: described(
    'Zones that another server knows, such as the router\'s "lan" or "1.168.192.in-addr.arpa": only it is asked for them.',
    z._default(
      z.array(
        z.object({
          zones: described(
            'Each with all names below it.',
            z.array(z.string()).check(z.minLength(1, 'expected at least one zone')),
          ),
          upstream: described('As in `upstreams`: "udp://192.168.1.1".', UpstreamEntry),
        }),
      ),
      [],
    ),
  ),
  allowPrivateAnswers: described(
    'Domains below which a public answer may hold private addresses; others lose them, so that no site on the internet can point into this network.',
    z._default(z.array(z.string()), []),
  ),
  stateDir: described(
    'The folder for the database, the last good policy and the compiled lists; absolute or beside this file.',
    z._default(Text, '/var/lib/stairgate'),
  ),
  lists: described('Block lists beside the built-in catalogue.', z._default(z.array(ListEntry), [])),
  localSite: described(
    'The page for people on the network: why something is blocked, and how to ask.',
    z._default(
      z.object({
        name: described(
          'The name that the box answers with its own address.',
          z._default(z.string(), 'stairgate.home.arpa'),
        ),
        port: described('80 needs no number in the address.', z._default(Port, 80)),
        listen: described(
          'Addresses without a port, as in `listen`; the same ones as for DNS when left out.',
          z.optional(z.array(z.string())),
        ),
      }),
      { name: 'stairgate.home.arpa', port: 80 },
    ),
  ),
  dashboard: described(
    'Where the manager gives permission; without one the box obeys the policy below.',
    z._default(
      z.nullable(
        z.object({
          url: described('"https://…", or "http://127.0.0.1:PORT" on this machine.', z.string()),
          allowPlainHttp: described(
            'Permit http beyond this machine: grants and usage can then be read on the way.',
            z._default(z.boolean(), false),
          ),
        }),
      ),
      null,
    ),
  ),
  clock: z._default(
    z.object({
      mode: described(
        '"auto": restricted services stay blocked until the time is synchronised; "trust-system": the machine has a battery-backed clock.',
        z._default(z.enum(['auto', 'trust-system']), 'auto'),
      ),
    }),
    { mode: 'auto' },
  ),
  answeringThreads: described(
    'Threads that answer queries; "auto" is one for every two cores, at most 4.',
    z._default(
      z.union(
        [z.literal('auto'), z.int().check(z.minimum(1), z.maximum(MAX_ANSWERING_THREADS))],
        `expected a whole number from 1 to ${MAX_ANSWERING_THREADS}, or "auto"`,
      ),
      'auto',
    ),
  ),
  cache: z._default(
    z.object({
      sizeMegabytes: described(
        'Memory for answers, rounded down to a power of two; 8 hold some 60,000. Each answering thread has 8 of its own.',
        z._default(z.int().check(z.minimum(1), z.maximum(MAX_CACHE_MEGABYTES)), 8),
      ),
    }),
    { sizeMegabytes: 8 },
  ),
  lookUps: z._default(
    z.object({
      perClientPerSecond: described(
        "How many look-ups each device may go on causing; a burst of twenty seconds' worth passes. Answers from memory and blocks cost none. 0: no limit.",
        z._default(z.int().check(z.minimum(0), z.maximum(MAX_LOOK_UPS_PER_SECOND)), DEFAULT_LOOK_UPS_PER_SECOND),
      ),
      exempt: described(
        'Addresses or ranges without that limit: a router or a server that asks for many others.',
        z._default(z.array(z.string()), []),
      ),
    }),
    { perClientPerSecond: DEFAULT_LOOK_UPS_PER_SECOND, exempt: [] },
  ),
  policy: described(
    'Who is restricted in what and when, until the dashboard sends its own. Left out: every private network, Monday to Friday 08:00 to 18:00.',
    z.optional(PolicyEntry),
  ),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

/** As far as this project walks it; the file on disk is a whole JSON Schema of draft 2020-12. */
export interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** Unknown keys are refused at every level, so that a slip of the pen cannot pass for a setting. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(ConfigFile, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'object' && jsonSchema.properties !== undefined) jsonSchema.additionalProperties = false;
    },
  });
  return { title: 'Settings of a Stairgate box', ...schema } as JsonSchema;
}

if (import.meta.main) {
  const path = new URL('./config.schema.json', import.meta.url);
  writeFileSync(path, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
