/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to control planes; see way.h. */
#include "vcluster/connect/way.h"

#include "base/str.h"
#include "net/http.h"
#include "vcluster/connect/private_folder.h"

/* A node that cannot be reached is known to be so much later. */
enum { LONGEST_AHEAD_MS = 1000 };

void vcl_way_done(vcl_way *way)
{
    vcl_forward_close(way->forward); /* removes the socket file, too */
    vcl_private_folder_remove(way->folder);
    free(way->path);
    free(way->pod);
    *way = (vcl_way){ 0 };
}

int vcl_way_open(vcl_way *way,
                 vcluster_client *host,
                 const vcl_access *access,
                 vcluster_error **error)
{
    *way = (vcl_way){ 0 };
    int status = vcl_private_folder_make(&way->folder, error);
    if (status < 0)
        return status;
    way->path = vcl_format("%s/api", way->folder);
    vcl_forward_options how = { .unix_socket = way->path };
    status = way->path ? vcl_access_forward(host->kube, access, &how, &way->forward, error)
                       : vcl_no_memory(error);
    if (status < 0)
        vcl_way_done(way);
    return status;
}

void vcl_way_begin(vcl_way *way,
                   vcluster_client *host,
                   const char *name,
                   const char *namespace_name,
                   const char *pod)
{
    vcl_auto_free char *own_name = vcl_strdup(name);
    vcl_auto_free char *own_namespace = vcl_strdup(namespace_name);
    char *expected = pod ? vcl_strdup(pod) : vcl_format("%s-0", name);
    vcl_access guess = {
        .name = own_name, .namespace_name = own_namespace, .pod = expected, .port = VCL_ACCESS_PORT
    };

    *way = (vcl_way){ 0 };
    if (!own_name || !own_namespace || !expected ||
        !vcl_http_is_logged_in(vcl_kube_http(host->kube)) ||
        vcl_way_open(way, host, &guess, NULL) < 0) {
        free(expected);
        return;
    }
    way->pod = expected;
    if (vcl_forward_dial_ahead(way->forward, NULL) < 0)
        vcl_way_done(way);
}

bool vcl_way_leads(const vcl_way *way, vcl_call *call)
{
    return way->forward && vcl_forward_await_ahead(way->forward, call, LONGEST_AHEAD_MS, NULL) == 1;
}

bool vcl_way_fits(const vcl_way *way, const vcl_access *access)
{
    return way->forward && vcl_streq(way->pod, access->pod) && access->port == VCL_ACCESS_PORT;
}
