/* SPDX-License-Identifier: Apache-2.0 */
/* One operation on several virtual clusters, or on all of some kind: a result a line, as it comes.
 */
#include <stdio.h>
#include <string.h>

#include "vcl.h"

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

int vcl_show_result(const vcluster_result *result, void *data)
{
    vcl_result_view *view = data;
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

typedef struct many many;

/* One operation of a batch. */
typedef int (*add_fn)(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error);

struct many {
    const vcl_arguments *arguments;
    const vcl_wish *wish; /* of creations; NULL: none */
    add_fn add;
    const char *done; /* "is deleted" */
};

static int add_delete(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

    vcl_fill_delete(self->arguments, &options);
    options.namespace_name = namespace_name;
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

static int add_pause(const many *self,
                     vcluster_batch *batch,
                     const char *name,
                     const char *namespace_name,
                     vcluster_error **error)
{
    const vcluster_pause_options options = pause_options(self->arguments, namespace_name);

    return vcluster_batch_add_pause(batch, name, &options, error);
}

static int add_resume(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    const vcluster_pause_options options = pause_options(self->arguments, namespace_name);

    return vcluster_batch_add_resume(batch, name, &options, error);
}

static int add_extend(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;

    vcl_fill_extend(self->arguments, &options);
    options.namespace_name = namespace_name;
    return vcluster_batch_add_extend(batch, name, &options, error);
}

/* Without -n each is made in a namespace of its own. */
static int add_ensure(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    (void)namespace_name; /* it is among the options */
    return vcluster_batch_add_ensure(batch, name, self->wish->config, &self->wish->options, error);
}

static int add_create(const many *self,
                      vcluster_batch *batch,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    (void)namespace_name;
    return vcluster_batch_add_create(batch, name, self->wish->config, &self->wish->options, error);
}

/* All of the list, or those of an owner. The names and namespaces are borrowed from the list. */
static int add_all(const many *self,
                   const vcluster_instance_list *list,
                   vcluster_batch *batch,
                   vcluster_error **error)
{
    const char *owner = self->arguments->owner;
    int status = 0;

    for (size_t i = 0; status == 0 && i < vcluster_instance_list_size(list); i++) {
        const vcluster_instance *item = vcluster_instance_list_at(list, i);

        if (owner && strcmp(owner, vcluster_instance_owner(item)) != 0)
            continue;
        status = self->add(self, batch, vcluster_instance_name(item),
                           vcluster_instance_namespace(item), error);
    }
    return status;
}

static int add_named(const many *self, vcluster_batch *batch, vcluster_error **error)
{
    const vcl_arguments *arguments = self->arguments;
    int status = 0;

    for (size_t i = 0; status == 0 && i < arguments->operand_count; i++)
        status = self->add(self, batch, arguments->operands[i], arguments->namespace_name, error);
    return status;
}

static int
run_batch(const many *self, vcluster_client *client, vcl_result_view *view, vcluster_error **error)
{
    const vcl_arguments *arguments = self->arguments;
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
            status = add_all(self, list, batch, error);
    } else if (status == 0) {
        status = add_named(self, batch, error);
    }
    if (status == 0)
        status = vcluster_batch_run(client, batch, &options, vcl_show_result, view, error);
    vcluster_batch_free(batch);
    vcluster_instance_list_free(list);
    return status;
}

static int run_many(const many *self)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_result_view view = { .done = self->done, .json = self->arguments->json };

    int status = vcl_make_client(self->arguments, &client, &error);
    if (status == 0)
        status = run_batch(self, client, &view, &error);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    return view.failures ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}

int vcl_delete_many(const vcl_arguments *arguments)
{
    const many self = { .arguments = arguments,
                        .add = add_delete,
                        .done = arguments->no_wait ? "is being deleted" : "is deleted" };

    return run_many(&self);
}

int vcl_pause_many(const vcl_arguments *arguments)
{
    const many self = { .arguments = arguments, .add = add_pause, .done = "is paused" };

    return run_many(&self);
}

int vcl_resume_many(const vcl_arguments *arguments)
{
    const many self = { .arguments = arguments, .add = add_resume, .done = "is resumed" };

    return run_many(&self);
}

int vcl_extend_many(const vcl_arguments *arguments)
{
    const many self = { .arguments = arguments, .add = add_extend, .done = "is extended" };

    return run_many(&self);
}

int vcl_create_many(const vcl_arguments *arguments, bool must_be_new)
{
    vcluster_error *error = NULL;
    vcl_wish wish;
    const many self = { .arguments = arguments,
                        .wish = &wish,
                        .add = must_be_new ? add_create : add_ensure,
                        .done = arguments->no_wait ? "is installed" : "is ready" };

    int status = vcl_wish_begin(&wish, arguments, &error);
    int exit_code = status < 0 ? vcl_report_error(error) : run_many(&self);
    vcl_wish_end(&wish);
    return exit_code;
}
