/** Active minutes in a table: blocked and granted beside each other, under the same words wherever they stand. */
import { formatCount } from './format.ts';
import { spoken } from './language.ts';
import type { ActiveMinutes } from './models.ts';

/** `first`: what each row is of. */
export function MinutesHead({ first }: { first: string }) {
  const { columns } = spoken.usage;
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        <th scope="col" class="number">
          {columns.blocked}
        </th>
        <th scope="col" class="number">
          {columns.granted}
        </th>
      </tr>
    </thead>
  );
}

export function MinutesCells({ of: { blocked, granted } }: { of: ActiveMinutes }) {
  return (
    <>
      <td class="number">{formatCount(blocked)}</td>
      <td class="number">{formatCount(granted)}</td>
    </>
  );
}
