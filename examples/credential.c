/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token that may look but not touch, for somebody else: made, used, and revoked again.
 * usage: credential NAME [NAMESPACE]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>

/* [credential] */
static int lend(vcluster_client *host,
                const char *name,
                vcluster_token_options *options,
                vcluster_error **error)
{
    vcluster_token *token = NULL;
    vcluster_client *guest = NULL;
    char *namespaces = NULL;

    options->service_account = "guest";
    options->cluster_role = "view";
    options->create = 1; /* the account and its binding, where they are missing */
    options->expiration_s = 1800;
    int status = vcluster_instance_token(host, name, options, &token, error);
    if (status == 0)
        printf("%s until %s\n", vcluster_token_user(token), vcluster_token_expires(token));
    vcluster_token_free(token); /* wiped */

    /* The same as a client, which gets itself a new token in time. */
    if (status == 0)
        status = vcluster_instance_open_token(host, name, options, &guest, error);
    if (status == 0)
        status = vcluster_resource_list(guest, "v1", "Namespace", NULL, &namespaces, error);
    vcluster_free(namespaces);
    vcluster_client_unref(guest);
    return status;
}

static int take_back(vcluster_client *host,
                     const char *name,
                     const vcluster_token_options *lent,
                     vcluster_error **error)
{
    vcluster_token_revoke_options options = VCLUSTER_TOKEN_REVOKE_OPTIONS_INIT;

    options.namespace_name = lent->namespace_name;
    options.service_account = lent->service_account;
    return vcluster_instance_token_revoke(host, name, &options, error);
}
/* [credential] */

int main(int argc, char **argv)
{
    vcluster_token_options options = VCLUSTER_TOKEN_OPTIONS_INIT;
    vcluster_client *host = NULL;
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: credential NAME [NAMESPACE]\n");
        return 2;
    }
    options.namespace_name = argc > 2 ? argv[2] : NULL;
    int status = vcluster_client_new(NULL, &host, &error);
    if (status == 0)
        status = lend(host, argv[1], &options, &error);
    if (status == 0)
        status = take_back(host, argv[1], &options, &error);
    vcluster_client_unref(host);
    if (status < 0) {
        fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    printf("and is revoked again\n");
    return 0;
}
