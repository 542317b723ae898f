// SPDX-License-Identifier: Apache-2.0
// The module for a Backstage backend: backend.add(import('scaffolder-backend-module-vcluster')).
import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';

import { createAction, deleteAction, renderAction, waitAction } from './actions';
import { Rpc } from './rpc';

/** The host is the one of `vcluster.kubeconfig` in app-config.yaml, else as kubectl finds it. */
export default createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'vcluster',
  register({ registerInit }) {
    registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        config: coreServices.rootConfig,
        lifecycle: coreServices.rootLifecycle,
      },
      async init({ actions, config, lifecycle }) {
        const kubeconfig = config.getOptionalString('vcluster.kubeconfig');
        const rpc = new Rpc({ arguments: kubeconfig ? ['--kubeconfig', kubeconfig] : [] });
        lifecycle.addShutdownHook(() => rpc.close());
        actions.addActions(createAction(rpc), waitAction(rpc), deleteAction(rpc), renderAction(rpc));
      },
    });
  },
});
