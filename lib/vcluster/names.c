/* SPDX-License-Identifier: Apache-2.0 */
/* Names of virtual clusters on the host; see names.h. Upstream checks none of them. */
#include "vcluster/names.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

int vcl_name_check(const char *name, vcluster_error **error)
{
    if (vcl_str_empty(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "the name is empty");
    if (strlen(name) > VCL_MAX_NAME)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the name '%.80s' has %zu bytes; at most %d fit into the names of the "
                        "objects that are made from it",
                        name, strlen(name), VCL_MAX_NAME);
    if (!vcl_is_dns1035_label(name))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the name '%s' is not a DNS label: use a-z, 0-9 and '-', begin with a "
                        "letter and end with a letter or digit",
                        name);
    return VCLUSTER_OK;
}

int vcl_namespace_check(const char *namespace_name, vcluster_error **error)
{
    if (!namespace_name || vcl_is_dns_label(namespace_name))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                    "the namespace '%.80s' is not a DNS label of at most 63 bytes", namespace_name);
}

char *vcl_namespace_for(const char *given, const char *of_context, const char *name)
{
    if (given)
        return vcl_strdup(given);
    if (!vcl_str_empty(of_context) && !vcl_streq(of_context, "default"))
        return vcl_strdup(of_context);
    return vcl_format("vcluster-%s", name);
}

char *vcl_context_name(const char *name, const char *namespace_name, const char *host_context)
{
    return vcl_format("vcluster_%s_%s_%s", name, namespace_name, vcl_str(host_context));
}

static bool is_ordinal(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

bool vcl_is_volume_claim_of(const char *claim, const char *name)
{
    size_t size = strlen(name);

    if (!vcl_starts_with(claim, "data-"))
        return false;
    claim += strlen("data-");
    if (strncmp(claim, name, size) != 0 || claim[size] != '-')
        return false;
    claim += size + 1;
    if (vcl_starts_with(claim, "etcd-"))
        claim += strlen("etcd-");
    return is_ordinal(claim);
}
