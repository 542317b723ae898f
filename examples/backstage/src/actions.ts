// SPDX-License-Identifier: Apache-2.0
// What a template of the scaffolder can do with virtual clusters.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';

import type { Rpc } from './rpc';
import type { Methods } from './types';

type Format = Methods['render']['params']['format'];
const formats = ['argocd', 'argocd-applicationset', 'argocd-cluster', 'flux', 'manifests'] as const;

/** vcluster:create: a virtual cluster that is there and ready; running it again changes nothing. */
export function createAction(rpc: Rpc) {
  return createTemplateAction({
    id: 'vcluster:create',
    description: 'Makes sure that a virtual cluster exists, and waits until it is ready',
    schema: {
      input: {
        name: z => z.string().describe('Name of the virtual cluster'),
        namespace: z => z.string().optional().describe('Namespace on the host'),
        distribution: z => z.enum(['upstream', 'embedded']).optional(),
        kubernetesVersion: z => z.string().optional(),
        values: z => z.record(z.string(), z.any()).optional().describe('vcluster.yaml'),
        wait: z => z.boolean().optional().describe('Until it is ready (the default)'),
        timeout: z => z.number().optional().describe('Seconds'),
      },
      output: {
        name: z => z.string(),
        namespace: z => z.string(),
        ready: z => z.boolean(),
      },
    },
    async handler(ctx) {
      if (ctx.isDryRun) {
        const plan = await rpc.call('plan', { name: ctx.input.name, namespace: ctx.input.namespace, values: ctx.input.values, distribution: ctx.input.distribution }, { signal: ctx.signal });
        ctx.logger.info(JSON.stringify(plan));
        return;
      }
      const made = await rpc.call('ensure', ctx.input, {
        signal: ctx.signal,
        progress: report => ctx.logger.info(`${report.object}: ${report.message}`),
      });
      ctx.output('name', made.name);
      ctx.output('namespace', made.namespace);
      ctx.output('ready', made.ready);
    },
  });
}

/** vcluster:wait: until a virtual cluster that something else makes, such as Argo CD, is ready. */
export function waitAction(rpc: Rpc) {
  return createTemplateAction({
    id: 'vcluster:wait',
    description: 'Waits until a virtual cluster is ready',
    schema: {
      input: {
        name: z => z.string(),
        namespace: z => z.string().optional(),
        timeout: z => z.number().optional().describe('Seconds'),
      },
      output: { status: z => z.string(), ready: z => z.boolean() },
    },
    async handler(ctx) {
      const found = await rpc.call('wait', ctx.input, {
        signal: ctx.signal,
        progress: report => ctx.logger.info(`${report.object}: ${report.message}`),
      });
      ctx.output('status', found.status);
      ctx.output('ready', found.ready);
    },
  });
}

/** vcluster:delete: one that is gone already is no failure. */
export function deleteAction(rpc: Rpc) {
  return createTemplateAction({
    id: 'vcluster:delete',
    description: 'Deletes a virtual cluster and waits until it is gone',
    schema: {
      input: {
        name: z => z.string(),
        namespace: z => z.string().optional(),
        keepVolumes: z => z.boolean().optional(),
      },
    },
    async handler(ctx) {
      if (ctx.isDryRun) return;
      await rpc.call('delete', { ...ctx.input, missingOk: true }, { signal: ctx.signal });
    },
  });
}

/** vcluster:render: the files of a virtual cluster, into the workspace: publish:* puts them into Git. */
export function renderAction(rpc: Rpc) {
  return createTemplateAction({
    id: 'vcluster:render',
    description: 'Writes the files that Argo CD, Flux or kustomize need for a virtual cluster',
    supportsDryRun: true,
    schema: {
      input: {
        spec: z => z.record(z.string(), z.any()).describe('name, team, chart, values, quota, ...'),
        format: z => z.enum(formats).optional(),
        targetPath: z => z.string().optional().describe('Folder in the workspace'),
      },
      output: { files: z => z.array(z.string()) },
    },
    async handler(ctx) {
      const { spec, format, targetPath } = ctx.input;
      const root = resolveSafeChildPath(ctx.workspacePath, targetPath ?? '.');
      const { files } = await rpc.call('render', { spec, format: format as Format }, { signal: ctx.signal });
      for (const [path, text] of Object.entries(files)) {
        const place = resolveSafeChildPath(root, path);
        await mkdir(dirname(place), { recursive: true });
        await writeFile(place, text);
      }
      ctx.output('files', Object.keys(files).sort());
    },
  });
}
