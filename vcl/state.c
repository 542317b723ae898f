/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot, restore, certs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vcl.h"

static void
begin(const vcl_arguments *arguments, vcluster_snapshot_options *options, vcl_progress_view *view)
{
    vcl_progress_begin(view, arguments);
    options->timeout_ms = arguments->timeout_ms;
    options->cancel = arguments->cancel;
    options->progress = vcl_progress_show;
    options->user_data = view;
    options->namespace_name = arguments->namespace_name;
}

/* "-" is standard output, or input. */
static const char *path_of(const char *given, int fd, vcluster_snapshot_options *options)
{
    if (strcmp(given, "-") != 0)
        return given;
    options->use_fd = 1;
    options->fd = fd;
    return NULL;
}

/* Of a file, without a cluster. */
static int check(const char *path)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    if (vcluster_snapshot_describe(path, &json, &error) < 0)
        return vcl_report_error(error);
    (void)puts(json);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

static void print_member(const char *object, const char *name, int width)
{
    const char *value = vcl_json_member(object, name);
    int size = value ? (int)vcl_json_size(value) - 2 : 0;

    (void)printf("%-*.*s  ", width, size > 0 ? size : 0, value ? value + 1 : "");
}

/* Upstream's control plane takes it and keeps it by itself, or deletes it. */
static int request_snapshot(const vcl_arguments *arguments)
{
    vcluster_snapshot_request_options options = VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;
    char *json = NULL;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    options.no_wait = arguments->no_wait;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = (arguments->remove ? vcluster_instance_delete_snapshot
                                    : vcluster_instance_request_snapshot)(
            client, arguments->operands[0], arguments->operands[1], &options, &json, &error);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    if (status < 0 || !json)
        return vcl_report_error(error);
    if (arguments->json)
        (void)puts(json);
    else
        (void)printf(
            "%s is %s%s by its control plane\n", arguments->operands[arguments->remove ? 1 : 0],
            arguments->no_wait ? "going to be " : "", arguments->remove ? "deleted" : "kept");
    vcluster_free(json);
    return VCL_EXIT_OK;
}

static void print_table(const char *list, const char *const *keys, const int *widths, size_t count)
{
    for (const char *item = vcl_json_first(list); item; item = vcl_json_next(item)) {
        for (size_t i = 0; i < count; i++)
            print_member(item, keys[i], widths[i]);
        (void)putchar('\n');
    }
}

static void print_requests(const char *list)
{
    static const char *const keys[] = { "created", "phase", "url", "error" };
    static const int widths[] = { 20, 18, 40, 0 };

    (void)printf("%-20s  %-18s  %-40s  %s\n", "CREATED", "PHASE", "URL", "ERROR");
    print_table(list, keys, widths, 4);
}

static void print_stored(const char *list)
{
    static const char *const keys[] = { "created", "url" };
    static const int widths[] = { 20, 0 };

    (void)printf("%-20s  %s\n", "CREATED", "URL");
    print_table(list, keys, widths, 2);
}

/* What it was asked for, or with a URL what is kept there. */
int vcl_command_snapshots(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    const char *url = arguments->operand_count > 1 ? arguments->operands[1] : NULL;
    if (status == 0)
        status = url ? vcluster_instance_stored_snapshots(client, arguments->operands[0], url,
                                                          &options, &json, &error)
                     : vcluster_instance_snapshot_requests(client, arguments->operands[0], &options,
                                                           &json, &error);
    vcluster_client_unref(client);
    if (status < 0 || !json)
        return vcl_report_error(error);
    if (arguments->json)
        (void)puts(json);
    else
        (url ? print_stored : print_requests)(json);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

int vcl_command_snapshot(const vcl_arguments *arguments)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;
    char *json = NULL;

    if (arguments->check != (arguments->operand_count == 1)) {
        (void)fputs("vcl snapshot: NAME FILE, or --check FILE\n", stderr);
        return VCL_EXIT_USAGE;
    }
    if (arguments->check)
        return check(arguments->operands[0]);
    if (arguments->remove && !strstr(arguments->operands[1], "://")) {
        (void)fputs("vcl snapshot: --remove takes a URL: a file is removed by rm\n", stderr);
        return VCL_EXIT_USAGE;
    }
    if (strstr(arguments->operands[1], "://"))
        return request_snapshot(arguments);

    const char *path = path_of(arguments->operands[1], STDOUT_FILENO, &options);
    if (!path && isatty(STDOUT_FILENO)) {
        (void)fputs("vcl snapshot: a snapshot is not written to a terminal\n", stderr);
        return VCL_EXIT_USAGE;
    }
    begin(arguments, &options, &view);
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_snapshot(client, arguments->operands[0], path, &options, &json,
                                            &error);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    if (status < 0 || !json)
        return vcl_report_error(error);
    if (path && arguments->json)
        (void)puts(json);
    else if (path)
        (void)printf("%s is kept in %s\n", arguments->operands[0], path);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

static int print_ready(vcluster_instance *instance, bool json, const char *what)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!json)
        (void)printf("%s in namespace %s %s\n", vcluster_instance_name(instance),
                     vcluster_instance_namespace(instance), what);
    else if (vcluster_instance_to_json(instance, &text, &error) < 0)
        return vcl_report_error(error);
    else
        (void)puts(text);
    vcluster_free(text);
    return VCL_EXIT_OK;
}

static int restore_file(const vcl_arguments *arguments,
                        vcluster_client *client,
                        vcl_progress_view *view,
                        vcluster_instance **out_instance,
                        vcluster_error **error)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    const char *path = path_of(arguments->operands[1], STDIN_FILENO, &options);

    begin(arguments, &options, view);
    return vcluster_instance_restore(client, arguments->operands[0], path, &options, out_instance,
                                     error);
}

/* Of upstream's control plane. */
static int restore_url(const vcl_arguments *arguments,
                       vcluster_client *client,
                       vcl_progress_view *view,
                       vcluster_instance **out_instance,
                       vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    vcl_progress_begin(view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = view;
    options.namespace_name = arguments->namespace_name;
    return vcluster_instance_restore_from(client, arguments->operands[0], arguments->operands[1],
                                          &options, out_instance, error);
}

int vcl_command_restore(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0) {
        status = (strstr(arguments->operands[1], "://") ? restore_url : restore_file)(
            arguments, client, &view, &instance, &error);
        vcl_progress_end(&view);
    }
    vcluster_client_unref(client);
    int exit_code = status < 0 ? vcl_report_error(error)
                               : print_ready(instance, arguments->json, "is restored and ready");
    vcluster_instance_free(instance);
    return exit_code;
}

static int rotate(vcluster_client *client,
                  const vcl_arguments *arguments,
                  const vcluster_instance_options *options)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    int status =
        vcluster_instance_rotate_certs(client, arguments->operands[0], options, &instance, &error);
    int exit_code = status < 0
                        ? vcl_report_error(error)
                        : print_ready(instance, arguments->json, "is ready with new certificates");
    vcluster_instance_free(instance);
    return exit_code;
}

static void print_certs(const char *list)
{
    (void)printf("%-30s  %-8s  %-20s  %s\n", "NAME", "STATUS", "EXPIRES", "SUBJECT");
    for (const char *item = vcl_json_first(list); item; item = vcl_json_next(item)) {
        print_member(item, "name", 30);
        print_member(item, "status", 8);
        print_member(item, "notAfter", 20);
        print_member(item, "subject", 0);
        (void)putchar('\n');
    }
}

static int show(vcluster_client *client,
                const vcl_arguments *arguments,
                const vcluster_instance_options *options)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    if (vcluster_instance_certs(client, arguments->operands[0], options, &json, &error) < 0)
        return vcl_report_error(error);
    if (arguments->json)
        (void)puts(json);
    else
        print_certs(json);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

int vcl_command_certs(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    int exit_code = vcl_make_client(arguments, &client, &error) < 0
                        ? vcl_report_error(error)
                        : (arguments->rotate ? rotate : show)(client, arguments, &options);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    return exit_code;
}
