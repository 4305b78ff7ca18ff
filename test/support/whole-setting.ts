/** A whole setting for tests: a real dashboard that is set up, and a real box that is paired with it, as two processes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type BoxOptions, type BoxProcess, commandPath, prepareBox } from './box-process.ts';
import { DashboardClient } from './dashboard-client.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from './dashboard-process.ts';

export interface WholeSetting {
  readonly dashboard: DashboardProcess;
  readonly manager: DashboardClient;
  readonly box: BoxProcess;
  /** Ends both processes and deletes their folders. */
  remove(): Promise<void>;
}

export async function startWholeSetting(options: BoxOptions): Promise<WholeSetting> {
  const { dashboard, ready } = await startDashboardProcess();
  try {
    const manager = await DashboardClient.setUp(ready);
    const box = await prepareBox(options);
    await pair(box, ready);
    await box.start();
    return {
      dashboard,
      manager,
      box,
      remove: async () => {
        await box.remove();
        await dashboard.remove();
      },
    };
  } catch (error) {
    await dashboard.remove();
    throw error;
  }
}

/** As the installer does it: on the command line, with the code that the dashboard shows. */
export async function pair(box: BoxProcess, { url, pairingCode }: DashboardReady): Promise<void> {
  const args = [commandPath, 'enrol', '--config', box.configPath, '--dashboard', url, pairingCode];
  await promisify(execFile)(process.execPath, args);
}
