/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A first exercise: two virtual clusters, what one of them has the other does not see, and what the
 * host sees of both.
 * With the embedded control plane pods stay Pending; the steps that look at them on the host are
 * named and left out. VALUES are for upstream's, which runs them.
 * usage: hands_on NAME [VALUES [IMAGE]]
 */
#include <libvcluster/vcluster.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char fresh[] = "default kube-node-lease kube-public kube-system";
static const char namespace_manifest[] =
    "{apiVersion: v1, kind: Namespace, metadata: {name: demo}}";
static const char deployment[] = "apiVersion: apps/v1\n"
                                 "kind: Deployment\n"
                                 "metadata: {name: web, namespace: demo}\n"
                                 "spec:\n"
                                 "  replicas: 2\n"
                                 "  selector: {matchLabels: {app: web}}\n"
                                 "  template:\n"
                                 "    metadata: {labels: {app: web}}\n"
                                 "    spec: {containers: [{name: web, image: '%s'}]}\n";

typedef struct {
    vcluster_client *host;
    const char *name;
    const char *second; /* NAME-2 */
    const char *image;
    vcluster_config *values; /* NULL: embedded, which runs no pods */
} exercise;

typedef int (*use_fn)(vcluster_client *inside, const exercise *self, vcluster_error **error);

/* What is not as expected is told here, and leaves no error object. */
static int expect(const char *what, const char *wanted, const char *found)
{
    if (strcmp(wanted, found) != 0) {
        fprintf(stderr, "%s: expected '%s', found '%s'\n", what, wanted, found);
        return -1;
    }
    printf("ok: %s\n", what);
    return 0;
}

/* [answer] */
/* An answer of the API server is a document, which the library reads: the text of one member of
 * item number @index. @return 0 or NOT_FOUND, behind the last item for one. */
static int
text_at(const vcluster_config *list, int index, const char *member, char *text, size_t size)
{
    char path[64];
    char *json = NULL;

    (void)snprintf(path, sizeof(path), "items[%d].%s", index, member);
    int status = vcluster_config_get(list, path, &json, NULL);
    if (status < 0)
        return status;
    size_t length = strlen(json);
    bool fits = *json == '"' && length - 2 < size;
    if (fits)
        (void)snprintf(text, size, "%.*s", (int)(length - 2), json + 1); /* without its quotes */
    vcluster_free(json);
    return fits ? 0 : VCLUSTER_E_CONFIG;
}
/* [answer] */

/* One member of all objects of a kind, with blanks between. */
static int join(vcluster_client *client,
                const char *kind,
                const char *namespace_name,
                const char *member,
                char *text,
                size_t size,
                vcluster_error **error)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_config *list = NULL;
    char *json = NULL;
    char one[256];

    options.namespace_name = namespace_name;
    int status = vcluster_resource_list(client, "v1", kind, &options, &json, error);
    if (status == 0)
        status = vcluster_config_parse(json, &list, error);
    vcluster_free(json);
    if (status < 0)
        return status;
    *text = '\0';
    for (int i = 0; (status = text_at(list, i, member, one, sizeof(one))) == 0; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%s", used ? " " : "", one);
    }
    vcluster_config_free(list);
    return status == VCLUSTER_E_NOT_FOUND ? 0 : status;
}

static int expect_fresh(vcluster_client *client, const char *what, vcluster_error **error)
{
    char found[1024];

    int status = join(client, "Namespace", NULL, "metadata.name", found, sizeof(found), error);
    return status < 0 ? status : expect(what, fresh, found);
}

/* The watch ends as soon as there are two of what it looks at. */
static int on_deployment(const char *type, const char *json, void *data)
{
    const char **path = data;
    vcluster_config *web = NULL;
    char *count = NULL;

    (void)type;
    bool done = vcluster_config_parse(json, &web, NULL) == 0 &&
                vcluster_config_get(web, *path, &count, NULL) == 0 && strcmp(count, "2") == 0;
    vcluster_free(count);
    vcluster_config_free(web);
    return done;
}

static int deploy(vcluster_client *inside,
                  const exercise *self,
                  char *phases,
                  size_t size,
                  vcluster_error **error)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    const char *wanted = self->values ? "status.readyReplicas" : "status.replicas";
    char manifest[1024];

    int length = snprintf(manifest, sizeof(manifest), deployment, self->image);
    if ((size_t)length >= sizeof(manifest)) {
        fprintf(stderr, "hands_on: the name of the image is too long\n");
        return -1;
    }
    options.namespace_name = "demo";
    options.timeout_ms = 180000;
    int status = vcluster_resource_apply(inside, namespace_manifest, NULL, NULL, error);
    if (status == 0)
        status = vcluster_resource_apply(inside, manifest, NULL, NULL, error);
    if (status == 0)
        status = vcluster_resource_watch(inside, "apps/v1", "Deployment", &options, on_deployment,
                                         &wanted, error);
    if (status == 0)
        status = join(inside, "Pod", "demo", "status.phase", phases, size, error);
    return status;
}

static int use_first(vcluster_client *inside, const exercise *self, vcluster_error **error)
{
    char phases[256];

    int status = expect_fresh(inside, "a new one has its own namespaces only", error);
    if (status == 0)
        status = deploy(inside, self, phases, sizeof(phases), error);
    if (status < 0)
        return status;
    return self->values ? expect("its two pods run", "Running Running", phases)
                        : expect("its controllers made two pods, which nothing runs",
                                 "Pending Pending", phases);
}

static int use_second(vcluster_client *inside, const exercise *self, vcluster_error **error)
{
    (void)self;
    return expect_fresh(inside, "the second knows nothing of 'demo'", error);
}

/* Make a virtual cluster and work in it. */
static int with(const exercise *self, const char *name, use_fn use, vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_client *inside = NULL;

    options.distribution = self->values ? "upstream" : "embedded";
    options.ttl_s = 3600; /* if this program is killed, a reaper tidies up */
    int status = vcluster_instance_create(self->host, name, self->values, &options, NULL, error);
    if (status == 0)
        status = vcluster_instance_open(self->host, name, NULL, &inside, error);
    if (status == 0)
        status = use(inside, self, error);
    vcluster_client_unref(inside);
    return status;
}

/* [names] */
/* Object number @index on the host: a pod of 'demo' has the name that the rule gives for it.
 * @return 1 for such a pod, 0 for something else. */
static int
check_one(const exercise *self, const vcluster_config *objects, int index, vcluster_error **error)
{
    static const char *const members[] = { "kind", "virtualNamespace", "namespace", "name",
                                           "virtualName" };
    char text[5][256];
    char *rule = NULL;

    for (int i = 0; i < 5; i++) {
        int status = text_at(objects, index, members[i], text[i], sizeof(text[i]));
        if (status < 0)
            return status;
    }
    if (strcmp(text[0], "Pod") != 0 || strcmp(text[1], "demo") != 0)
        return 0;
    int status = vcluster_host_name(self->name, text[2], "Pod", "demo", text[4], &rule, error);
    if (status == 0)
        status = expect("the host runs one of them, under a name of its own", rule, text[3]);
    vcluster_free(rule);
    return status < 0 ? status : 1;
}
/* [names] */

static int check_all(const exercise *self, const vcluster_config *objects, vcluster_error **error)
{
    int pods = 0;
    int status = 0;

    for (int i = 0; status >= 0; i++) {
        status = check_one(self, objects, i, error);
        pods += status == 1;
    }
    if (status != VCLUSTER_E_NOT_FOUND) /* behind the last one */
        return status;
    return expect("and both of them", "2", pods == 2 ? "2" : "another number");
}

/* The answer is a list, and what the library reads has members: it becomes one. */
static int as_document(const char *list, vcluster_config **out_document, vcluster_error **error)
{
    size_t size = strlen(list) + sizeof("{\"items\":}");
    char *text = malloc(size);

    if (!text) {
        fprintf(stderr, "hands_on: out of memory\n");
        return -1;
    }
    (void)snprintf(text, size, "{\"items\":%s}", list);
    int status = vcluster_config_parse(text, out_document, error);
    free(text);
    return status;
}

static int expect_no_namespace(const exercise *self, vcluster_error **error)
{
    char *json = NULL;

    int status =
        vcluster_resource_get(self->host, "v1", "Namespace", NULL, "demo", NULL, &json, error);
    vcluster_free(json);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return status;
    if (status < 0 && error) {
        vcluster_error_free(*error);
        *error = NULL;
    }
    return expect("the host knows no namespace 'demo'", "none", status < 0 ? "none" : "one");
}

/* What the host has of the first one. */
static int look(const exercise *self, vcluster_error **error)
{
    vcluster_config *objects = NULL;
    char *json = NULL;

    if (!self->values) {
        printf("skipped: pods of 'web' on the host with rewritten names (nothing runs them)\n");
        return 0;
    }
    int status = vcluster_instance_host_objects(self->host, self->name, NULL, &json, error);
    if (status == 0)
        status = as_document(json, &objects, error);
    if (status == 0)
        status = check_all(self, objects, error);
    if (status == 0)
        status = expect_no_namespace(self, error);
    vcluster_config_free(objects);
    vcluster_free(json);
    return status;
}

static int expect_gone(const exercise *self, vcluster_error **error)
{
    vcluster_instance_list *left = NULL;
    const char *found = "";

    int status = vcluster_instance_list_new(self->host, NULL, &left, error);
    for (size_t i = 0; i < vcluster_instance_list_size(left); i++) {
        const char *name = vcluster_instance_name(vcluster_instance_list_at(left, i));
        if (strcmp(name, self->name) == 0 || strcmp(name, self->second) == 0)
            found = name;
    }
    if (status == 0)
        status = expect("both are gone", "", found);
    vcluster_instance_list_free(left);
    return status;
}

/* Both are deleted whatever has failed before. */
static int tidy_up(const exercise *self)
{
    const char *const names[] = { self->name, self->second };
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    int result = 0;

    options.missing_ok = 1;
    for (int i = 0; i < 2; i++) {
        vcluster_error *error = NULL;
        int status = vcluster_instance_delete(self->host, names[i], &options, &error);
        if (status < 0) {
            fprintf(stderr, "hands_on: %s\n", vcluster_error_to_string(error));
            result = status;
        }
        vcluster_error_free(error);
    }
    return result;
}

static int run(const exercise *self, vcluster_error **error)
{
    int status = with(self, self->name, use_first, error);
    if (status == 0)
        status = look(self, error);
    if (status == 0)
        status = with(self, self->second, use_second, error);
    int tidied = tidy_up(self);
    if (status == 0)
        status = tidied;
    return status == 0 ? expect_gone(self, error) : status;
}

int main(int argc, char **argv)
{
    exercise self = { .image = argc > 3 ? argv[3] : "nginx" };
    vcluster_error *error = NULL;
    char second[64];

    if (argc < 2 || argc > 4 ||
        (size_t)snprintf(second, sizeof(second), "%s-2", argv[1]) >= sizeof(second)) {
        fprintf(stderr, "usage: hands_on NAME [VALUES [IMAGE]]\n");
        return 2;
    }
    self.name = argv[1];
    self.second = second;
    int status = vcluster_client_new(NULL, &self.host, &error);
    if (status == 0 && argc > 2)
        status = vcluster_config_load(argv[2], &self.values, &error);
    if (status == 0)
        status = run(&self, &error);
    if (error)
        fprintf(stderr, "hands_on: %s\n", vcluster_error_to_string(error));
    vcluster_error_free(error);
    vcluster_config_free(self.values);
    vcluster_client_unref(self.host);
    return status < 0;
}
