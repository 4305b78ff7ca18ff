/** What other programs can ask and do: one table, of which the routes, the documentation and the tests are made. */
import type { ApiMatter } from '../../views/models.ts';
import { boxOperations } from './box-operations.ts';
import { channelOperations } from './channel-operations.ts';
import { deviceOperations } from './device-operations.ts';
import { figureOperations } from './figure-operations.ts';
import { noticeOperations } from './notice-operations.ts';
import { nowOperations } from './now-operations.ts';
import type { Operation } from './operation.ts';
import { peopleOperations } from './people-operations.ts';
import { permissionOperations } from './permission-operations.ts';
import { recordOperations } from './record-operations.ts';
import { requestOperations } from './request-operations.ts';
import { ruleOperations } from './rule-operations.ts';

/** In the order in which the documentation tells of them. */
export const operationsByMatter: Readonly<Record<ApiMatter, readonly Operation[]>> = {
  now: nowOperations,
  permissions: permissionOperations,
  requests: requestOperations,
  devices: deviceOperations,
  rules: ruleOperations,
  channels: channelOperations,
  notice: noticeOperations,
  figures: figureOperations,
  record: recordOperations,
  people: peopleOperations,
  boxes: boxOperations,
};

export const operations: readonly Operation[] = Object.values(operationsByMatter).flat();
