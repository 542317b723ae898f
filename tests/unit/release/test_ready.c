/* SPDX-License-Identifier: Apache-2.0 */
/* When an object is ready: the rules of Helm 3, each at its border. */
#include "cm.h"
#include "data/yaml.h"
#include "release/ready.h"

typedef struct case_of {
    const char *object; /* YAML */
    vcl_readiness state;
    const char *why; /* part of it */
} case_of;

#define DEPLOYMENT "apiVersion: apps/v1, kind: Deployment, metadata: {generation: 2}, "
#define DAEMON_SET "apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 1}, "
#define STATEFUL_SET "apiVersion: apps/v1, kind: StatefulSet, metadata: {generation: 1}, "
#define SERVICE "apiVersion: v1, kind: Service, spec: "
#define CRD "apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, status: "
#define JOB "apiVersion: batch/v1, kind: Job, "

static const case_of cases[] = {
    { "{apiVersion: v1, kind: ConfigMap}", VCL_READY, "" },
    { "{apiVersion: tests/v1, kind: Pod}", VCL_READY, "" }, /* of another group */

    { "{apiVersion: v1, kind: Pod}", VCL_NOT_READY, "pod is Pending" },
    { "{apiVersion: v1, kind: Pod, status: {phase: Running, conditions: [{type: Ready, status: "
      "'False'}]}}",
      VCL_NOT_READY, "pod is Running" },
    { "{apiVersion: v1, kind: Pod, status: {conditions: [{type: Ready, status: 'True'}]}}",
      VCL_READY, "" },

    { "{" JOB "spec: {completions: 2, backoffLimit: 3}, status: {succeeded: 1, failed: 3}}",
      VCL_NOT_READY, "1 of 2 completions" },
    { "{" JOB "spec: {completions: 2, backoffLimit: 3}, status: {succeeded: 1, failed: 4}}",
      VCL_NEVER_READY, "has failed" },
    { "{" JOB "spec: {completions: 2}, status: {succeeded: 2}}", VCL_READY, "" },
    { "{" JOB "spec: {completions: 1}, status: {conditions: [{type: Failed, status: 'True'}]}}",
      VCL_NEVER_READY, "has failed" },
    { "{" JOB "spec: {}, status: {}}", VCL_READY, "" }, /* a work queue: no number */

    { "{" DEPLOYMENT "spec: {replicas: 1}, status: {observedGeneration: 1, readyReplicas: 1}}",
      VCL_NOT_READY, "has not seen" },
    { "{" DEPLOYMENT "spec: {replicas: 1, paused: true}, status: {observedGeneration: 1}}",
      VCL_READY, "" },
    { "{" DEPLOYMENT "spec: {replicas: 3}, status: {observedGeneration: 2, readyReplicas: 2}}",
      VCL_NOT_READY, "2 of 3 pods" },
    { "{" DEPLOYMENT "spec: {replicas: 4}, status: {observedGeneration: 2, readyReplicas: 3}}",
      VCL_READY, "" }, /* a quarter may be missing */
    { "{" DEPLOYMENT "spec: {replicas: 4, strategy: {type: Recreate}}, status: "
      "{observedGeneration: 2, readyReplicas: 3}}",
      VCL_NOT_READY, "3 of 4" },
    { "{" DEPLOYMENT "spec: {replicas: 4, strategy: {rollingUpdate: {maxUnavailable: 2}}}, status: "
      "{observedGeneration: 2, readyReplicas: 2}}",
      VCL_READY, "" },
    { "{" DEPLOYMENT "spec: {replicas: 3, strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: "
      "0}}}, status: {observedGeneration: 2, readyReplicas: 2}}",
      VCL_READY, "" }, /* both 0 means 1 missing */
    { "{" DEPLOYMENT "spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 2, "
      "updatedReplicas: 1, readyReplicas: 2}}",
      VCL_NOT_READY, "old template" },
    { "{" DEPLOYMENT "spec: {replicas: 0}, status: {observedGeneration: 2}}", VCL_READY, "" },

    { "{" DAEMON_SET "spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: "
      "{maxUnavailable: 1}}}, status: {observedGeneration: 1, desiredNumberScheduled: 3, "
      "updatedNumberScheduled: 3, numberReady: 2}}",
      VCL_READY, "" },
    { "{" DAEMON_SET "spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: "
      "{maxUnavailable: 10%}}}, status: {observedGeneration: 1, desiredNumberScheduled: 3, "
      "updatedNumberScheduled: 3, numberReady: 1}}",
      VCL_NOT_READY, "1 of 2 pods" }, /* 10 % of 3, rounded up */
    { "{" DAEMON_SET "spec: {updateStrategy: {type: RollingUpdate}}, status: {observedGeneration: "
      "1, desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberReady: 3}}",
      VCL_NOT_READY, "2 of 3 pods are of the new" },
    { "{" DAEMON_SET "spec: {updateStrategy: {type: OnDelete}}, status: {observedGeneration: 1}}",
      VCL_READY, "" },
    { "{" DAEMON_SET "spec: {updateStrategy: {type: OnDelete}}, status: {}}", VCL_NOT_READY,
      "has not seen" },

    { "{" STATEFUL_SET "spec: {replicas: 2, updateStrategy: {type: RollingUpdate}}, status: "
      "{observedGeneration: 1, updatedReplicas: 2, readyReplicas: 1}}",
      VCL_NOT_READY, "1 of 2 pods are ready" },
    { "{" STATEFUL_SET "spec: {replicas: 2, updateStrategy: {type: RollingUpdate}}, status: "
      "{observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2, currentRevision: a, "
      "updateRevision: b}}",
      VCL_NOT_READY, "not the current one" },
    { "{" STATEFUL_SET "spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: "
      "{partition: 1}}}, status: {observedGeneration: 1, updatedReplicas: 1, readyReplicas: 2, "
      "currentRevision: a, updateRevision: b}}",
      VCL_READY, "" },
    { "{" STATEFUL_SET "spec: {replicas: 3, updateStrategy: {type: RollingUpdate, rollingUpdate: "
      "{partition: 1}}}, status: {observedGeneration: 1, updatedReplicas: 1, readyReplicas: 3}}",
      VCL_NOT_READY, "1 of 2 pods are of the new" },
    { "{" STATEFUL_SET "spec: {updateStrategy: {type: OnDelete}}, status: {observedGeneration: 1}}",
      VCL_READY, "" },

    { "{apiVersion: apps/v1, kind: ReplicaSet, spec: {replicas: 2}, status: {readyReplicas: 1}}",
      VCL_NOT_READY, "1 of 2" },
    { "{apiVersion: v1, kind: ReplicationController, spec: {replicas: 1}, status: "
      "{readyReplicas: 1}}",
      VCL_READY, "" },

    { "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending}}", VCL_NOT_READY,
      "Pending" },
    { "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Bound}}", VCL_READY, "" },

    { "{" SERVICE "{type: ExternalName}}", VCL_READY, "" },
    { "{" SERVICE "{}}", VCL_NOT_READY, "no cluster IP" },
    { "{" SERVICE "{clusterIP: None}}", VCL_READY, "" },
    { "{" SERVICE "{type: LoadBalancer, clusterIP: 10.0.0.1}}", VCL_NOT_READY, "no address" },
    { "{" SERVICE "{type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [192.0.2.1]}}", VCL_READY,
      "" },
    { "{" SERVICE "{type: LoadBalancer, clusterIP: 10.0.0.1}, status: {loadBalancer: {ingress: "
      "[{ip: 192.0.2.1}]}}}",
      VCL_READY, "" },

    { "{" CRD "{}}", VCL_NOT_READY, "not established" },
    { "{" CRD "{conditions: [{type: NamesAccepted, status: 'True'}, {type: Established, status: "
      "'True'}]}}",
      VCL_READY, "" },
    { "{" CRD "{conditions: [{type: NamesAccepted, status: 'False'}]}}", VCL_READY, "" },
};

static cJSON *parse(const char *yaml)
{
    cJSON *tree = NULL;

    assert_int_equal(vcl_yaml_parse(yaml, strlen(yaml), &tree, NULL), 0);
    return tree;
}

static void every_kind_has_its_rule(void **state)
{
    VCL_AUTO_BUF why = { 0 };

    (void)state;
    vcl_buf_init(&why, 1024);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *object = parse(cases[i].object);
        vcl_readiness got = vcl_ready_check(object, NULL, &why);

        if (got != cases[i].state || !strstr(vcl_buf_text(&why), cases[i].why))
            fail_msg("%s: %d (%s)", cases[i].object, (int)got, vcl_buf_text(&why));
    }
}

static void a_rolling_deployment_counts_by_its_newest_replica_set(void **state)
{
    VCL_AUTO_JSON *deployment =
        parse("{" DEPLOYMENT "spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 3, "
              "updatedReplicas: 2, readyReplicas: 3}}");
    VCL_AUTO_JSON *ready = parse("{metadata: {generation: 1}, status: {observedGeneration: 1, "
                                 "readyReplicas: 2}}");
    VCL_AUTO_JSON *not_yet = parse("{metadata: {generation: 1}, status: {observedGeneration: 1, "
                                   "readyReplicas: 1}}");
    VCL_AUTO_JSON *unseen = parse("{metadata: {generation: 2}, status: {observedGeneration: 1, "
                                  "readyReplicas: 2}}");
    VCL_AUTO_BUF why = { 0 };

    (void)state;
    vcl_buf_init(&why, 1024);
    assert_int_equal(vcl_ready_check(deployment, NULL, &why), VCL_NOT_READY);
    assert_int_equal(vcl_ready_check(deployment, ready, &why), VCL_READY);
    assert_int_equal(vcl_ready_check(deployment, not_yet, &why), VCL_NOT_READY);
    assert_int_equal(vcl_ready_check(deployment, unseen, &why), VCL_NOT_READY);
}

static void jobs_are_waited_for_only_when_asked(void **state)
{
    (void)state;
    assert_true(vcl_ready_has_rule("batch/v1", "Job", true));
    assert_false(vcl_ready_has_rule("batch/v1", "Job", false));
    assert_true(vcl_ready_has_rule("apps/v1", "Deployment", false));
    assert_false(vcl_ready_has_rule("v1", "Deployment", false));
    assert_false(vcl_ready_has_rule(NULL, NULL, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_rule),
        cmocka_unit_test(a_rolling_deployment_counts_by_its_newest_replica_set),
        cmocka_unit_test(jobs_are_waited_for_only_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
