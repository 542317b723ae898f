/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reasons why a virtual cluster is not ready, really provoked on the host: each row makes a
 * workload with the labels of a virtual cluster, in a namespace of its own, that cannot come up;
 * vcluster_instance_why() must come to the reason. All are made first and then asked in turn. What
 * cannot be provoked here is replayed by test_classify from tests/fixtures/why. Ends with a table.
 * VCLUSTER_WHY_KEEP=1 leaves the namespaces, to record fixtures from; VCLUSTER_WHY_ONLY=CODE asks
 * for one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "e2e.h"

#define BUSYBOX "image: 'busybox:1.36', imagePullPolicy: IfNotPresent"
#define SLEEPS BUSYBOX ", command: [sleep, '1000000']"
#define SHELL(script) BUSYBOX ", command: [sh, -c, " script "]"
#define KINE(where)                                                                                \
    "image: 'docker.io/rancher/kine:v0.17.5', imagePullPolicy: IfNotPresent, args: [--endpoint, "  \
    "'postgres://a:b@" where "/c?connect_timeout=1'], "                                            \
    "readinessProbe: {tcpSocket: {port: 2379}, initialDelaySeconds: 600}"
#define WHEN_SCALED "replicas: 0, "

enum { PATIENCE_S = 150, MAX_NAME = 80, MAX_TEXT = 4096 };

typedef struct row {
    const char *code;
    const char *container; /* fields of the container; NULL: SLEEPS */
    const char *pod;       /* fields of the pod's spec, with a comma behind */
    const char *set;       /* fields of the StatefulSet's spec, with a comma behind */
    const char *metadata;  /* fields of the StatefulSet's metadata */
    const char *labels;    /* of the namespace */
    const char *before;    /* objects, divided by "---"; "NS" stands for the namespace */
    bool no_workload;
    bool
        late; /* what is in its way takes effect a moment later: its pod is made again until then */
} row;

#define CLAIM(spec)                                                                                \
    "volumeClaimTemplates: [{metadata: {name: data}, spec: {" spec                                 \
    ", resources: {requests: {storage: 1Mi}}}}], "
#define MOUNTS SLEEPS ", volumeMounts: [{name: data, mountPath: /data}]"
#define REGISTRY "127.0.0.1:4755"

static const row rows[] = {
    { .code = "no-cpu", .container = SLEEPS ", resources: {requests: {cpu: 1000}}" },
    { .code = "no-memory", .container = SLEEPS ", resources: {requests: {memory: 900Ti}}" },
    { .code = "no-resource", .container = SLEEPS ", resources: {limits: {example.com/moon: 1}}" },
    { .code = "node-selector", .pod = "nodeSelector: {moon: full}, " },
    { .code = "pod-affinity",
      .pod =
          "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey"
          ": kubernetes.io/hostname, labelSelector: {matchLabels: {moon: full}}}]}}, " },
    { .code = "host-port",
      .container = SLEEPS ", ports: [{containerPort: 80, hostPort: 47011}]",
      .before = "{apiVersion: v1, kind: Pod, metadata: {name: first, namespace: NS}, spec: "
                "{terminationGracePeriodSeconds: 0, containers: [{name: a, " SLEEPS
                ", ports: [{containerPort: 80, hostPort: 47011}]}]}}" },
    { .code = "scheduling-gated", .pod = "schedulingGates: [{name: example.com/moon}], " },
    { .code = "no-scheduler", .pod = "schedulerName: nobody, " },
    { .code = "volume-node",
      .container = MOUNTS,
      .set = CLAIM("accessModes: [ReadWriteOnce], storageClassName: '', "
                   "volumeName: NS"),
      .before = "{apiVersion: v1, kind: PersistentVolume, metadata: {name: NS}, spec: {capacity: "
                "{storage: 1Mi}, accessModes: [ReadWriteOnce], local: {path: /nowhere}, claimRef: "
                "{namespace: NS, name: data-dev-0}, nodeAffinity: {required: {nodeSelectorTerms: "
                "[{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [moon]}]"
                "}]}}}}" },
    { .code = "quota-exceeded",
      .before = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tight, "
                "namespace: NS}, spec: {hard: {pods: 0}}}" },
    { .code = "quota-unspecified",
      .before = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tight,"
                " namespace: NS}, spec: {hard: {limits.cpu: 4}}}" },
    { .code = "limit-range",
      .container = SLEEPS ", resources: {limits: {cpu: 100m}, requests: {cpu: 1m}}",
      .before = "{apiVersion: v1, kind: LimitRange, metadata: {name: low, namespace: NS}, spec: "
                "{limits: [{type: Container, max: {cpu: 10m}}]}}" },
    { .code = "pod-security", .labels = "pod-security.kubernetes.io/enforce: restricted" },
    { .code = "admission-denied",
      .late = true,
      .before =
          "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata:"
          " {name: NS}, spec: {matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: "
          "[v1], operations: [CREATE], resources: [pods]}]}, validations: [{expression: 'false', "
          "message: the moon is full}]}}\n---\n{apiVersion: admissionregistration.k8s.io/v1, kind: "
          "ValidatingAdmissionPolicyBinding, metadata: {name: NS}, spec: {policyName: NS, "
          "validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: "
          "{kubernetes.io/metadata.name: NS}}}}}" },
    { .code = "webhook-unreachable",
      .before = "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration"
                ", metadata: {name: NS}, webhooks: [{name: moon.example.com, sideEffects: None, "
                "admissionReviewVersions: [v1], timeoutSeconds: 1, failurePolicy: Fail, "
                "clientConfig: {url: 'https://127.0.0.1:1/'}, namespaceSelector: {matchLabels: "
                "{kubernetes.io/metadata.name: NS}}, rules: [{apiGroups: [''], apiVersions: [v1], "
                "operations: [CREATE], resources: [pods]}]}]}" },
    { .code = "service-account-missing", .pod = "serviceAccountName: nobody, " },
    { .code = "priority-class-missing", .pod = "priorityClassName: nobody, " },
    { .code = "image-registry", .container = "image: 'registry.invalid/moon:1'" },
    { .code = "image-not-found",
      .container = "image: '" REGISTRY "5/moon:1'",
      .before =
          "{apiVersion: v1, kind: Pod, metadata: {name: registry, namespace: NS}, spec: "
          "{terminationGracePeriodSeconds: 0, hostNetwork: true, containers: [{name: a, " SHELL(
              "'mkdir /w; exec httpd -f -h /w -p " REGISTRY "5'") "}]}}" },
    { .code = "image-auth",
      .container = "image: '" REGISTRY "6/moon:1'",
      .before =
          "{apiVersion: v1, kind: Pod, metadata: {name: registry, namespace: NS}, spec: "
          "{terminationGracePeriodSeconds: 0, hostNetwork: true, containers: [{name: a, " SHELL(
              "'mkdir /w; echo /:a:b > /c; exec httpd -f -h /w -c /c -p " REGISTRY "6'") "}]}}" },
    { .code = "image-rate-limit",
      .container = "image: '" REGISTRY "7/moon:1'",
      .before =
          "{apiVersion: v1, kind: Pod, metadata: {name: registry, namespace: NS}, spec: "
          "{terminationGracePeriodSeconds: 0, hostNetwork: true, containers: [{name: a, " SHELL(
              "'echo \"read x; echo HTTP/1.1 429 Too Many Requests; echo Content-Length: 0; echo\" "
              "> /r; exec nc -ll -p 47557 -e sh /r'") "}]}}" },
    { .code = "image-name", .container = "image: 'Moon:1'" },
    { .code = "image-never-pull", .container = "image: 'moon:1', imagePullPolicy: Never" },
    { .code = "volume-no-class",
      .container = MOUNTS,
      .set = CLAIM("accessModes: [ReadWriteOnce], storageClassName: ''") },
    { .code = "volume-class-missing",
      .container = MOUNTS,
      .set = CLAIM("accessModes: [ReadWriteOnce], storageClassName: nobody") },
    { .code = "volume-provisioner",
      .container = MOUNTS,
      .set = CLAIM("accessModes: [ReadWriteMany]") },
    { .code = "volume-unbound",
      .container = MOUNTS,
      .set = CLAIM("accessModes: [ReadWriteOnce], storageClassName: NS"),
      .before = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: NS}, "
                "provisioner: example.com/nobody}" },
    { .code = "volume-mount",
      .container = MOUNTS,
      .pod = "volumes: [{name: data, hostPath: {path: /no/such/folder, type: Directory}}], " },
    { .code = "claim-missing",
      .container = MOUNTS,
      .pod = "volumes: [{name: data, persistentVolumeClaim: {claimName: nobody}}], " },
    { .code = "config-missing",
      .container = MOUNTS,
      .pod = "volumes: [{name: data, secret: {secretName: nobody}}], " },
    { .code = "container-create", .container = BUSYBOX ", command: [/no/such/program]" },
    { .code = "sandbox",
      .pod = "runtimeClassName: NS, ",
      .before = "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: NS}, handler: "
                "nobody}" },
    { .code = "crash", .container = SHELL("'echo the moon is full; exit 3'") },
    { .code = "out-of-memory",
      .container = SHELL("'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'") ", resources: {limits: "
                                                                           "{memory: 12Mi}}" },
    { .code = "init-failed",
      .pod = "initContainers: [{name: first, " SHELL("'echo no moon; exit 1'") "}], " },
    { .code = "probe-failing",
      .container = SLEEPS ", readinessProbe: {tcpSocket: {port: 9}, periodSeconds: 1}" },
    { .code = "config-invalid",
      .container = "image: 'registry.k8s.io/kube-apiserver:v1.35.4', imagePullPolicy: "
                   "IfNotPresent, command: [kube-apiserver, --no-such-flag]" },
    { .code = "store-unreachable", .container = KINE("127.0.0.1:1") },
    { .code = "dns", .container = KINE("nobody.invalid:5432") },
    { .code = "port-in-use", .container = SHELL("'nc -l -p 81 & sleep 1; nc -l -p 81 2>&1'") },
    { .code = "disk-full",
      .container = SHELL(
          "'dd if=/dev/zero of=/data/x 2>&1 | tr a a; exit 1'") ", volumeMounts: [{name: data, "
                                                                "mountPath: /data}]",
      .pod = "volumes: [{name: data, emptyDir: {medium: Memory, sizeLimit: 1Mi}}], " },
    { .code = "starting",
      .container = SLEEPS ", readinessProbe: {tcpSocket: {port: 9}, initialDelaySeconds: 600}" },
    { .code = "paused", .set = WHEN_SCALED, .metadata = "annotations: {loft.sh/paused: 'true'}, " },
    { .code = "sleeping",
      .set = WHEN_SCALED,
      .metadata = "annotations: {sleepmode.loft.sh/sleep-type: inactivity}, " },
    { .code = "scaled-down", .set = WHEN_SCALED },
    { .code = "unfinished",
      .no_workload = true,
      .before = "{apiVersion: v1, kind: Secret, metadata: {name: sh.helm.release.v1.dev.v1, "
                "namespace: NS, labels: {owner: helm, name: dev, version: '1', status: "
                "pending-install}}}" },
    { .code = "not-found", .no_workload = true },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *namespace_of(const row *one, char *text)
{
    (void)snprintf(text, MAX_NAME, "vcluster-e2e-why-%s", one->code);
    return text;
}

/* The text with each "NS" replaced. */
static void fill(const char *from, const char *name, char *to, size_t size)
{
    size_t used = 0;

    while (*from && used + strlen(name) + 1 < size) {
        if (strncmp(from, "NS", 2) == 0) {
            (void)snprintf(to + used, size - used, "%s", name);
            used += strlen(name);
            from += 2;
        } else {
            to[used++] = *from++;
        }
    }
    to[used] = '\0';
}

static void apply_all(const char *text, const char *name)
{
    char filled[MAX_TEXT];

    fill(text, name, filled, sizeof(filled));
    for (char *part = filled; part;) {
        char *next = strstr(part, "\n---\n");
        if (next) {
            *next = '\0';
            next += strlen("\n---\n");
        }
        e2e_apply(e2e_host(), part);
        part = next;
    }
}

static const char *text(const char *given)
{
    return given ? given : "";
}

static void provoke(const row *one)
{
    char name[MAX_NAME];
    char manifest[MAX_TEXT];

    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}",
                   namespace_of(one, name), text(one->labels));
    e2e_apply(e2e_host(), manifest);
    if (one->before)
        apply_all(one->before, name);
    if (one->no_workload)
        return;
    (void)snprintf(
        manifest, sizeof(manifest),
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {%sname: dev, namespace: NS, "
        "labels: {app: vcluster, release: dev}}, spec: {%sserviceName: dev, selector: "
        "{matchLabels: {release: dev}}, template: {metadata: {labels: {app: vcluster, "
        "release: dev}}, spec: {%sterminationGracePeriodSeconds: 0, containers: [{name: "
        "syncer, %s}]}}}}",
        text(one->metadata), text(one->set), text(one->pod),
        one->container ? one->container : SLEEPS);
    apply_all(manifest, name);
}

static void
remove_one(const char *api_version, const char *kind, const char *namespace_name, const char *name)
{
    vcluster_resource_delete_options options = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    int status = vcluster_resource_delete(e2e_host(), api_version, kind, namespace_name, name,
                                          &options, &error);
    if (status != VCLUSTER_E_NOT_FOUND)
        e2e_ok(status, error);
    else
        vcluster_error_free(error);
}

/* What it says now; "" when it is another reason. Told once in detail. */
static bool is_told(const row *one, bool tell)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *diagnosis = NULL;
    vcluster_error *error = NULL;
    char name[MAX_NAME];

    options.namespace_name = namespace_of(one, name);
    e2e_ok(vcluster_instance_why(e2e_host(), "dev", &options, &diagnosis, &error), error);
    const vcluster_cause *cause = vcluster_diagnosis_at(diagnosis, 0);
    bool right =
        cause && strcmp(vcluster_reason_code(vcluster_cause_reason(cause)), one->code) == 0;
    if (right || tell)
        printf("%-24s %s %s: %s\n", one->code, right ? "provoked" : "NOT SEEN, but",
               vcluster_reason_code(vcluster_cause_reason(cause)), vcluster_cause_message(cause));
    vcluster_diagnosis_free(diagnosis);
    if (!right && one->late)
        remove_one("v1", "Pod", name, "dev-0");
    return right;
}

static bool is_wanted(const row *one)
{
    const char *only = getenv("VCLUSTER_WHY_ONLY");

    return !only || strcmp(only, one->code) == 0;
}

static void reasons_that_are_provoked_are_told(void **state)
{
    bool told[ROWS] = { false };
    int wanted = 0;
    int count = 0;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        wanted += is_wanted(&rows[i]);
        if (is_wanted(&rows[i]))
            provoke(&rows[i]);
    }
    time_t until = time(NULL) + PATIENCE_S;
    while (count < wanted && time(NULL) < until) {
        for (int i = 0; i < ROWS; i++) {
            if (told[i] || !is_wanted(&rows[i]) || !is_told(&rows[i], false))
                continue;
            told[i] = true;
            count++;
        }
        (void)nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
    }
    for (int i = 0; i < ROWS; i++) {
        if (!told[i] && is_wanted(&rows[i]))
            (void)is_told(&rows[i], true);
    }
    printf("%d of %d reasons provoked and told\n", count, wanted);
    assert_int_equal(count, wanted);
}

/* Kinds that belong to no namespace. */
static void remove_cluster_scoped(const char *name)
{
    static const char *const kinds[][2] = {
        { "v1", "PersistentVolume" },
        { "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy" },
        { "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding" },
        { "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration" },
        { "storage.k8s.io/v1", "StorageClass" },
        { "node.k8s.io/v1", "RuntimeClass" },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        remove_one(kinds[i][0], kinds[i][1], NULL, name);
}

/* All are asked for before the first is waited for. */
static int clean(void **state)
{
    char name[MAX_NAME];

    (void)state;
    if (getenv("VCLUSTER_WHY_KEEP"))
        return 0;
    for (int i = 0; i < ROWS; i++) {
        if (is_wanted(&rows[i]) && rows[i].before)
            remove_cluster_scoped(namespace_of(&rows[i], name));
        if (is_wanted(&rows[i]))
            remove_one("v1", "Namespace", NULL, namespace_of(&rows[i], name));
    }
    for (int i = 0; i < ROWS; i++) {
        if (is_wanted(&rows[i]))
            e2e_remove_namespace(namespace_of(&rows[i], name));
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_that_are_provoked_are_told),
    };

    E2E_NEEDS_HOST();
    int failed = cmocka_run_group_tests(tests, NULL, clean);
    e2e_done();
    return failed;
}
