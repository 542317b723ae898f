/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Create a virtual cluster and wait until it can be used.
 * usage: create NAME [NAMESPACE [KUBERNETES_VERSION]]
 */
#include <libvcluster/vcluster.h>
#include <signal.h>
#include <stdio.h>

static vcluster_cancel *cancel;

static void on_signal(int number)
{
    (void)number;
    vcluster_cancel_trigger(cancel); /* the one function that a signal handler may call */
}

static int fail(vcluster_error *error)
{
    fprintf(stderr, "create: %s\n", vcluster_error_to_string(error));
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        fprintf(stderr, "  %s: %s; %s\n", vcluster_finding_path(finding),
                vcluster_finding_message(finding), vcluster_finding_remedy(finding));
    }
    vcluster_error_free(error);
    return 1;
}

static int show(const vcluster_progress *progress, void *user_data)
{
    (void)user_data;
    if (vcluster_progress_step(progress) != VCLUSTER_STEP_TICK)
        printf("%5.1f s  %s: %s\n", (double)vcluster_progress_elapsed_ms(progress) / 1000,
               vcluster_progress_object(progress), vcluster_progress_message(progress));
    return 0; /* anything else would stop the call */
}

/* [create] */
static int
create(const char *name, const char *namespace_name, const char *version, vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_config *config = NULL;
    vcluster_instance *instance = NULL;

    options.namespace_name = namespace_name;
    options.distribution = "embedded";
    options.timeout_ms = 180000;
    options.cancel = cancel;
    options.progress = show;

    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_config_new(&config, error);
    if (status == 0 && version)
        status = vcluster_config_set(config, "controlPlane.distro.k8s.version", version, error);
    if (status == 0)
        status = vcluster_instance_ensure(client, name, config, &options, &instance, error);
    if (status == 0)
        printf("%s in namespace %s is ready: Kubernetes %s\n", vcluster_instance_name(instance),
               vcluster_instance_namespace(instance),
               vcluster_instance_kubernetes_version(instance));

    vcluster_instance_free(instance);
    vcluster_config_free(config);
    vcluster_client_unref(client);
    return status;
}
/* [create] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: create NAME [NAMESPACE [KUBERNETES_VERSION]]\n");
        return 2;
    }
    if (vcluster_cancel_new(&cancel, &error) < 0)
        return fail(error);
    signal(SIGINT, on_signal);

    int status = create(argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL, &error);
    signal(SIGINT, SIG_DFL);
    vcluster_cancel_free(cancel);
    return status < 0 ? fail(error) : 0;
}
