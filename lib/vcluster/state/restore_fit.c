/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a snapshot fits a virtual cluster: kind of store and Kubernetes version; see
 * restore_fit.h. */
#include "vcluster/state/restore_fit.h"

#include <stdio.h>

#include "base/error.h"
#include "base/str.h"

/* 34 of "v1.34.4"; -1: cannot be told. */
static int minor_of(const char *version)
{
    int major = 0;
    int minor = 0;

    return version && sscanf(version, "v%d.%d", &major, &minor) == 2 && major == 1 ? minor : -1;
}

static int check_version(const char *theirs, const char *ours, vcluster_error **error)
{
    int old = minor_of(theirs);
    int now = minor_of(ours);

    if (old < 0 || now < 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "the Kubernetes versions of snapshot ('%s') and virtual cluster ('%s') "
                        "cannot be compared",
                        vcl_str(theirs), vcl_str(ours));
    if (now < old)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "the snapshot was taken from Kubernetes %s, and the virtual cluster runs "
                        "%s, which may not be able to read it: upgrade the virtual cluster first",
                        theirs, ours);
    if (now > old + 1)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "the snapshot was taken from Kubernetes %s, and the virtual cluster runs "
                        "%s: more than one minor version lies between them",
                        theirs, ours);
    return VCLUSTER_OK;
}

static int check_store(const char *theirs, const char *store, vcluster_error **error)
{
    const char *ours = vcl_starts_with(store, "etcd") ? "etcd" : store;

    if (vcl_streq(theirs, ours))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "the snapshot is one of %s, and the virtual cluster has its state in %s",
                    theirs, ours);
}

int vcl_restore_fits(const cJSON *about,
                     const char *store,
                     const char *version,
                     vcluster_error **error)
{
    int status = check_store(vcl_json_find_string(about, "store", NULL), store, error);

    return status < 0 ? status
                      : check_version(vcl_json_find_string(about, "kubernetesVersion", NULL),
                                      version, error);
}
