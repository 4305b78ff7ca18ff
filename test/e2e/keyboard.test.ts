/**
 * Every flow of the dashboard and of the box's own site, in real Chromium by the keyboard alone: no mouse, and at each stop the
 * focus is somewhere, is seen and is on the screen. What a flow does is looked for on the page and in what is stored, or on
 * the wire. The flows are in keyboard/; they are walked in the order in which a nursery comes to them.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { missingBrowser } from '../support/browser.ts';
import { agreedFlows } from './keyboard/agreed.ts';
import { comingInFlows } from './keyboard/coming-in.ts';
import { everyRouteIsWalked } from './keyboard/every-route.ts';
import { lettingGoFlows, lookingBackFlows } from './keyboard/looking-back.ts';
import { accountFlows, peopleFlows } from './keyboard/people.ts';
import { permissionFlows } from './keyboard/permission.ts';
import { roundFlows } from './keyboard/round.ts';
import { ruleFlows } from './keyboard/rules.ts';
import { Stage } from './keyboard/stage.ts';

const absent = missingBrowser();
if (absent !== null) console.log(`test/e2e/keyboard: ${absent}`);

describe.skipIf(absent !== null)('by the keyboard alone', () => {
  let stage: Stage;
  const on = () => stage;

  beforeAll(async () => {
    stage = await Stage.start();
  });
  afterAll(() => stage?.remove());

  comingInFlows(on);
  permissionFlows(on);
  ruleFlows(on);
  agreedFlows(on);
  lookingBackFlows(on);
  peopleFlows(on);
  accountFlows(on);
  roundFlows(on);
  lettingGoFlows(on);
  everyRouteIsWalked(on);
});
