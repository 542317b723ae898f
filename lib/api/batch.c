/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exported: one operation each on many virtual clusters. Each runs the exported function of its
 * kind on a thread of a pool; all share the client, and with it its connections.
 */
#include <libvcluster/batch.h>

#include "api/api.h"
#include "base/parallel.h"
#include "base/str.h"
#include "vcluster/lifecycle/ensure_unchanged.h"
#include "vcluster/names.h"
#include "vcluster/upkeep/reap.h"

enum {
    DEFAULT_PARALLEL = 16,
    MAX_PARALLEL = 256,
    MAX_OPERATIONS = 1000000,
    /* From so many ensures on, a look at the whole host costs less than one at each. */
    MANY_ENSURES = 8
};

typedef enum operation_kind {
    ENSURE,
    CREATE,
    WAIT,
    EXTEND,
    PAUSE,
    RESUME,
    DELETE,
    SNAPSHOT,
    RESTORE
} operation_kind;

#define KIND(name, type)                                                                           \
    {                                                                                              \
        name, #type, sizeof(type)                                                                  \
    }
static const struct {
    const char *name;
    const char *options_type;
    size_t options_size;
} kinds[] = {
    [ENSURE] = KIND("ensure", vcluster_ensure_options),
    [CREATE] = KIND("create", vcluster_ensure_options),
    [WAIT] = KIND("wait", vcluster_instance_options),
    [EXTEND] = KIND("extend", vcluster_extend_options),
    [PAUSE] = KIND("pause", vcluster_pause_options),
    [RESUME] = KIND("resume", vcluster_pause_options),
    [DELETE] = KIND("delete", vcluster_delete_options),
    [SNAPSHOT] = KIND("snapshot", vcluster_snapshot_options),
    [RESTORE] = KIND("restore", vcluster_snapshot_options),
};

/* What an operation is about. */
typedef struct subject {
    const char *name;
    const vcluster_config *config; /* of those that make one */
    const char *path;              /* of a snapshot; NULL: a descriptor among the options */
} subject;

typedef struct operation {
    operation_kind kind;
    char *name;
    char *path;
    const vcluster_config *config;
    union {
        vcluster_call_options call;         /* the beginning of all of them */
        vcluster_instance_options instance; /* the same, with the namespace */
        vcluster_ensure_options ensure;
        vcluster_extend_options extend;
        vcluster_pause_options pause;
        vcluster_delete_options delete;
        vcluster_snapshot_options snapshot;
    } options;
} operation;

struct vcluster_batch {
    operation *items;
    size_t count;
};

int vcluster_batch_new(vcluster_batch **out_batch, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, out_batch);
    if (status < 0)
        return status;
    vcluster_batch *batch = calloc(1, sizeof(*batch));
    if (!batch)
        return vcl_no_memory(error);
    *out_batch = batch;
    return VCLUSTER_OK;
}

static void operation_done(operation *item)
{
    free(item->name);
    free(item->path);
}

void vcluster_batch_free(vcluster_batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++)
        operation_done(&batch->items[i]);
    free(batch->items);
    free(batch);
}

size_t vcluster_batch_size(const vcluster_batch *batch)
{
    return batch ? batch->count : 0;
}

/* Append an operation, which takes its strings over. */
static int append(vcluster_batch *batch, operation *added, vcluster_error **error)
{
    size_t count = batch->count;

    if (count == MAX_OPERATIONS)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "a batch has at most %d operations",
                        MAX_OPERATIONS);
    if (!(count & (count - 1))) { /* doubling at powers of two */
        operation *grown = realloc(batch->items, (count ? count * 2 : 1) * sizeof(*grown));
        if (!grown)
            return vcl_no_memory(error);
        batch->items = grown;
    }
    batch->items[batch->count++] = *added;
    added->name = NULL;
    added->path = NULL;
    return VCLUSTER_OK;
}

/* Add an operation with the options of its kind. */
static int add(vcluster_batch *batch,
               operation_kind kind,
               const subject *about,
               const void *options,
               vcluster_error **error)
{
    const char *name = about->name;
    size_t size = kinds[kind].options_size;
    operation added = { .kind = kind, .config = about->config };

    int status = VCL_REQUIRE(error, batch, name);
    if (status == 0) {
        added.options.call.struct_size = size;
        status = vcl_options_copy(&added.options, size, options, kinds[kind].options_type, error);
    }
    if (status < 0)
        return status;
    added.name = vcl_strdup(name);
    added.path = about->path ? vcl_strdup(about->path) : NULL;
    if (!added.name || (about->path && !added.path))
        status = vcl_no_memory(error);
    else
        status = append(batch, &added, error);
    operation_done(&added);
    return status;
}

int vcluster_batch_add_ensure(vcluster_batch *batch,
                              const char *name,
                              const vcluster_config *config,
                              const vcluster_ensure_options *options,
                              vcluster_error **error)
{
    return add(batch, ENSURE, &(subject){ .name = name, .config = config }, options, error);
}

int vcluster_batch_add_create(vcluster_batch *batch,
                              const char *name,
                              const vcluster_config *config,
                              const vcluster_ensure_options *options,
                              vcluster_error **error)
{
    return add(batch, CREATE, &(subject){ .name = name, .config = config }, options, error);
}

int vcluster_batch_add_wait(vcluster_batch *batch,
                            const char *name,
                            const vcluster_instance_options *options,
                            vcluster_error **error)
{
    return add(batch, WAIT, &(subject){ .name = name }, options, error);
}

int vcluster_batch_add_extend(vcluster_batch *batch,
                              const char *name,
                              const vcluster_extend_options *options,
                              vcluster_error **error)
{
    return add(batch, EXTEND, &(subject){ .name = name }, options, error);
}

int vcluster_batch_add_pause(vcluster_batch *batch,
                             const char *name,
                             const vcluster_pause_options *options,
                             vcluster_error **error)
{
    return add(batch, PAUSE, &(subject){ .name = name }, options, error);
}

int vcluster_batch_add_resume(vcluster_batch *batch,
                              const char *name,
                              const vcluster_pause_options *options,
                              vcluster_error **error)
{
    return add(batch, RESUME, &(subject){ .name = name }, options, error);
}

int vcluster_batch_add_delete(vcluster_batch *batch,
                              const char *name,
                              const vcluster_delete_options *options,
                              vcluster_error **error)
{
    return add(batch, DELETE, &(subject){ .name = name }, options, error);
}

int vcluster_batch_add_snapshot(vcluster_batch *batch,
                                const char *name,
                                const char *path,
                                const vcluster_snapshot_options *options,
                                vcluster_error **error)
{
    return add(batch, SNAPSHOT, &(subject){ .name = name, .path = path }, options, error);
}

int vcluster_batch_add_restore(vcluster_batch *batch,
                               const char *name,
                               const char *path,
                               const vcluster_snapshot_options *options,
                               vcluster_error **error)
{
    return add(batch, RESTORE, &(subject){ .name = name, .path = path }, options, error);
}

typedef struct runner {
    vcluster_client *client;
    const vcluster_batch *batch;
    bool *unchanged; /* by index: there is nothing to do; NULL: not known of any */
    bool stop_on_error;
    vcluster_result_fn on_result;
    void *result_data;
} runner;

/* The deadline of an operation: its own or the default, but no later than that of the run. */
static int64_t timeout_of(const operation *item, const vcl_call *call)
{
    int64_t left_ms = vcl_call_left_ms(call);
    int64_t own_ms = item->options.call.timeout_ms;

    if (left_ms == INT64_MAX)
        return own_ms;
    if (left_ms <= 0)
        left_ms = 1;
    return own_ms > 0 && own_ms < left_ms ? own_ms : left_ms;
}

static int run_one(vcl_call *call, size_t index, void *data, vcluster_error **error)
{
    const runner *self = data;
    operation item = self->batch->items[index];

    if (self->unchanged && self->unchanged[index])
        return VCLUSTER_OK;
    item.options.call.timeout_ms = timeout_of(&item, call);
    item.options.call.cancel = call->cancel;
    item.options.call.progress = NULL;
    item.options.call.user_data = NULL;
    switch (item.kind) {
    case ENSURE:
        return vcluster_instance_ensure(self->client, item.name, item.config, &item.options.ensure,
                                        NULL, error);
    case CREATE:
        return vcluster_instance_create(self->client, item.name, item.config, &item.options.ensure,
                                        NULL, error);
    case WAIT:
        return vcluster_instance_wait(self->client, item.name, &item.options.instance, NULL, error);
    case EXTEND:
        return vcluster_instance_extend(self->client, item.name, &item.options.extend, NULL, error);
    case PAUSE:
        return vcluster_instance_pause(self->client, item.name, &item.options.pause, error);
    case RESUME:
        return vcluster_instance_resume(self->client, item.name, &item.options.pause, error);
    case DELETE:
        return vcluster_instance_delete(self->client, item.name, &item.options.delete, error);
    case SNAPSHOT:
        return vcluster_instance_snapshot(self->client, item.name, item.path,
                                          &item.options.snapshot, NULL, error);
    case RESTORE:
        return vcluster_instance_restore(self->client, item.name, item.path, &item.options.snapshot,
                                         NULL, error);
    }
    return vcl_fail(error, VCLUSTER_E_INTERNAL, "no such operation");
}

static int tell_one(size_t index, int status, const vcluster_error *error, void *data)
{
    const runner *self = data;
    const operation *item = &self->batch->items[index];
    const vcluster_result result = { .name = item->name,
                                     .namespace_name = item->options.instance.namespace_name,
                                     .operation = kinds[item->kind].name,
                                     .index = index,
                                     .status = status,
                                     .error = error };

    int stop = self->on_result ? self->on_result(&result, self->result_data) : 0;
    return stop || (status < 0 && self->stop_on_error);
}

/* Only a batch of nothing but ensures: what another operation in it does first would change what
 * was seen. Options that cannot be meant are told by the ensure itself. */
static bool make_requests(vcluster_client *client,
                          const vcluster_batch *batch,
                          vcl_ensure_request *out_requests)
{
    for (size_t i = 0; i < batch->count; i++) {
        const operation *item = &batch->items[i];

        if (item->kind != ENSURE)
            return false;
        if (vcl_name_check(item->name, NULL) < 0 ||
            vcl_api_ensure_request(client, item->name, item->config, &item->options.ensure,
                                   &out_requests[i], NULL) < 0)
            out_requests[i] = (vcl_ensure_request){ .name = NULL };
    }
    return true;
}

/* Find out for which ensures there is nothing to do. Where that cannot be known from one look, for
 * want of rights, say, each looks for itself. */
static void find_unchanged(runner *self, const vcl_call *whole)
{
    size_t count = self->batch->count;
    vcl_call call;

    if (count < MANY_ENSURES)
        return;
    vcl_auto_free vcl_ensure_request *requests = calloc(count, sizeof(*requests));
    vcl_auto_free bool *unchanged = calloc(count, sizeof(*unchanged));
    if (!requests || !unchanged || !make_requests(self->client, self->batch, requests))
        return;
    vcl_call_init_part(&call, whole, VCL_REQUEST_TIMEOUT_MS);
    if (vcl_ensure_find_unchanged(self->client, &call, requests, count, unchanged, NULL) == 0)
        self->unchanged = vcl_steal(&unchanged);
}

int vcluster_batch_run(vcluster_client *client,
                       const vcluster_batch *batch,
                       const vcluster_batch_options *options,
                       vcluster_result_fn on_result,
                       void *result_data,
                       vcluster_error **error)
{
    vcluster_batch_options known = VCLUSTER_BATCH_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, -1, known, options, error, batch);
    if (status == 0 && (known.parallel < 0 || known.parallel > MAX_PARALLEL))
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "parallel is %lld; it must be between 0 and %d",
                          (long long)known.parallel, MAX_PARALLEL);
    if (status == 0) {
        runner self = { .client = client,
                        .batch = batch,
                        .stop_on_error = known.stop_on_error != 0,
                        .on_result = on_result,
                        .result_data = result_data };
        const vcl_parallel_each each = { .count = batch->count,
                                         .width = known.parallel ? (size_t)known.parallel
                                                                 : DEFAULT_PARALLEL,
                                         .run = run_one,
                                         .done = tell_one,
                                         .data = &self,
                                         .stop_on_failure = self.stop_on_error };
        if (known.timeout_ms == 0) /* the client's default is for one operation */
            vcl_call_init(&call, -1, -1, known.cancel, known.progress, known.user_data);
        find_unchanged(&self, &call);
        status = vcl_parallel_each_run(&call, &each, error);
        free(self.unchanged);
    }
    return status < 0 ? vcl_wrap(error, status, "run a batch") : VCLUSTER_OK;
}
