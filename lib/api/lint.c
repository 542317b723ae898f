/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: lint. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"
#include "lint/lint.h"
#include "vcluster/rules/lint_live.h"

int vcluster_lint_new(vcluster_lint **out_lint, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, out_lint);
    if (status < 0)
        return status;
    vcluster_lint *lint = calloc(1, sizeof(*lint));
    if (!lint)
        return vcl_no_memory(error);
    *out_lint = lint;
    return 0;
}

void vcluster_lint_free(vcluster_lint *lint)
{
    if (!lint)
        return;
    while (lint->files) {
        vcl_lint_file *next = lint->files->next;
        vcl_lint_file_free(lint->files);
        lint->files = next;
    }
    cJSON_Delete(lint->settings.tree);
    free(lint);
}

/* A document: text, of which none may be a NULL pointer. */
static int check_text(const void *data, size_t size, vcluster_error **error)
{
    if (!data && size > 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "data is NULL");
    if (size > VCL_MAX_DOCUMENT)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the text has more than %d bytes",
                        VCL_MAX_DOCUMENT);
    if (size > 0 && memchr(data, '\0', size))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the text has a null character");
    return 0;
}

int vcluster_lint_configure(vcluster_lint *lint,
                            const void *data,
                            size_t size,
                            vcluster_error **error)
{
    int status = VCL_REQUIRE(error, lint) ?: check_text(data, size, error);

    if (status == 0)
        status = vcl_lint_settings_read(data ? data : "", size, &lint->settings, error);
    return status < 0 ? vcl_wrap(error, status, "configure lint") : 0;
}

static int
add(vcluster_lint *lint, const char *file, const char *data, size_t size, vcluster_error **error)
{
    vcl_lint_file **slot = &lint->files;

    for (; *slot; slot = &(*slot)->next) {
        if (vcl_streq((*slot)->name, file))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "it was added before");
    }
    return vcl_lint_file_read(file, data, size, slot, error);
}

int vcluster_lint_add(
    vcluster_lint *lint, const char *file, const void *data, size_t size, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, lint, file) ?: check_text(data, size, error);

    if (status == 0)
        status = add(lint, file, data ? data : "", size, error);
    return status < 0 ? vcl_wrap(error, status, "read '%s'", vcl_str(file)) : 0;
}

static bool is_added(const vcluster_lint *lint, const char *name)
{
    const vcl_lint_file *file = lint->files;

    while (file && !vcl_streq(file->name, name))
        file = file->next;
    return file != NULL;
}

static int add_live(vcluster_lint *lint,
                    vcluster_client *client,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcluster_error **error)
{
    vcl_lint_file *files = NULL;
    vcl_lint_file **slot = &lint->files;

    int status = vcl_lint_live_read(client, call, name, namespace_name, &files, error);
    if (status < 0)
        return status;
    if (is_added(lint, files->name)) {
        vcl_lint_file_free(files->next);
        vcl_lint_file_free(files);
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "it was added before");
    }
    while (*slot)
        slot = &(*slot)->next;
    *slot = files;
    return 0;
}

int vcluster_lint_add_instance(vcluster_lint *lint,
                               vcluster_client *client,
                               const char *name,
                               const vcluster_instance_options *options,
                               vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, lint, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = add_live(lint, client, &call, name, known.namespace_name, error);
    return status < 0 ? vcl_wrap(error, status, "read virtual cluster '%s'", vcl_str(name)) : 0;
}

int vcluster_lint_run(vcluster_lint *lint,
                      const vcluster_chart *chart,
                      vcluster_report **out_report,
                      vcluster_error **error)
{
    int status = VCL_REQUIRE(error, lint, out_report);

    if (status == 0)
        status = vcl_lint_look(lint, chart, out_report, error);
    return status < 0 ? vcl_wrap(error, status, "lint") : 0;
}

int vcluster_lint_fix(vcluster_lint *lint,
                      const vcluster_chart *chart,
                      const char *file,
                      char **out_text,
                      vcluster_error **error)
{
    int status = VCL_REQUIRE(error, lint, file, out_text);

    if (status == 0)
        status = vcl_lint_repair(lint, chart, file, out_text, error);
    return status < 0 ? vcl_wrap(error, status, "repair '%s'", vcl_str(file)) : 0;
}

int vcluster_lint_print(const vcluster_report *report,
                        const char *format,
                        char **out_text,
                        vcluster_error **error)
{
    static const struct {
        const char *name;
        int (*print)(const vcluster_report *report, char **out_text, vcluster_error **error);
    } formats[] = { { "text", vcluster_report_to_text },
                    { "json", vcluster_report_to_json },
                    { "sarif", vcl_lint_print_sarif },
                    { "junit", vcl_lint_print_junit },
                    { "github", vcl_lint_print_github } };

    int status = VCL_REQUIRE(error, report, format, out_text);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (vcl_streq(formats[i].name, format))
            return formats[i].print(report, out_text, error);
    }
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "no format '%s': use text, json, sarif, junit or github", format);
}

static bool add_rule(cJSON *list, const vcl_lint_rule *rule)
{
    cJSON *object = cJSON_CreateObject();

    return vcl_json_append(list, object) && vcl_json_set_string(object, "id", rule->id) &&
           vcl_json_set_string(object, "name", rule->name) &&
           vcl_json_set_string(object, "severity", vcluster_severity_name(rule->severity)) &&
           vcl_json_set_string(object, "text", rule->text) &&
           vcl_json_set(object, "fix", cJSON_CreateBool(rule->fix));
}

int vcluster_lint_rules(char **out_json, vcluster_error **error)
{
    VCL_AUTO_JSON *list = cJSON_CreateArray();
    vcl_lint_rule rule;

    int status = VCL_REQUIRE(error, out_json);
    if (status < 0)
        return status;
    for (size_t i = 0; vcl_lint_rule_at(i, &rule); i++) {
        if (!list || !add_rule(list, &rule))
            return vcl_no_memory(error);
    }
    char *text = list ? vcl_json_print(list) : NULL;
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return 0;
}
