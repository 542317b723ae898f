/* SPDX-License-Identifier: Apache-2.0 */
/* Upstream's program, run in the control plane of a virtual cluster that is there. */
#include "vcluster/state/syncer_run.h"

#include <string.h>

#include "base/str.h"
#include "kube/pod.h"
#include "release/pod_state.h"
#include "vcluster/state/program_words.h"

enum { MAX_SAID = 2048 };

/* The end of what it said: there stands why it failed. */
typedef struct said {
    char text[MAX_SAID + 1];
    size_t size;
    vcl_buf *output; /* NULL: as the error output */
} said;

static int on_error_output(const void *bytes, size_t size, void *data)
{
    said *self = data;
    const char *from = bytes;

    if (size > MAX_SAID) {
        from += size - MAX_SAID;
        size = MAX_SAID;
    }
    size_t keep = self->size + size > MAX_SAID ? MAX_SAID - size : self->size;
    memmove(self->text, self->text + self->size - keep, keep);
    memcpy(self->text + keep, from, size);
    self->size = keep + size;
    self->text[self->size] = '\0';
    return 0;
}

static int on_output(const void *bytes, size_t size, void *data)
{
    const said *self = data;

    if (!self->output)
        return on_error_output(bytes, size, data);
    (void)vcl_buf_append(self->output, bytes, size); /* a failure is found when it is read */
    return 0;
}

static bool can_run(const cJSON *pod)
{
    return !vcl_json_find(pod, "metadata", "deletionTimestamp", NULL) &&
           vcl_pod_container_running(pod, "syncer");
}

/* Of a Deployment, too, whose pods have no name of their own. */
static int find_pod(vcl_kube *kube,
                    vcl_call *call,
                    const vcluster_instance *instance,
                    char **out_pod,
                    vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", instance->name);
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = instance->namespace_name,
                             .label_selector = selector };
    VCL_AUTO_JSON *list = NULL;
    const cJSON *pod;

    int status = selector ? vcl_kube_list(kube, call, &query, &list, error) : vcl_no_memory(error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (pod, vcl_json_get(list, "items")) {
        if (!can_run(pod))
            continue;
        *out_pod = vcl_strdup(vcl_str(vcl_json_find_string(pod, "metadata", "name", NULL)));
        return *out_pod ? VCLUSTER_OK : vcl_no_memory(error);
    }
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "no pod of its control plane runs: ask why it is not ready");
}

int vcl_syncer_run(vcl_kube *kube,
                   vcl_call *call,
                   const vcluster_instance *instance,
                   const vcl_syncer_command *command,
                   vcluster_error **error)
{
    vcl_auto_free char *pod = NULL;
    said last = { .size = 0, .output = command->output };
    int code = 0;
    vcl_pod_exec_options options = { .command = command->command,
                                     .command_size = command->command_size,
                                     .input = command->input,
                                     .input_size = command->input ? strlen(command->input) : 0,
                                     .on_output = on_output,
                                     .on_error_output = on_error_output,
                                     .data = &last };

    int status = find_pod(kube, call, instance, &pod, error);
    if (status < 0)
        return status;
    vcl_pod_ref ref = { instance->namespace_name, pod, "syncer" };
    status = vcl_pod_exec(kube, call, &ref, &options, &code, error);
    if (status < 0 || code == 0)
        return status;
    vcl_auto_free char *why = vcl_program_words(last.text);
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "'%s' fails in pod/%s (exit code %d): %s",
                    command->what, pod, code, vcl_str(why));
}
