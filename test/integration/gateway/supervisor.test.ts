import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createSupervisor, type GatewaySupervisor } from '../../../src/app/gateway/supervisor.ts';
import type { SessionRequest } from '../../../src/core/gateway/control.ts';
import type { GatewayState } from '../../../src/core/gateway/model.ts';
import { until } from '../../support/cli.ts';
import { createGatewayHome, type GatewayHome, kill, sessionOn, untilDead } from '../../support/gateway-process.ts';

describe('following the gateway', function () {
  this.timeout(60_000);
  let home: GatewayHome;
  const supervisors: GatewaySupervisor[] = [];
  beforeEach(async () => {
    home = await createGatewayHome();
  });
  afterEach(async () => {
    for (const supervisor of supervisors.splice(0)) supervisor.dispose();
    await home[Symbol.asyncDispose]();
  });

  interface Follower {
    readonly supervisor: GatewaySupervisor;
    readonly states: GatewayState[];
    state(): GatewayState['type'] | undefined;
  }

  function follow(requests: readonly SessionRequest[] = []): Follower {
    const states: GatewayState[] = [];
    const supervisor = createSupervisor({
      ports: home.ports,
      command: home.command,
      version: '1.0.0',
      idleMs: 60_000,
      watch: true,
      onState: (state) => states.push(state),
      describeSession: async (id) => requests.find(({ spec }) => spec.id === id),
    });
    supervisors.push(supervisor);
    return { supervisor, states, state: () => states.at(-1)?.type };
  }

  const request = sessionOn('http://127.0.0.1:9', { key: 'sk-canary-0011223344' });

  it('learns of one that somebody else starts, of its sessions and of its end', async () => {
    const { supervisor, states, state } = follow();
    assert.deepEqual(await supervisor.find(), { type: 'stopped' });
    const { client } = await home.start();
    await until(() => state() === 'running', () => JSON.stringify(states));
    await client.createSession(request);
    await until(() => states.some((seen) => seen.type === 'running' && seen.status.sessions.length === 1), () => JSON.stringify(states));
    await client.stop({ restart: false });
    await until(() => state() === 'stopped', () => JSON.stringify(states));
    assert.equal(home.lock(), undefined, 'it is not started again by those who have no session there');
  });

  it('starts the next one when the one it knows has just been killed', async () => {
    const { supervisor } = follow([request]);
    const { status } = await supervisor.start();
    kill(status.pid, 'SIGKILL');
    const { token, address } = await supervisor.createSession(request);
    assert.ok(token.length > 20);
    assert.equal(home.lock()?.port, Number(new URL(address).port));
    assert.notEqual(home.lock()?.pid, status.pid);
  });

  it('hands its keys again, each to its own session, when two restart a gateway that was killed', async () => {
    const other = sessionOn('http://127.0.0.1:9', { id: 's2', key: 'sk-canary-5566778899' });
    const [one, two] = [follow([request]), follow([other])];
    await one.supervisor.createSession(request);
    await two.supervisor.createSession(other);
    const { pid = 0 } = home.lock() ?? {};
    kill(pid, 'SIGKILL');
    await untilDead(pid);
    const isWhole = (): boolean => {
      const last = one.states.at(-1);
      return last?.type === 'running' && last.status.pid !== pid && last.status.sessions.length === 2 && last.status.sessions.every(({ waiting }) => !waiting);
    };
    await until(isWhole, () => JSON.stringify(one.states.at(-1)), 20_000);
  });

  it('tells the next one whose process a session is, when the one before was gone just then', async () => {
    const { supervisor, state } = follow([request]);
    await supervisor.createSession(request);
    const { pid = 0 } = home.lock() ?? {};
    kill(pid, 'SIGKILL');
    await untilDead(pid);
    await until(() => state() !== 'running', () => String(state()));
    supervisor.sessionProcess(request.spec.id, process.pid);
    await until(() => existsSync(home.sessionsFile) && readFileSync(home.sessionsFile, 'utf8').includes(`"pid":${process.pid}`), () => 'the process is not known');
  });

  it('ends its own sessions only', async () => {
    const { supervisor } = follow([request]);
    await supervisor.createSession(request);
    const { client } = await home.start();
    await client.createSession(sessionOn('http://127.0.0.1:9', { id: 'foreign' }));
    await supervisor.endSession('foreign');
    await supervisor.endSession('s1');
    assert.deepEqual((await client.status())?.sessions.map(({ id }) => id), ['foreign']);
  });
});
