/** What other programs can ask and do: one table, of which the routes, the documentation and the tests are made. */
import { boxOperations } from './box-operations.ts';
import { channelOperations } from './channel-operations.ts';
import { deviceOperations } from './device-operations.ts';
import { figureOperations } from './figure-operations.ts';
import { noticeOperations } from './notice-operations.ts';
import type { Operation } from './operation.ts';
import { peopleOperations } from './people-operations.ts';
import { permissionOperations } from './permission-operations.ts';
import { recordOperations } from './record-operations.ts';
import { requestOperations } from './request-operations.ts';
import { ruleOperations } from './rule-operations.ts';

/** In the order in which the documentation tells of them. */
export const operations: readonly Operation[] = [
  ...permissionOperations,
  ...requestOperations,
  ...deviceOperations,
  ...ruleOperations,
  ...channelOperations,
  ...noticeOperations,
  ...figureOperations,
  ...recordOperations,
  ...peopleOperations,
  ...boxOperations,
];
