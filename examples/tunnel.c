/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hold a tunnel to a virtual cluster open for other programs, until SIGINT or SIGTERM. Its
 * kubeconfig goes to standard output: tunnel dev > dev.yaml & kubectl --kubeconfig dev.yaml get ns
 * usage: tunnel NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <signal.h>
#include <stdio.h>

/* Signals are waited for, not handled: block them before the library starts its thread. */
static void wait_for_signal(const sigset_t *signals)
{
    int number = 0;

    (void)sigwait(signals, &number);
}

/* [tunnel] */
static int
hold(const char *name, const char *namespace_name, const sigset_t *signals, vcluster_error **error)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_tunnel *tunnel = NULL;
    char *kubeconfig = NULL;

    options.namespace_name = namespace_name;
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_tunnel_open(client, name, &options, &tunnel, error);
    if (status == 0)
        status = vcluster_tunnel_kubeconfig(tunnel, &kubeconfig, error);
    if (status == 0) {
        printf("%s", kubeconfig);
        fflush(stdout);
        fprintf(stderr, "'%s' is on %s\n", name, vcluster_tunnel_url(tunnel));
        wait_for_signal(signals);
        fprintf(stderr, "%lld connections were served\n",
                (long long)vcluster_tunnel_connection_count(tunnel));
    }
    vcluster_free(kubeconfig); /* wiped: it holds credentials */
    vcluster_tunnel_free(tunnel);
    vcluster_client_unref(client);
    return status;
}
/* [tunnel] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;
    sigset_t signals;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: tunnel NAME [NAMESPACE]\n");
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (hold(argv[1], argc > 2 ? argv[2] : NULL, &signals, &error) < 0) {
        fprintf(stderr, "tunnel: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
