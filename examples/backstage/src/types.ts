// SPDX-License-Identifier: Apache-2.0
// Made by types.mjs from the schema of vcluster.rpc; not for editing.

export type Instance = {
  /** name */
  name: string;
  /** host namespace */
  namespace: string;
  /** Running, Pending, Paused, ... */
  status: string;
  ready: boolean;
  /** of the chart */
  version?: string;
  /** upstream or embedded */
  distribution?: string;
  /** such as v1.35.4 */
  kubernetesVersion?: string;
  /** seconds since 1970 */
  created?: number;
  /** what the user should know */
  note?: string;
};

export type Error = {
  /** a status of libvcluster such as NOT_FOUND; INVALID_REQUEST and METHOD_NOT_FOUND are of the protocol */
  code: string;
  /** the sentence alone */
  message: string;
  /** the whole story in one line */
  text: string;
  /** what failed */
  operation?: string;
  /** of Kubernetes */
  reason?: string;
  httpStatus?: number;
  /** path in a document */
  field?: string;
  retryable: boolean;
  findings?: Array<Record<string, unknown>>;
};

export type Progress = {
  id: number | string;
  event: "progress";
  /** namespace, object, pod, image, container, api, ready, ... */
  step: string;
  /** such as pod/dev-0 */
  object: string;
  /** for a person */
  message: string;
  /** seconds */
  elapsed: number;
};

/** Parameters and result of each method. */
export interface Methods {
  /** the version of the library */
  version: {
    params: Record<string, never>;
    result: {
      /** such as 0.1.0 */
      version: string;
    };
  };
  /** make sure that a virtual cluster exists and is ready */
  ensure: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** vcluster.yaml, as an object or as YAML */
      values?: Record<string, unknown> | string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** which control plane */
      distribution?: "upstream" | "embedded";
      /** repository, oci:// reference, directory or .tgz of upstream's chart */
      chartSource?: string;
      /** its version, or a constraint */
      chartVersion?: string;
      /** until it is ready */
      wait?: boolean;
      /** take over what a killed helm left pending */
      takeOver?: boolean;
      /** such as 1.35 or v1.35.4 */
      kubernetesVersion?: string;
      /** of an upstream control plane */
      profile?: "default" | "fast" | "lean";
      /** values given earlier are dropped, not merged */
      resetValues?: boolean;
      /** what fails is undone */
      atomic?: boolean;
      /** a paused one is resumed first */
      resume?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: Instance;
  };
  /** as ensure, but ALREADY_EXISTS when it exists */
  create: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** vcluster.yaml, as an object or as YAML */
      values?: Record<string, unknown> | string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** which control plane */
      distribution?: "upstream" | "embedded";
      /** repository, oci:// reference, directory or .tgz of upstream's chart */
      chartSource?: string;
      /** its version, or a constraint */
      chartVersion?: string;
      /** until it is ready */
      wait?: boolean;
      /** take over what a killed helm left pending */
      takeOver?: boolean;
      /** such as 1.35 or v1.35.4 */
      kubernetesVersion?: string;
      /** of an upstream control plane */
      profile?: "default" | "fast" | "lean";
      /** values given earlier are dropped, not merged */
      resetValues?: boolean;
      /** what fails is undone */
      atomic?: boolean;
      /** a paused one is resumed first */
      resume?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: Instance;
  };
  /** one virtual cluster */
  get: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** seconds */
      timeout?: number;
    };
    result: Instance;
  };
  /** all virtual clusters, or those of a namespace */
  list: {
    params: {
      /** default: all */
      namespace?: string;
      /** seconds */
      timeout?: number;
    };
    result: Array<Instance>;
  };
  /** wait until a virtual cluster is ready */
  wait: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** seconds */
      timeout?: number;
    };
    result: Instance;
  };
  /** tell what happens to virtual clusters, as events named instance with type ADDED, CHANGED or REMOVED, until it is cancelled */
  watch: {
    params: {
      /** default: all */
      namespace?: string;
      /** seconds */
      timeout?: number;
    };
    result: null;
  };
  /** delete a virtual cluster and wait until its objects are gone */
  delete: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** success when there is none */
      missingOk?: boolean;
      /** PersistentVolumeClaims stay */
      keepVolumes?: boolean;
      /** the namespace stays */
      keepNamespace?: boolean;
      /** until the objects are gone */
      wait?: boolean;
      /** also what it would leave behind, with the rights of an audit; not without wait */
      leftoversToo?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: null;
  };
  /** where a virtual cluster can be reached from here, and why not elsewhere */
  endpoint: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** taken in place of all others */
      server?: string;
      /** name to verify */
      tlsServerName?: string;
      /** the tunnel does not count */
      exposedOnly?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: {
      /** given, published, load-balancer, node-port, ingress, tls-route, service or tunnel */
      kind: string;
      /** empty for the tunnel */
      url: string;
      /** name to verify in place of the URL's */
      tlsServerName: string;
      candidates: Array<Record<string, unknown>>;
    };
  };
  /** a kubeconfig for a virtual cluster that is exposed; it holds credentials */
  kubeconfig: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** where it can be reached */
      server?: string;
      /** name to verify */
      tlsServerName?: string;
      /** default: vcluster_NAME_NAMESPACE_HOSTCONTEXT */
      contextName?: string;
      /** take server as it is */
      unverified?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: {
      /** YAML */
      kubeconfig: string;
    };
  };
  /** a short-lived token of a service account of a virtual cluster */
  token: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** default: libvcluster */
      serviceAccount?: string;
      /** in the virtual cluster; default: kube-system */
      serviceAccountNamespace?: string;
      /** bind the account to it */
      clusterRole?: string;
      /** seconds */
      expiration?: number;
      /** make the account and its binding */
      create?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: {
      /** a secret */
      token: string;
      /** system:serviceaccount:NAMESPACE:ACCOUNT */
      user: string;
      /** RFC 3339 */
      expires: string;
    };
  };
  /** the files that Argo CD, Flux or kustomize need for a virtual cluster; sends nothing */
  render: {
    params: {
      /** of the virtual cluster, as an object or as YAML; see vcluster.gitops.render */
      spec: Record<string, unknown> | string;
      /** that of the spec by default; a file of argocd-cluster holds credentials */
      format?: "argocd" | "argocd-applicationset" | "argocd-cluster" | "flux" | "manifests";
    };
    result: {
      /** the text of each, by its path */
      files: Record<string, string>;
    };
  };
  /** the spec of a virtual cluster, read back from files that render made */
  import: {
    params: {
      /** text of each file by its path */
      files: Record<string, string>;
      /** which virtual cluster, where there are several */
      name?: string;
    };
    result: {
      /** YAML, as render takes it; a TeamCluster document where one stands for the files */
      spec: string;
    };
  };
  /** the sync rules of a configuration; sends nothing */
  syncRules: {
    params: {
      /** vcluster.yaml, as an object or as YAML */
      values?: Record<string, unknown> | string;
    };
    result: Array<Record<string, unknown>>;
  };
  /** stop a request that is under way, which then fails with CANCELLED */
  cancel: {
    params: {
      id: number | string;
    };
    result: {
      /** whether it was under way */
      cancelled: boolean;
    };
  };
  /** what all virtual clusters of the host are promised, against a budget or its nodes */
  budget: {
    params: {
      /** resources and quantities, such as cpu: 64; default: what the nodes have for pods */
      budget?: Record<string, unknown> | string;
      /** how much of what the nodes have may be promised; default: 100 */
      overcommitPercent?: number;
      /** seconds */
      timeout?: number;
    };
    result: Record<string, unknown>;
  };
  /** whether one more virtual cluster fits, before it is made */
  admit: {
    params: {
      /** vcluster.yaml, as an object or as YAML */
      values?: Record<string, unknown> | string;
      /** which control plane */
      distribution?: "upstream" | "embedded";
      /** of the virtual cluster; one that is there is not counted */
      name?: string;
      /** its host namespace; default: wherever it is */
      namespace?: string;
      /** resources and quantities, such as cpu: 64; default: what the nodes have for pods */
      budget?: Record<string, unknown> | string;
      /** how much of what the nodes have may be promised; default: 100 */
      overcommitPercent?: number;
      /** seconds */
      timeout?: number;
    };
    result: Record<string, unknown>;
  };
  /** what ensure would do, change by change, without doing it */
  plan: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** vcluster.yaml, as an object or as YAML */
      values?: Record<string, unknown> | string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** which control plane */
      distribution?: "upstream" | "embedded";
      /** repository, oci:// reference, directory or .tgz of upstream's chart */
      chartSource?: string;
      /** its version, or a constraint */
      chartVersion?: string;
      /** take over what a killed helm left pending */
      takeOver?: boolean;
      /** such as 1.35 or v1.35.4 */
      kubernetesVersion?: string;
      /** of an upstream control plane */
      profile?: "default" | "fast" | "lean";
      /** values given earlier are dropped, not merged */
      resetValues?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: Record<string, unknown>;
  };
  /** scale a virtual cluster down; its data stay */
  pause: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** seconds */
      timeout?: number;
    };
    result: null;
  };
  /** let a paused virtual cluster run again */
  resume: {
    params: {
      /** name of the virtual cluster */
      name: string;
      /** host namespace; default: searched, or the context's */
      namespace?: string;
      /** until it is ready */
      wait?: boolean;
      /** seconds */
      timeout?: number;
    };
    result: null;
  };
}
