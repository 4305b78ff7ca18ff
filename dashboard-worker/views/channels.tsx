/**
 * Official channels: their register with what should be seen to, and the form of one.
 */
import { formatDate } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { ChannelEditModel, ChannelModel, ChannelsModel } from './models.ts';
import { weekdays } from './models.ts';
import { ErrorSummary, FieldErrorText, Form, FormId, Suggestions, TextField, Tile } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.channels;

export function ChannelsPage({ frame, channels }: ChannelsModel) {
  return (
    <Page frame={frame} page="channels" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p class="actions">
        <a class="button primary" href={paths.newChannel}>
          {t.add}
        </a>
      </p>
      {channels.length === 0 && <p>{t.none}</p>}
      <ul class="plain">
        {channels.map((channel) => (
          <li class="card grant">
            <Channel channel={channel} />
            <a class="button" href={paths.channel(channel.id)}>
              {t.edit}
              <span class="hidden"> {channel.name}</span>
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}

function Channel({ channel }: { channel: ChannelModel }) {
  const { name, purpose, approvedBy, approvedOn, assessedOn, people, deviceName, serviceName, warnings } = channel;
  const days = new Intl.ListFormat(spoken.locale).format(channel.days.map((day) => spoken.hours.days[day]));
  return (
    <div>
      <h2>{name}</h2>
      <p>{purpose}</p>
      <p>
        {t.line(serviceName, deviceName ?? t.deviceGone)}: {t.when(days, channel.from, channel.to)}
      </p>
      {warnings.map((warning) => (
        <p class="note">{t.warnings[warning]}</p>
      ))}
      <p class="detail">
        {t.approved(approvedBy, formatDate(approvedOn))} {t.assessed(formatDate(assessedOn))}{' '}
        {people.length > 0 && t.people(new Intl.ListFormat(spoken.locale).format(people))}
      </p>
    </div>
  );
}

export function ChannelEditPage(model: ChannelEditModel) {
  const { frame, channelId, formId, devices, staff, categories, today, values, errors } = model;
  const title = channelId === null ? t.addTitle : t.editTitle(values.name);
  const field = { errors, autocomplete: 'off' };
  const wrongDevice = errors.some((error) => error.field === 'device');
  const wrongService = errors.some((error) => error.field === 'service');
  return (
    <Page frame={frame} page="channels" title={title} hasErrors={errors.length > 0}>
      <h1>{title}</h1>
      <ErrorSummary errors={errors} />
      <Form class="card" action={channelId === null ? paths.channels : paths.channel(channelId)}>
        <FormId id={formId} />
        <Suggestions id="staff" names={staff} />
        <h2>{t.whatItIs}</h2>
        <TextField
          {...field}
          name="name"
          label={t.name}
          hint={t.nameHint}
          value={values.name}
          maxLength={80}
          required
        />
        <TextField
          {...field}
          name="purpose"
          label={t.purpose}
          hint={t.purposeHint}
          value={values.purpose}
          maxLength={200}
          required
        />
        <div class={wrongService ? 'field wrong' : 'field'}>
          <label for="service">{t.service}</label>
          <FieldErrorText field="service" errors={errors} />
          <select id="service" name="service" aria-describedby={wrongService ? 'service-error' : undefined}>
            <option value="">{t.choose}</option>
            {categories.map(({ name, services }) => (
              <optgroup label={name}>
                {services.map((service) => {
                  const id = service.key.slice('service:'.length);
                  return (
                    <option value={id} selected={id === values.service}>
                      {service.name}
                    </option>
                  );
                })}
              </optgroup>
            ))}
          </select>
        </div>
        <h2>{t.approval}</h2>
        <TextField
          {...field}
          name="approvedBy"
          label={t.approvedBy}
          value={values.approvedBy}
          maxLength={80}
          required
        />
        <TextField
          {...field}
          name="approvedOn"
          label={t.approvedOn}
          type="date"
          value={values.approvedOn}
          max={today}
          required
        />
        <TextField
          {...field}
          name="assessedOn"
          label={t.assessedOn}
          type="date"
          value={values.assessedOn}
          max={today}
          required
        />
        <h2>{t.twoPeople}</h2>
        <p>{t.twoPeopleHint}</p>
        <TextField
          {...field}
          name="firstPerson"
          list="staff"
          label={t.firstPerson}
          value={values.firstPerson}
          maxLength={80}
        />
        <TextField
          {...field}
          name="secondPerson"
          list="staff"
          label={t.secondPerson}
          value={values.secondPerson}
          maxLength={80}
        />
        <h2>{t.where}</h2>
        <p>{t.whereHint}</p>
        <div class={wrongDevice ? 'field wrong' : 'field'}>
          <label for="device">{t.device}</label>
          <FieldErrorText field="device" errors={errors} />
          {devices.length === 0 && (
            <p>
              {spoken.give.noDevices}{' '}
              {frame.may.has('device.change') && <a href={paths.newDevice}>{spoken.give.noDevicesLink}</a>}
            </p>
          )}
          <select id="device" name="device" aria-describedby={wrongDevice ? 'device-error' : undefined}>
            <option value="">{t.choose}</option>
            {devices.map(({ id, name }) => (
              <option value={id} selected={id === values.device}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <fieldset id="days" class={errors.some((error) => error.field === 'days') ? 'wrong' : undefined}>
          <legend>{t.days}</legend>
          <FieldErrorText field="days" errors={errors} />
          <div class="tiles">
            {weekdays.map((day) => (
              <Tile name="days" value={day} checked={values.days.includes(day)} several>
                {spoken.hours.days[day]}
              </Tile>
            ))}
          </div>
        </fieldset>
        <TextField {...field} name="from" label={t.from} type="time" value={values.from} required />
        <TextField {...field} name="to" label={t.to} type="time" value={values.to} required />
        <p class="actions">
          <button class="primary" type="submit">
            {t.save}
          </button>
          <a class="button quiet" href={paths.channels}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
      {channelId !== null && (
        <section aria-labelledby="close-title">
          <h2 id="close-title">{t.close}</h2>
          <p>{t.closeText}</p>
          <Form action={paths.closeChannel(channelId)}>
            <button class="danger" type="submit">
              {t.close}
            </button>
          </Form>
        </section>
      )}
    </Page>
  );
}
