/* SPDX-License-Identifier: Apache-2.0 */
/* What the e2e programs share; see e2e.h. */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static vcluster_client *host;

bool e2e_has_host(void)
{
    const char *path = getenv("VCLUSTER_TEST_KUBECONFIG");

    if (path && *path)
        return true;
    (void)fprintf(stderr, "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it\n");
    return false;
}

vcluster_client *e2e_host(void)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    if (host)
        return host;
    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    e2e_ok(vcluster_client_new(&options, &host, &error), error);
    return host;
}

void e2e_done(void)
{
    vcluster_client_unref(host);
    host = NULL;
}

void e2e_check_ok(int status, vcluster_error *error, const char *file, int line)
{
    if (status == 0 && !error)
        return;
    print_error("%s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    _fail(file, line);
}

void e2e_check_fails(
    int status, int expected, vcluster_error *error, const char *part, const char *file, int line)
{
    bool as_expected = status == expected && vcluster_error_code(error) == expected &&
                       strstr(vcluster_error_to_string(error), part);

    if (!as_expected)
        print_error("expected %s with '%s', got %s: %s\n", vcluster_status_name(expected), part,
                    vcluster_status_name(status), vcluster_error_to_string(error));
    vcluster_error_free(error);
    if (!as_expected)
        _fail(file, line);
}

vcluster_ensure_options e2e_ensure_options(const char *namespace_name)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;

    options.timeout_ms = e2e_upstream_values() ? 300000 : 120000;
    options.distribution = e2e_upstream_values() ? "upstream" : "embedded";
    options.namespace_name = namespace_name;
    return options;
}

const char *e2e_upstream_values(void)
{
    return getenv("VCLUSTER_TEST_UPSTREAM_VALUES");
}

vcluster_config *e2e_values(void)
{
    vcluster_config *values = NULL;
    vcluster_error *error = NULL;

    if (e2e_upstream_values())
        e2e_ok(vcluster_config_load(e2e_upstream_values(), &values, &error), error);
    return values;
}

vcluster_config *e2e_config(void)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_parse("controlPlane: {statefulSet: {persistence: {volumeClaim: "
                                 "{enabled: false}}}}",
                                 &config, &error),
           error);
    vcluster_config *values = e2e_values();
    if (values)
        e2e_ok(vcluster_config_merge(config, values, &error), error);
    vcluster_config_free(values);
    return config;
}

void e2e_remove(const char *name, const char *namespace_name)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = 120000;
    options.namespace_name = namespace_name;
    options.missing_ok = 1;
    e2e_ok(vcluster_instance_delete(e2e_host(), name, &options, &error), error);
}

void e2e_make_namespace(const char *name)
{
    char manifest[256];

    (void)snprintf(manifest, sizeof(manifest),
                   "{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name);
    e2e_apply(e2e_host(), manifest);
}

void e2e_remove_namespace(const char *name)
{
    vcluster_resource_delete_options options = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = 120000;
    options.wait = 1;
    int status =
        vcluster_resource_delete(e2e_host(), "v1", "Namespace", NULL, name, &options, &error);
    if (status == VCLUSTER_E_NOT_FOUND) {
        vcluster_error_free(error);
        return;
    }
    e2e_ok(status, error);
}

bool e2e_exists(vcluster_client *client,
                const char *api_version,
                const char *kind,
                const char *namespace_name,
                const char *name)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    int status =
        vcluster_resource_get(client, api_version, kind, namespace_name, name, NULL, &json, &error);
    vcluster_free(json);
    if (status == VCLUSTER_E_NOT_FOUND) {
        vcluster_error_free(error);
        return false;
    }
    e2e_ok(status, error);
    return true;
}

void e2e_apply(vcluster_client *client, const char *manifest)
{
    vcluster_error *error = NULL;

    e2e_ok(vcluster_resource_apply(client, manifest, NULL, NULL, &error), error);
}

const char *e2e_vcl(void)
{
    return VCLUSTER_VCL;
}
