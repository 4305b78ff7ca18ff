/**
 * Devices without a name: what the box sees on the setting's own networks at this moment, each with a way to the form that
 * names it; or why the box cannot say. Guests' devices never appear.
 */
import { isMadeUpMac } from '../../policy-rules/mac-address.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { UnnamedDevice, UnnamedDevicesModel } from './models.ts';
import { Form, Scroller } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.unnamedDevices;

export function UnnamedDevicesPage({ frame, seen }: UnnamedDevicesModel) {
  return (
    <Page frame={frame} page="devices" title={t.title}>
      <h1>{t.title}</h1>
      {seen.kind === 'seen' ? (
        <>
          {seen.devices.length === 0 ? <p class="lead">{t.none}</p> : <p class="lead">{t.intro}</p>}
          <p class="hint">{t.privacy}</p>
          {seen.devices.length > 0 && <List devices={seen.devices} />}
          {seen.more > 0 && <p>{t.more(seen.more)}</p>}
          <p class="hint">{t.notHere}</p>
        </>
      ) : (
        <p class="note">{t.trouble[seen.kind]}</p>
      )}
      <p class="actions">
        <a class="button" href={paths.unnamedDevices}>
          {t.again}
        </a>
        {seen.kind !== 'seen' && (
          <a class="button" href={paths.newDevice}>
            {spoken.devices.add}
          </a>
        )}
        {frame.may.has('policy.change') && (
          <a class="button quiet" href={paths.networks}>
            {spoken.networks.link}
          </a>
        )}
        <a class="button quiet" href={paths.devices}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}

function List({ devices }: { devices: readonly UnnamedDevice[] }) {
  return (
    <>
      <section class="card" aria-labelledby="which-title">
        <h2 id="which-title">{t.whichTitle}</h2>
        <p>
          {t.which} <code>http://stairgate.home.arpa</code>
        </p>
        {devices.some(({ mac }) => isMadeUpMac(mac)) && <p>{t.changingHint}</p>}
      </section>
      {[...Map.groupBy(devices, ({ group }) => group)].map(([group, there]) => (
        <section aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`}>{t.group(there[0]?.groupName ?? group)}</h2>
          <Form action={paths.nameDevice}>
            <input type="hidden" name="group" value={group} />
            <Rows label={there[0]?.groupName ?? group} devices={there} />
          </Form>
        </section>
      ))}
    </>
  );
}

/** Each button sends its own address: a form for each row would be most of the page. */
function Rows({ label, devices }: { label: string; devices: readonly UnnamedDevice[] }) {
  return (
    <Scroller label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.columns.address}</th>
            <th scope="col">{t.columns.name}</th>
            <th scope="col">{t.columns.mac}</th>
          </tr>
        </thead>
        <tbody>
          {devices.map(({ mac, addresses }) => (
            <tr>
              <th scope="row" class="code">
                {addresses[0]}
              </th>
              <td>
                <button type="submit" name="mac" value={mac}>
                  {t.name}
                  <span class="hidden">{t.nameOf(addresses[0] ?? mac)}</span>
                </button>
              </td>
              <td class="code">
                {[mac, ...addresses.slice(1)].join(', ')}
                {isMadeUpMac(mac) && <small>{t.changing}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
