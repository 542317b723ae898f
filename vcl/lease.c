/* SPDX-License-Identifier: Apache-2.0 */
/* extend, reap, and delete of several: what tells a result a line. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vcl.h"

static void print_expiry(const vcluster_instance *instance)
{
    time_t at = (time_t)vcluster_instance_expires_at(instance);
    struct tm utc;
    char text[32] = "";

    if (at == 0 || !gmtime_r(&at, &utc))
        (void)printf("%s does not expire\n", vcluster_instance_name(instance));
    else if (strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
        (void)printf("%s expires at %s\n", vcluster_instance_name(instance), text);
}

static int extend(const vcl_arguments *arguments,
                  vcluster_client *client,
                  vcluster_instance **out_instance,
                  vcluster_error **error)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.ttl_s = vcl_seconds(arguments->ttl_ms);
    options.never = arguments->never;
    options.only_later = arguments->only_later;
    options.owner = arguments->owner;
    return vcluster_instance_extend(client, arguments->operands[0], &options, out_instance, error);
}

int vcl_command_extend(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = extend(arguments, client, &instance, &error);
    if (status == 0 && arguments->json)
        status = vcluster_instance_to_json(instance, &text, &error);
    if (status == 0 && text)
        (void)puts(text);
    else if (status == 0)
        print_expiry(instance);
    vcluster_free(text);
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

/* How results are told, and what came of them. */
typedef struct result_view {
    const char *done; /* "deleted" */
    bool json;
    int failures;
} result_view;

static void print_result_json(const vcluster_result *result)
{
    const vcluster_error *error = vcluster_result_error(result);

    (void)printf("{\"name\":");
    vcl_json_put(stdout, vcluster_result_name(result));
    (void)printf(",\"namespace\":");
    vcl_json_put(stdout, vcluster_result_namespace(result));
    (void)printf(",\"operation\":");
    vcl_json_put(stdout, vcluster_result_operation(result));
    (void)printf(",\"error\":");
    vcl_json_put(stdout, error ? vcluster_error_to_string(error) : NULL);
    (void)printf("}\n");
}

static int show_result(const vcluster_result *result, void *data)
{
    result_view *view = data;
    const vcluster_error *error = vcluster_result_error(result);
    const char *space = vcluster_result_namespace(result);
    bool only_told = strcmp(vcluster_result_operation(result), "none") == 0;

    view->failures += error != NULL;
    if (view->json)
        print_result_json(result);
    else if (error)
        (void)fprintf(stderr, "vcl: %s\n", vcluster_error_to_string(error));
    else
        (void)printf("%s%s%s %s\n", vcluster_result_name(result), *space ? " in namespace " : "",
                     space, only_told ? "would be deleted" : view->done);
    (void)fflush(stdout);
    return 0;
}

static int print_manifest(const vcl_arguments *arguments)
{
    vcluster_reap_manifest_options options = VCLUSTER_REAP_MANIFEST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    options.namespace_name = arguments->manifest_namespace;
    options.image = arguments->image;
    options.schedule = arguments->schedule;
    options.grace_s = arguments->grace_ms > 0 ? vcl_seconds(arguments->grace_ms) : 0;
    options.only_namespace = arguments->all_namespaces ? NULL : arguments->namespace_name;
    if (vcluster_reap_manifest(&options, &text, &error) < 0)
        return vcl_report_error(error);
    (void)fputs(text, stdout);
    vcluster_free(text);
    return VCL_EXIT_OK;
}

int vcl_command_reap(const vcl_arguments *arguments)
{
    enum { INTERVAL_MS = 30000 };
    vcluster_reap_options options = VCLUSTER_REAP_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    result_view view = { .done = "deleted", .json = arguments->json };

    if (arguments->manifest)
        return print_manifest(arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    options.owner = arguments->owner;
    options.grace_s = arguments->grace_ms > 0 ? vcl_seconds(arguments->grace_ms) : 0;
    options.parallel = arguments->parallel;
    options.dry_run = arguments->dry_run;
    if (arguments->watch_wanted)
        options.interval_ms = arguments->interval_ms ? arguments->interval_ms : INTERVAL_MS;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_reap(client, &options, show_result, &view, &error);
    vcluster_client_unref(client);
    if (status == VCLUSTER_E_CANCELLED && arguments->watch_wanted) {
        vcluster_error_free(error); /* that is how it ends */
        return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
    }
    if (status < 0)
        return vcl_report_error(error);
    return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}

/* One operation of a batch. */
typedef int (*add_fn)(const vcl_arguments *arguments,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error);

static int add_delete(const vcl_arguments *arguments,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.namespace_name = namespace_name;
    options.missing_ok = arguments->missing_ok;
    options.keep_volumes = arguments->keep_volumes;
    options.keep_namespace = arguments->keep_namespace;
    options.no_wait = arguments->no_wait;
    options.gitops_too = arguments->gitops_too;
    return vcluster_batch_add_delete(batch, name, &options, error);
}

static vcluster_pause_options pause_options(const vcl_arguments *arguments,
                                            const char *namespace_name)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.namespace_name = namespace_name;
    options.no_wait = arguments->no_wait;
    return options;
}

static int add_pause(const vcl_arguments *arguments,
                     vcluster_batch *batch,
                     const char *name,
                     const char *namespace_name,
                     vcluster_error **error)
{
    const vcluster_pause_options options = pause_options(arguments, namespace_name);

    return vcluster_batch_add_pause(batch, name, &options, error);
}

static int add_resume(const vcl_arguments *arguments,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    const vcluster_pause_options options = pause_options(arguments, namespace_name);

    return vcluster_batch_add_resume(batch, name, &options, error);
}

/* All of the list, or those of an owner. The names and namespaces are borrowed from the list. */
static int add_all(const vcl_arguments *arguments,
                   const vcluster_instance_list *list,
                   add_fn add,
                   vcluster_batch *batch,
                   vcluster_error **error)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < vcluster_instance_list_size(list); i++) {
        const vcluster_instance *item = vcluster_instance_list_at(list, i);

        if (arguments->owner && strcmp(arguments->owner, vcluster_instance_owner(item)) != 0)
            continue;
        status = add(arguments, batch, vcluster_instance_name(item),
                     vcluster_instance_namespace(item), error);
    }
    return status;
}

static int
add_named(const vcl_arguments *arguments, add_fn add, vcluster_batch *batch, vcluster_error **error)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < arguments->operand_count; i++)
        status = add(arguments, batch, arguments->operands[i], arguments->namespace_name, error);
    return status;
}

static int run_batch(const vcl_arguments *arguments,
                     vcluster_client *client,
                     add_fn add,
                     result_view *view,
                     vcluster_error **error)
{
    vcluster_list_options list_options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;
    vcluster_batch *batch = NULL;

    list_options.timeout_ms = arguments->timeout_ms;
    list_options.cancel = arguments->cancel;
    list_options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    options.cancel = arguments->cancel;
    options.parallel = arguments->parallel;
    int status = vcluster_batch_new(&batch, error);
    if (status == 0 && arguments->all) {
        status = vcluster_instance_list_new(client, &list_options, &list, error);
        if (status == 0)
            status = add_all(arguments, list, add, batch, error);
    } else if (status == 0) {
        status = add_named(arguments, add, batch, error);
    }
    if (status == 0)
        status = vcluster_batch_run(client, batch, &options, show_result, view, error);
    vcluster_batch_free(batch);
    vcluster_instance_list_free(list);
    return status;
}

static int run_many(const vcl_arguments *arguments, add_fn add, const char *done)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    result_view view = { .done = done, .json = arguments->json };

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = run_batch(arguments, client, add, &view, &error);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}

int vcl_delete_many(const vcl_arguments *arguments)
{
    return run_many(arguments, add_delete, arguments->no_wait ? "is being deleted" : "is deleted");
}

int vcl_pause_many(const vcl_arguments *arguments)
{
    return run_many(arguments, add_pause, "is paused");
}

int vcl_resume_many(const vcl_arguments *arguments)
{
    return run_many(arguments, add_resume, "is resumed");
}
