/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit test without a cluster: a function of the program under test runs against a host in memory
 * whose API server is out of order for a moment.
 */
#include <libvcluster/vcluster.h>

#include <stdio.h>
#include <string.h>

/* What is tested: a program's own function. */
static int make_tenant(vcluster_client *host, const char *name, vcluster_error **error)
{
    const vcluster_ensure_options options = { .struct_size = sizeof(options),
                                              .distribution = "embedded" };

    return vcluster_instance_ensure(host, name, NULL, &options, NULL, error);
}

int main(void)
{
    vcluster_fake_options options = VCLUSTER_FAKE_OPTIONS_INIT;
    vcluster_client *host = NULL;
    vcluster_error *error = NULL;
    char *requests = NULL;

    /* The third request to write something is answered with 503, and then again with 201. */
    options.faults = "[{method: PATCH, at: 3, status: 503, retryAfter: 1}]";
    if (vcluster_client_new_fake(&options, &host, &error) < 0 ||
        make_tenant(host, "team-a", &error) < 0 ||
        vcluster_fake_requests(host, 0, &requests, &error) < 0) {
        fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        vcluster_client_unref(host);
        return 1;
    }
    int failed_once = strstr(requests, "\"status\":503") != NULL;
    printf("team-a was made; a request failed on the way: %s\n", failed_once ? "yes" : "no");
    vcluster_free(requests);
    vcluster_client_unref(host);
    return failed_once ? 0 : 1;
}
