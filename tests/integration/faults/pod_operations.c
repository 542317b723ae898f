/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that need a running virtual cluster; see pod_operations.h. */
#include "pod_operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME OPERATION_NAME
#define SNAPSHOT "VCLUSTER_TEST_SNAPSHOT" /* a child has to use the same file */

char pod_operations_space[64];

void pod_operations_begin(const char *prefix)
{
    (void)snprintf(pod_operations_space, sizeof(pod_operations_space), "%s-pods", prefix);
}

void pod_operations_forget(void)
{
    if (getenv(SNAPSHOT))
        (void)unlink(getenv(SNAPSHOT));
}

static const char *snapshot_file(void)
{
    static char path[] = "/tmp/vcluster-operations-XXXXXX";

    if (!getenv(SNAPSHOT)) {
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        (void)close(fd);
        assert_int_equal(setenv(SNAPSHOT, path, 1), 0);
    }
    return getenv(SNAPSHOT);
}

static vcluster_client *open_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = pod_operations_space;
    options.timeout_ms = OPERATION_PATIENCE_MS;
    e2e_ok(vcluster_instance_open(e2e_host(), NAME, &options, &inside, &error), error);
    return inside;
}

static void put_inside(const char *name)
{
    vcluster_client *inside = open_inside();
    char manifest[160];

    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: default}}",
                   name);
    e2e_apply(inside, manifest);
    vcluster_client_unref(inside);
}

void pod_operations_snapshot(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_operations_space;
    int status = vcluster_instance_snapshot(client, NAME, snapshot_file(), &options, NULL, &error);
    answer_set(out, status, error);
}

void pod_operations_restore(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_operations_space;
    int status = vcluster_instance_restore(client, NAME, snapshot_file(), &options, NULL, &error);
    answer_set(out, status, error);
}

static void ensure(vcluster_client *client, const char *round, int64_t timeout_ms, answer *out)
{
    vcluster_ensure_options options = e2e_ensure_options(pod_operations_space);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    e2e_ok(vcluster_config_parse("controlPlane: {statefulSet: {persistence: {volumeClaim: {size: "
                                 "64Mi}}}}",
                                 &config, &error),
           error);
    e2e_ok(vcluster_config_set(config, "controlPlane.statefulSet.labels.round", round, &error),
           error);
    int status = vcluster_instance_ensure(client, NAME, config, &options, NULL, &error);
    vcluster_config_free(config);
    answer_set(out, status, error);
}

void pod_operations_make_one(void)
{
    answer given = { 0 };

    ensure(e2e_host(), "even", OPERATION_PATIENCE_MS, &given);
    operation_must(&given);
    put_inside("before");
}

void pod_operations_upgrade(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    ensure(client, "odd", timeout_ms, out);
}

void pod_operations_run_one(void)
{
    static bool runs;

    if (!runs)
        pod_operations_make_one();
    runs = true;
}

void pod_operations_without_file(void)
{
    pod_operations_run_one();
    (void)unlink(snapshot_file());
}

/* mkstemp() leaves an empty one. */
bool pod_operations_has_file(void)
{
    struct stat about = { 0 };

    return stat(snapshot_file(), &about) == 0 && about.st_size > 0;
}

void pod_operations_check_file(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;
    char draft[128];

    e2e_ok(vcluster_snapshot_describe(snapshot_file(), &json, &error), error);
    assert_non_null(strstr(json, "\"name\":\"" NAME "\""));
    vcluster_free(json);
    (void)snprintf(draft, sizeof(draft), "%s.part", snapshot_file());
    assert_int_not_equal(access(draft, F_OK), 0);
}

void pod_operations_with_file(void)
{
    answer given = { 0 };

    pod_operations_run_one();
    if (!pod_operations_has_file()) {
        pod_operations_snapshot(e2e_host(), OPERATION_PATIENCE_MS, &given);
        operation_must(&given);
    }
    put_inside("later");
}

void pod_operations_check_content(void)
{
    vcluster_client *inside = open_inside();

    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "before"));
    assert_false(e2e_exists(inside, "v1", "ConfigMap", "default", "later"));
    vcluster_client_unref(inside);
}

/* ---- Certificates ---- */

/* Freed with vcluster_free(). */
static char *certificates(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(vcluster_resource_get(e2e_host(), "v1", "Secret", pod_operations_space, NAME "-certs",
                                 NULL, &json, &error),
           error);
    return json;
}

/* The member "apiserver.crt" as it stands in the text. */
static void certificate_of(const char *json, char *out, size_t size)
{
    const char *found = strstr(json, "\"apiserver.crt\":\"");

    assert_non_null(found);
    found += strlen("\"apiserver.crt\":\"");
    assert_true(strcspn(found, "\"") < size);
    (void)snprintf(out, size, "%.*s", (int)strcspn(found, "\""), found);
}

static char certificate[8192];

void pod_operations_with_certificate(void)
{
    pod_operations_run_one();
    char *json = certificates();
    certificate_of(json, certificate, sizeof(certificate));
    vcluster_free(json);
}

void pod_operations_rotate(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_operations_space;
    int status = vcluster_instance_rotate_certs(client, NAME, &options, NULL, &error);
    answer_set(out, status, error);
}

void pod_operations_check_certificate(void)
{
    char now[sizeof(certificate)];
    char *json = certificates();

    certificate_of(json, now, sizeof(now));
    vcluster_free(json);
    assert_string_not_equal(now, certificate);
    vcluster_client *inside = open_inside();
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "default", "before"));
    vcluster_client_unref(inside);
}
