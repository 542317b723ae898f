/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a virtual cluster can be reached from here, and why not elsewhere.
 * usage: endpoint NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [endpoint] */
static int show(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_endpoint *endpoint = NULL;

    options.namespace_name = namespace_name;
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_endpoint(client, name, &options, &endpoint, error);
    for (size_t i = 0; i < vcluster_endpoint_candidate_count(endpoint); i++) {
        const vcluster_endpoint_candidate *way = vcluster_endpoint_candidate_at(endpoint, i);
        const char *kind = vcluster_endpoint_kind_name(vcluster_endpoint_candidate_kind(way));
        const char *url = vcluster_endpoint_candidate_url(way);

        if (way == vcluster_endpoint_taken(endpoint)) /* a tunnel has no URL before it is opened */
            printf("'%s' is reached by %s %s\n", name, kind, url);
        else
            printf("not by %s %s: %s\n", kind, url, vcluster_endpoint_candidate_reason(way));
    }
    vcluster_endpoint_free(endpoint);
    vcluster_client_unref(client);
    return status;
}
/* [endpoint] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: endpoint NAME [NAMESPACE]\n");
        return 2;
    }
    if (show(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "endpoint: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
