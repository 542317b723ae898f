/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Describe a virtual cluster: who makes it, what it runs with, which of its containers are ready.
 * usage: describe NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [describe] */
static int describe(const char *name, const char *namespace_name, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_description *found = NULL;
    vcluster_client *client = NULL;

    options.namespace_name = namespace_name; /* NULL: wherever it is */
    int status = vcluster_client_new(NULL, &client, error);
    if (status == 0)
        status = vcluster_instance_describe(client, name, &options, &found, error);
    if (status == 0)
        printf("%s is made by %s, revision %lld; its store is %s\n", name,
               vcluster_description_maker(found), (long long)vcluster_description_revision(found),
               vcluster_description_store(found));
    for (size_t i = 0; i < vcluster_description_component_count(found); i++) {
        const vcluster_component *one = vcluster_description_component_at(found, i);
        printf("%s: %s\n", vcluster_component_name(one), vcluster_component_state(one));
    }
    vcluster_description_free(found);
    vcluster_client_unref(client);
    return status;
}
/* [describe] */

int main(int argc, char **argv)
{
    vcluster_error *error = NULL;

    if (argc < 2) {
        fprintf(stderr, "usage: describe NAME [NAMESPACE]\n");
        return 2;
    }
    if (describe(argv[1], argc > 2 ? argv[2] : NULL, &error) < 0) {
        fprintf(stderr, "describe: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    return 0;
}
