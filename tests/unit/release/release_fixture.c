/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of releases share; see release_fixture.h. */
#include "release_fixture.h"

#include <stdio.h>

#include "base/clock.h"
#include "chart/release.h"
#include "release/record.h"

fixture fx;
static char last_status[64];
static char last_text[256];

int fixture_begin(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fx = (fixture){ .options = VCLUSTER_RELEASE_OPTIONS_INIT };
    fx.host = fake_host_start();
    fx.client = fake_host_client(fx.host, NAMESPACE);
    fx.options.timeout_ms = patience_ms(10000);
    assert_works(vcluster_chart_load(VCLUSTER_FIXTURES "/release/life", &fx.chart, &error), &error);
    return 0;
}

int fixture_end(void **state)
{
    (void)state;
    vcluster_chart_free(fx.chart);
    vcluster_client_unref(fx.client);
    fake_host_stop(fx.host);
    return 0;
}

void fixture_namespace(void)
{
    fake_host_put(fx.host, "{apiVersion: v1, kind: Namespace, metadata: {name: " NAMESPACE "}}");
}

static vcluster_config *config_of(const char *set)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    if (!set)
        return NULL;
    assert_works(vcluster_config_new(&config, &error), &error);
    assert_works(vcluster_config_set_expression(config, set, &error), &error);
    return config;
}

static int run(const char *what, const char *set, int64_t revision, vcluster_error **error)
{
    vcluster_config *config = config_of(set);
    int status;

    if (!strcmp(what, "install"))
        status = vcluster_release_install(fx.client, RELEASE, fx.chart, config, &fx.options, NULL,
                                          error);
    else if (!strcmp(what, "upgrade"))
        status = vcluster_release_upgrade(fx.client, RELEASE, fx.chart, config, &fx.options, NULL,
                                          error);
    else if (!strcmp(what, "rollback"))
        status = vcluster_release_rollback(fx.client, RELEASE, revision, &fx.options, NULL, error);
    else
        status = vcluster_release_uninstall(fx.client, RELEASE, &fx.options, error);
    vcluster_config_free(config);
    return status;
}

static void works(const char *what, const char *set, int64_t revision)
{
    vcluster_error *error = NULL;

    assert_works(run(what, set, revision, &error), &error);
}

static void
fails(const char *what, const char *set, int64_t revision, int expected, const char *part)
{
    vcluster_error *error = NULL;

    assert_fails(run(what, set, revision, &error), expected, &error, part);
}

void install_works(const char *set)
{
    works("install", set, 0);
}

void upgrade_works(const char *set)
{
    works("upgrade", set, 0);
}

void rollback_works(int64_t revision)
{
    works("rollback", NULL, revision);
}

void uninstall_works(void)
{
    works("uninstall", NULL, 0);
}

void install_fails(const char *set, int expected, const char *part)
{
    fails("install", set, 0, expected, part);
}

void upgrade_fails(const char *set, int expected, const char *part)
{
    fails("upgrade", set, 0, expected, part);
}

void rollback_fails(int64_t revision, int expected, const char *part)
{
    fails("rollback", NULL, revision, expected, part);
}

void uninstall_fails(int expected, const char *part)
{
    fails("uninstall", NULL, 0, expected, part);
}

cJSON *diff_of(const char *set)
{
    vcluster_config *config = config_of(set);
    vcluster_error *error = NULL;
    cJSON *tree = NULL;
    char *json = NULL;

    assert_works(
        vcluster_release_diff(fx.client, RELEASE, fx.chart, config, &fx.options, &json, &error),
        &error);
    vcluster_config_free(config);
    assert_int_equal(vcl_json_parse(json, strlen(json), &tree, NULL), 0);
    vcluster_free(json);
    return tree;
}

static char *record_path(int revision)
{
    return vcl_format("/api/v1/namespaces/" NAMESPACE "/secrets/sh.helm.release.v1." RELEASE ".v%d",
                      revision);
}

static cJSON *secret_of(int revision)
{
    vcl_auto_free char *path = record_path(revision);

    return fake_host_get(fx.host, path);
}

const char *status_of(int revision)
{
    VCL_AUTO_JSON *secret = secret_of(revision);
    const char *status = vcl_json_find_string(secret, "metadata", "labels", "status", NULL);
    VCL_AUTO_JSON *release = NULL;

    last_status[0] = '\0';
    if (!secret)
        return last_status;
    /* Label and content say the same. */
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_string_equal(status, vcl_json_find_string(release, "info", "status", NULL));
    if (!vcl_starts_with(status, "pending-") && strcmp(status, "uninstalling") != 0)
        assert_null(vcl_json_find(secret, "metadata", "annotations", VCL_ANNOTATION_HOLDER, NULL));
    (void)snprintf(last_status, sizeof(last_status), "%s", status);
    return last_status;
}

cJSON *record_of(int revision)
{
    VCL_AUTO_JSON *secret = secret_of(revision);
    cJSON *release = NULL;

    assert_non_null(secret);
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    return release;
}

void leave_pending(int revision, const char *status, const char *holder, int64_t expires_s)
{
    VCL_AUTO_JSON *secret = secret_of(revision);
    char until[VCL_RFC3339_SIZE];

    assert_non_null(secret);
    assert_int_equal(vcl_release_set_status(secret, status, NULL, NULL), 0);
    cJSON *annotations = vcl_json_object(vcl_json_object(secret, "metadata"), "annotations");
    vcl_json_remove(annotations, VCL_ANNOTATION_HOLDER);
    vcl_json_remove(annotations, VCL_ANNOTATION_EXPIRES);
    if (holder) {
        vcl_rfc3339(vcl_wall_seconds() + expires_s, -1, until);
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, holder));
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until));
    }
    char *json = vcl_json_print(secret);
    fake_host_put(fx.host, json);
    free(json);
}

const char *text_in(const char *name, const char *key)
{
    vcl_auto_free char *path =
        vcl_format("/api/v1/namespaces/" NAMESPACE "/configmaps/" RELEASE "-%s", name);
    VCL_AUTO_JSON *object = fake_host_get(fx.host, path);

    (void)snprintf(last_text, sizeof(last_text), "%s",
                   vcl_str(vcl_json_find_string(object, "data", key, NULL)));
    return last_text;
}

bool exists(const char *path)
{
    VCL_AUTO_JSON *object = fake_host_get(fx.host, path);

    return object != NULL;
}

void count_from_here(void)
{
    fake_host_forget(fx.host);
}

int counted(const char *method, const char *part)
{
    return fake_host_requests(fx.host, method, part);
}
