/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: logs of pods, commands in them, tunnels to them. */
#include <libvcluster/pod.h>

#include "api/api.h"
#include "base/str.h"
#include "kube/pod.h"
#include "vcluster/connect/tunnel.h"
#include "vcluster/names.h"

/* The namespace of a pod: what was given, what the context says, or "default". */
static const char *namespace_of(const vcluster_client *client, const char *given)
{
    if (given)
        return given;
    return vcl_str_empty(client->namespace_name) ? "default" : client->namespace_name;
}

/* The caller's callback below the two of the layer. */
typedef struct output {
    vcluster_pod_output_fn fn;
    void *data;
    const vcluster_pod_exec_options *options; /* of a command */
} output;

static int give_output(const void *bytes, size_t size, void *data)
{
    const output *to = data;

    return to->fn(VCLUSTER_POD_OUTPUT, bytes, size, to->data);
}

static int give_error_output(const void *bytes, size_t size, void *data)
{
    const output *to = data;

    return to->fn(VCLUSTER_POD_ERROR_OUTPUT, bytes, size, to->data);
}

static int check_pod(const char *pod, const char *namespace_name, vcluster_error **error)
{
    int status = vcl_namespace_check(namespace_name, error);

    if (status < 0)
        return status;
    return vcl_is_dns_subdomain(pod)
               ? VCLUSTER_OK
               : vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not the name of a pod", pod);
}

int vcluster_pod_logs(vcluster_client *client,
                      const char *pod,
                      const vcluster_pod_logs_options *options,
                      vcluster_pod_output_fn on_output,
                      void *output_data,
                      vcluster_error **error)
{
    vcluster_pod_logs_options known = VCLUSTER_POD_LOGS_OPTIONS_INIT;
    output to = { on_output, output_data, NULL };
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, -1, known, options, error, pod);
    if (status == 0 && !on_output)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "on_output is NULL");
    if (status == 0)
        status = check_pod(pod, known.namespace_name, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the log of pod '%s'", vcl_str(pod));

    vcl_pod_ref ref = { namespace_of(client, known.namespace_name), pod, known.container };
    vcl_pod_log_options how = { .follow = known.follow != 0,
                                .previous = known.previous != 0,
                                .timestamps = known.timestamps != 0,
                                .tail = known.tail != 0,
                                .tail_lines = known.tail_lines,
                                .since_seconds = known.since_seconds,
                                .since_time = known.since_time,
                                .limit_bytes = known.limit_bytes };
    return vcl_pod_log(client->kube, &call, &ref, &how, give_output, &to, error);
}

static int64_t read_input(void *bytes, size_t size, void *data)
{
    const vcluster_pod_exec_options *options = ((const output *)data)->options;

    return options->read_input(bytes, size, options->input_data);
}

static bool terminal_size(int *columns, int *rows, void *data)
{
    const vcluster_pod_exec_options *options = ((const output *)data)->options;
    int64_t wide = 0;
    int64_t high = 0;

    if (options->terminal_size(&wide, &high, options->terminal_data) != 0 || wide < 1 || high < 1 ||
        wide > UINT16_MAX || high > UINT16_MAX)
        return false;
    *columns = (int)wide;
    *rows = (int)high;
    return true;
}

static int check_exec(const vcluster_pod_exec_options *known, vcluster_error **error)
{
    if (known->input_size < 0 || (known->input_size > 0 && !known->input))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "input_size is not that of input");
    if (known->use_input_fd && (known->input_fd < 0 || known->input_fd > INT32_MAX))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "input_fd is not a descriptor");
    return VCLUSTER_OK;
}

static int execute(vcluster_client *client,
                   vcl_call *call,
                   const char *pod,
                   const char *const *command,
                   output *to,
                   int *out_exit_code,
                   vcluster_error **error)
{
    const vcluster_pod_exec_options *known = to->options;
    vcl_pod_ref ref = { namespace_of(client, known->namespace_name), pod, known->container };
    vcl_pod_exec_options how = { .command = command,
                                 .tty = known->tty != 0,
                                 .input = known->input,
                                 .input_size = (size_t)known->input_size,
                                 .read_input = known->read_input ? read_input : NULL,
                                 .reads_fd = known->use_input_fd != 0,
                                 .input_fd = (int)known->input_fd,
                                 .on_output = to->fn ? give_output : NULL,
                                 .on_error_output = to->fn ? give_error_output : NULL,
                                 .terminal_size = known->terminal_size ? terminal_size : NULL,
                                 .data = to };

    while (command[how.command_size])
        how.command_size++;
    return vcl_pod_exec(client->kube, call, &ref, &how, out_exit_code, error);
}

int vcluster_pod_exec(vcluster_client *client,
                      const char *pod,
                      const char *const *command,
                      const vcluster_pod_exec_options *options,
                      vcluster_pod_output_fn on_output,
                      void *output_data,
                      int *out_exit_code,
                      vcluster_error **error)
{
    vcluster_pod_exec_options known = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    output to = { on_output, output_data, &known };
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, -1, known, options, error, pod, command, out_exit_code);
    if (status == 0)
        status = check_pod(pod, known.namespace_name, error);
    if (status == 0)
        status = check_exec(&known, error);
    if (status < 0)
        return vcl_wrap(error, status, "run a command in pod '%s'", vcl_str(pod));
    return execute(client, &call, pod, command, &to, out_exit_code, error);
}

static int forward(vcluster_client *client,
                   vcl_call *call,
                   const vcl_forward_options *options,
                   vcluster_tunnel **out_tunnel,
                   vcluster_error **error)
{
    vcl_object_key key = { "v1", "Pod", options->namespace_name, options->pod };
    cJSON *found = NULL;

    int status =
        options->pod ? vcl_kube_get_metadata(client->kube, call, &key, &found, error) : VCLUSTER_OK;
    cJSON_Delete(found);
    if (status == 0)
        status =
            vcl_forward_check_rights(client->kube, call, options->namespace_name,
                                     options->pod ? options->pod : options->label_selector, error);
    return status < 0 ? status : vcl_tunnel_open_pod(client, options, out_tunnel, error);
}

int vcluster_pod_forward(vcluster_client *client,
                         const char *pod,
                         int64_t port,
                         const vcluster_pod_forward_options *options,
                         vcluster_tunnel **out_tunnel,
                         vcluster_error **error)
{
    vcluster_pod_forward_options known = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, out_tunnel);
    if (status == 0)
        status = pod ? check_pod(pod, known.namespace_name, error)
                     : vcl_namespace_check(known.namespace_name, error);
    if (status == 0 &&
        (port < 1 || port > 65535 || known.local_port < 0 || known.local_port > 65535))
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "port %lld or local_port %lld is not between 1 and 65535",
                          (long long)port, (long long)known.local_port);
    if (status == 0) {
        vcl_forward_options how = { .namespace_name = namespace_of(client, known.namespace_name),
                                    .label_selector = known.label_selector,
                                    .pod = pod,
                                    .remote_port = (int)port,
                                    .local_port = (int)known.local_port };
        status = forward(client, &call, &how, out_tunnel, error);
    }
    return status < 0 ? vcl_wrap(error, status, "open a tunnel to %s '%s'",
                                 pod ? "pod" : "a pod with labels",
                                 vcl_str(pod ? pod : known.label_selector))
                      : status;
}
