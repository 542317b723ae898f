/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watch the namespaces of a virtual cluster, for some seconds or until there were so many events.
 * usage: watch NAME [NAMESPACE [SECONDS [EVENTS]]]
 */
#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct watcher {
    long seen;
    long wanted; /* 0: no end */
} watcher;

/* [watch] */
static int on_event(const char *type, const char *json, void *event_data)
{
    watcher *self = event_data;

    printf("%s %s\n", type, json);
    self->seen++;
    return self->seen == self->wanted; /* not 0 ends the watch */
}

static int watch(const char *name,
                 const char *namespace_name,
                 int64_t seconds,
                 watcher *self,
                 vcluster_error **error)
{
    vcluster_instance_options where = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_resource_list_options what = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_client *host = NULL;
    vcluster_client *inner = NULL;

    where.namespace_name = namespace_name;
    what.timeout_ms = seconds * 1000;
    what.metadata_only = 1;
    int status = vcluster_client_new(NULL, &host, error);
    if (status == 0)
        status = vcluster_instance_open(host, name, &where, &inner, error);
    if (status == 0)
        status = vcluster_resource_watch(inner, "v1", "Namespace", &what, on_event, self, error);
    vcluster_client_unref(inner);
    vcluster_client_unref(host);
    return status;
}
/* [watch] */

int main(int argc, char **argv)
{
    const char *namespace_name = argc > 2 && *argv[2] ? argv[2] : NULL;
    long seconds = argc > 3 ? strtol(argv[3], NULL, 10) : 60;
    watcher self = { 0, argc > 4 ? strtol(argv[4], NULL, 10) : 0 };
    vcluster_error *error = NULL;

    if (argc < 2 || argc > 5 || seconds <= 0 || self.wanted < 0) {
        fprintf(stderr, "usage: watch NAME [NAMESPACE [SECONDS [EVENTS]]]\n");
        return 2;
    }
    int status = watch(argv[1], namespace_name, seconds, &self, &error);
    /* The deadline is the length of the watch: that it passed is no failure, if enough was seen. */
    if (status < 0 && !(status == VCLUSTER_E_TIMEOUT && self.wanted == 0)) {
        fprintf(stderr, "watch: %s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return 1;
    }
    vcluster_error_free(error);
    return 0;
}
