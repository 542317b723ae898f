// SPDX-License-Identifier: Apache-2.0
// The actions with Backstage's own test utilities, against a host in memory, and against a real one
// where $VCLUSTER_TEST_KUBECONFIG names it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';

import * as jest from 'jest-mock';

import { createAction, deleteAction, renderAction, waitAction } from './actions';
import { Rpc, VClusterError } from './rpc';

// The program, with its arguments.
const command = (process.env.VCLUSTER_RPC ?? 'python3 -m vcluster.rpc').split(' ');

// What Backstage's utilities take for granted; the test runner is node's own.
Object.assign(globalThis, { jest });

/** Run an action and give its outputs. */
async function run(action: any, input: object, more: object = {}): Promise<Record<string, unknown>> {
  const outputs: Record<string, unknown> = {};
  const output = (name: string, value: unknown) => void (outputs[name] = value);
  const context = createMockActionContext({ input, ...more } as any);
  await action.handler({ ...context, ...more, output });
  return outputs;
}

function lifecycle(rpc: () => Rpc, name: string) {
  it('creates, waits, deletes, and deletes again', async () => {
    const made = await run(createAction(rpc()), { name, distribution: 'embedded' });
    assert.deepEqual(made, { name, namespace: `vcluster-${name}`, ready: true });
    assert.deepEqual(await run(waitAction(rpc()), { name }), { status: 'Running', ready: true });
    assert.deepEqual(await run(deleteAction(rpc()), { name }), {});
    assert.deepEqual(await run(deleteAction(rpc()), { name }), {});
  });
}

describe('on a host in memory', () => {
  let rpc: Rpc;
  before(() => (rpc = new Rpc({ command, arguments: ['--fake'] })));
  after(() => rpc.close());

  lifecycle(() => rpc, 'dev');

  it('fails with what the library says', async () => {
    await assert.rejects(run(waitAction(rpc), { name: 'nobody' }), (error: unknown) => {
      assert.ok(error instanceof VClusterError);
      assert.equal(error.code, 'NOT_FOUND');
      assert.equal(error.retryable, false);
      return true;
    });
  });

  it('writes the files of a tenant into the workspace', async () => {
    const workspacePath = await mkdtemp(join(tmpdir(), 'vcluster-'));
    try {
      const spec = { name: 'team-alpha', team: 'alpha' };
      const input = { spec, format: 'flux', targetPath: 'repository' };
      const { files } = (await run(renderAction(rpc), input, { workspacePath })) as { files: string[] };
      assert.ok(files.includes('clusters/team-alpha/kustomization.yaml'), files.join());
      const text = await readFile(join(workspacePath, 'repository', files[0]), 'utf8');
      assert.match(text, /kind: Kustomization|apiVersion/);
      const outside = { spec, targetPath: '../elsewhere' };
      await assert.rejects(run(renderAction(rpc), outside, { workspacePath }), /not allowed|outside/);
    } finally {
      await rm(workspacePath, { recursive: true });
    }
  });

  it('stops a call whose task is cancelled', async () => {
    const slow = new Rpc({ command, arguments: ['--fake', '--faults', '[{method: GET, delayMs: 60000}]'] });
    const stop = new AbortController();
    try {
      const waiting = run(waitAction(slow), { name: 'dev' }, { signal: stop.signal });
      setImmediate(() => stop.abort());
      await assert.rejects(waiting, (error: unknown) => error instanceof VClusterError && error.code === 'CANCELLED');
    } finally {
      await slow.close();
    }
  });

  it('tells why a process could not be started', async () => {
    const none = new Rpc({ command: ['/nowhere/python'] });
    await assert.rejects(none.call('version', {}), /cannot be started|has ended/);
  });
});

const kubeconfig = process.env.VCLUSTER_TEST_KUBECONFIG;
describe('on a real host', { skip: kubeconfig ? false : 'VCLUSTER_TEST_KUBECONFIG is not set' }, () => {
  let rpc: Rpc;
  before(() => (rpc = new Rpc({ command, arguments: ['--kubeconfig', kubeconfig!] })));
  after(() => rpc.close());

  lifecycle(() => rpc, 'backstage-example');
});
