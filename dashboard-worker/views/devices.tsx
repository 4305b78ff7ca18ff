/**
 * Devices: the named ones by group, and the form for one. Unnamed devices appear as a number only
 * (unnamed-devices.tsx asks the box which). What a group's safe search is stands beside its name; its form is
 * safe-search.tsx's.
 */
import type { DeviceUser } from '../../policy-rules/policy.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { DeviceEditModel, DevicesModel } from './models.ts';
import { DeviceReportingNote } from './notice.tsx';
import { ErrorSummary, FieldErrorText, Form, Scroller, Suggestions, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';

const t = spoken.devices;

export function DevicesPage({ frame, reporting, groups, ofLeavers, unnamedDevices }: DevicesModel) {
  const named = groups.reduce((sum, group) => sum + group.devices.length, 0);
  return (
    <Page frame={frame} page="devices" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p>{unnamedDevices === null ? t.unnamedUnknown : t.unnamed(unnamedDevices)}</p>
      {named === 0 && <p>{t.noneAtAll}</p>}
      <DeviceReportingNote frame={frame} reporting={reporting} />
      <p class="actions">
        <a class="button primary" href={paths.newDevice}>
          {t.add}
        </a>
        <a class="button" href={paths.unnamedDevices}>
          {t.seeUnnamed}
        </a>
        {frame.may.has('policy.change') && (
          <>
            <a class="button quiet" href={paths.lastChange}>
              {spoken.lastChange.link}
            </a>
            <a class="button quiet" href={paths.firstNames}>
              {spoken.firstNames.link}
            </a>
          </>
        )}
      </p>
      {groups.map((group) => (
        <section aria-labelledby={`group-${group.id}`}>
          <h2 id={`group-${group.id}`}>
            {group.name} <span class="count">{t.count(group.devices.length)}</span>
          </h2>
          <p class="hint">{t.kinds[group.kind]}</p>
          <SafeSearchLine group={group} mayChange={frame.may.has('policy.change')} />
          {frame.may.has('policy.change') && (
            <p>
              <a class="touch" href={paths.groupRules(group.id)}>
                {spoken.groupRules.link}
                <span class="hidden">{spoken.groupRules.forGroup(group.name)}</span>
              </a>
            </p>
          )}
          {group.devices.length === 0 ? (
            <p>{t.none}</p>
          ) : (
            <Scroller label={group.name}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t.columns.name}</th>
                    <th scope="col">{t.columns.addresses}</th>
                  </tr>
                </thead>
                <tbody>
                  {group.devices.map((device) => (
                    <tr>
                      <th scope="row">
                        <a class="touch" href={paths.device(device.id)}>
                          {device.name}
                        </a>
                        {device.user && <small>{userText(device.user)}</small>}
                        {ofLeavers.includes(device.id) && <small class="note">{t.userLeft}</small>}
                      </th>
                      <td class="code">{[...device.addresses, ...device.macs].join(', ')}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroller>
          )}
        </section>
      ))}
      <HowToFind />
    </Page>
  );
}

export function DeviceEditPage({ frame, deviceId, version, groups, staff, values, errors }: DeviceEditModel) {
  const title = deviceId === null ? t.addTitle : t.editTitle(values.name);
  return (
    <Page frame={frame} page="devices" title={title} hasErrors={errors.length > 0}>
      <h1>{title}</h1>
      <ErrorSummary errors={errors} />
      <PolicyForm
        action={deviceId === null ? paths.devices : paths.device(deviceId)}
        version={version}
        cancel={paths.devices}
      >
        <TextField
          name="name"
          label={t.name}
          hint={t.nameHint}
          value={values.name}
          errors={errors}
          autocomplete="off"
          maxLength={80}
          required
        />
        <fieldset id="group">
          <legend>{t.group}</legend>
          <FieldErrorText field="group" errors={errors} />
          {groups.map((group) => (
            <label class="tile">
              <input type="radio" name="group" value={group.id} checked={values.group === group.id} />
              <span>
                {group.name}
                <small>{t.kinds[group.kind]}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset id="user" aria-describedby="user-hint">
          <legend>{t.user}</legend>
          <p class="hint" id="user-hint">
            {t.userHint}
          </p>
          {(['unknown', 'shared', 'person'] as const).map((user) => (
            <label class="tile">
              <input type="radio" name="user" value={user} checked={values.user === user} />
              <span>
                {t.users[user]}
                {user === 'shared' && <small>{t.sharedHint}</small>}
              </span>
            </label>
          ))}
          <Suggestions id="staff" names={staff} />
          <TextField
            name="userName"
            list="staff"
            label={t.userName}
            hint={t.userNameHint}
            value={values.userName}
            errors={errors}
            autocomplete="off"
            maxLength={80}
          />
        </fieldset>
        <p>{t.oneOfBoth}</p>
        <TextField
          name="macs"
          label={t.macs}
          hint={t.macsHint}
          value={values.macs}
          errors={errors}
          autocomplete="off"
          rows={2}
          verbatim
        />
        <TextField
          name="addresses"
          label={t.addresses}
          hint={t.addressesHint}
          value={values.addresses}
          errors={errors}
          autocomplete="off"
          rows={2}
          verbatim
        />
      </PolicyForm>
      <HowToFind />
      {deviceId !== null && (
        <section aria-labelledby="remove-title">
          <h2 id="remove-title">{t.remove}</h2>
          <p>{t.removeText}</p>
          <Form action={paths.removeDevice(deviceId)}>
            <button class="danger" type="submit">
              {t.remove}
            </button>
          </Form>
        </section>
      )}
    </Page>
  );
}

function userText(user: DeviceUser): string {
  return user.kind === 'shared' ? t.sharedColumn : t.userColumn(user.name);
}

function SafeSearchLine({ group, mayChange }: { group: DevicesModel['groups'][number]; mayChange: boolean }) {
  const words = spoken.safeSearch;
  const { search, youtube } = safeSearchOf(group);
  return (
    <p>
      {words.line(search, youtube)}{' '}
      {mayChange && (
        <a class="touch" href={paths.safeSearch(group.id)}>
          {words.change}
          <span class="hidden">{words.forGroup(group.name)}</span>
        </a>
      )}
    </p>
  );
}

function HowToFind() {
  return (
    <section class="card" aria-labelledby="find-title">
      <h2 id="find-title">{t.howTo}</h2>
      <ol>
        <li>
          {t.howToOpen} <code>http://stairgate.home.arpa</code>
        </li>
        <li>{t.howToSee}</li>
        <li>{t.howToType}</li>
      </ol>
    </section>
  );
}
