/* SPDX-License-Identifier: Apache-2.0 */
/* connect: a tunnel held open for a person. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vcl.h"

static int open_tunnel(const vcl_arguments *arguments,
                       vcluster_client *client,
                       vcluster_tunnel **out_tunnel,
                       char **out_kubeconfig,
                       vcluster_error **error)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.local_port = arguments->local_port > 0 ? arguments->local_port : 0;
    int status = vcluster_tunnel_open(client, arguments->operands[0], &options, out_tunnel, error);
    if (status == 0)
        status = vcluster_tunnel_kubeconfig(*out_tunnel, out_kubeconfig, error);
    return status;
}

static bool write_all(int fd, const char *text)
{
    size_t size = strlen(text);

    while (size > 0) {
        ssize_t written = write(fd, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        size -= (size_t)written;
    }
    return true;
}

/* A file that only this user can read; mkstemp makes it 0600. */
static char *write_private(const char *text)
{
    const char *directory = getenv("XDG_RUNTIME_DIR");
    struct stat info;
    char *path = NULL;

    if (!directory || stat(directory, &info) != 0 || !S_ISDIR(info.st_mode))
        directory = getenv("TMPDIR");
    if (!directory || stat(directory, &info) != 0)
        directory = "/tmp";
    if (asprintf(&path, "%s/vcl-kubeconfig-XXXXXX", directory) < 0)
        return NULL;

    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        (void)fprintf(stderr, "vcl: cannot make a file in '%s': %s\n", directory, strerror(errno));
        free(path);
        return NULL;
    }
    bool written = write_all(fd, text);
    (void)close(fd);
    if (!written) {
        (void)fprintf(stderr, "vcl: cannot write '%s': %s\n", path, strerror(errno));
        (void)unlink(path);
        free(path);
        return NULL;
    }
    return path;
}

static void remove_private(char *path)
{
    if (!path)
        return;
    (void)unlink(path);
    free(path);
}

/* Hold on until a signal triggers the token. */
void vcl_wait_for_signal(const vcluster_cancel *cancel)
{
    while (!vcluster_cancel_triggered(cancel))
        (void)poll(NULL, 0, 200);
}

/* Print, or put where kubectl finds it. *out_name is the context that was added, *out_path the file
 * that was made; both may stay NULL. */
static int hand_on(const vcl_arguments *arguments,
                   const char *kubeconfig,
                   char **out_name,
                   char **out_path,
                   vcluster_error **error)
{
    if (arguments->update_current || (arguments->background && !arguments->print)) {
        int status = vcl_kubeconfig_merge(arguments, kubeconfig, out_name, error);
        if (status < 0)
            return status;
        (void)printf("%s\n", *out_name);
    } else if (arguments->print) {
        (void)fputs(kubeconfig, stdout);
    } else {
        *out_path = write_private(kubeconfig);
        if (!*out_path)
            return VCLUSTER_E_UNAVAILABLE; /* it was said why */
        (void)printf("export KUBECONFIG=%s\n", *out_path);
    }
    (void)fflush(stdout);
    return VCLUSTER_OK;
}

static int
hold(const vcl_arguments *arguments, const vcluster_tunnel *tunnel, const char *kubeconfig)
{
    vcluster_error *error = NULL;
    char *path = NULL;
    char *name = NULL;

    int status = hand_on(arguments, kubeconfig, &name, &path, &error);
    if (status < 0)
        return vcl_report_error(error);
    (void)fprintf(stderr, "tunnel to '%s' on %s; it is open until this program ends (Ctrl-C)\n",
                  arguments->operands[0], vcluster_tunnel_url(tunnel));
    vcl_wait_for_signal(arguments->cancel);
    remove_private(path);
    if (name)
        status = vcl_kubeconfig_leave(arguments, name, &error);
    vcluster_free(name);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

static int connect_by_tunnel(const vcl_arguments *arguments, vcluster_client *client)
{
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;

    int status = open_tunnel(arguments, client, &tunnel, &kubeconfig, &error);
    int exit_code = status == 0 ? hold(arguments, tunnel, kubeconfig) : vcl_report_error(error);
    vcluster_free(kubeconfig);
    vcluster_tunnel_free(tunnel);
    return exit_code;
}

/* There is nothing to hold: what is handed on works without this program. */
static int connect_to(const vcl_arguments *arguments,
                      vcluster_client *client,
                      const vcluster_endpoint_candidate *way)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;
    char *name = NULL;
    char *path = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.server = vcluster_endpoint_candidate_url(way);
    options.tls_server_name = vcluster_endpoint_candidate_tls_server_name(way);
    options.context_name = arguments->context_name;
    options.insecure = arguments->insecure;
    options.unverified = 1; /* it was tried a moment ago */
    int status =
        vcluster_instance_kubeconfig(client, arguments->operands[0], &options, &kubeconfig, &error);
    if (status == 0)
        status = hand_on(arguments, kubeconfig, &name, &path, &error);
    if (status == 0 && !arguments->quiet)
        (void)fprintf(stderr, "'%s' is reached at %s (%s)%s\n", arguments->operands[0],
                      vcluster_endpoint_candidate_url(way),
                      vcluster_endpoint_kind_name(vcluster_endpoint_candidate_kind(way)),
                      path ? "; the file stays: it holds credentials" : "");
    free(path);
    vcluster_free(name);
    vcluster_free(kubeconfig);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

/* A process of its own holds the tunnel, and what is handed on leads to it. */
static int connect_in_background(const vcl_arguments *arguments, vcluster_client *client)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_connection *connection = NULL;
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;
    char *name = NULL;
    char *path = NULL;

    int status = vcl_connection_begin(arguments, client, &connection, &error);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = vcluster_connection_namespace(connection);
    options.server = vcluster_connection_url(connection);
    options.context_name = vcluster_connection_context(connection);
    options.unverified = 1; /* the tunnel verifies nothing; who uses it does */
    if (status == 0)
        status = vcluster_instance_kubeconfig(client, arguments->operands[0], &options, &kubeconfig,
                                              &error);
    if (status == 0)
        status = hand_on(arguments, kubeconfig, &name, &path, &error);
    if (connection && (status < 0 || !arguments->quiet))
        (void)fprintf(stderr, "process %lld holds a tunnel to '%s' on %s until vcl disconnect %s\n",
                      (long long)vcluster_connection_pid(connection), arguments->operands[0],
                      vcluster_connection_url(connection), vcluster_connection_context(connection));
    free(path);
    vcluster_free(name);
    vcluster_free(kubeconfig);
    vcluster_connection_free(connection);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

int vcl_command_connect(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_endpoint *endpoint = NULL;
    vcluster_error *error = NULL;

    if (arguments->server)
        return vcl_command_kubeconfig(arguments);
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0 && !arguments->tunnel)
        status = vcl_make_endpoint(arguments, client, &endpoint, &error);
    const vcluster_endpoint_candidate *way = vcluster_endpoint_taken(endpoint);
    bool exposed = *vcluster_endpoint_candidate_url(way) != '\0';
    vcl_endpoint_tell(arguments, endpoint);
    int exit_code = status < 0              ? vcl_report_error(error)
                    : exposed               ? connect_to(arguments, client, way)
                    : arguments->background ? connect_in_background(arguments, client)
                                            : connect_by_tunnel(arguments, client);
    vcluster_endpoint_free(endpoint);
    vcluster_client_unref(client);
    return exit_code;
}
