/* SPDX-License-Identifier: Apache-2.0 */
/* A host cluster in memory; see fake_host.h. */
#include "fake_host.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cm.h"
#include "data/yaml.h"
#include "test_server.h"

enum { MAX_RULES = 8, MAX_LOG = 4096, PATH_SIZE = 1024 };

typedef struct rule {
    char *method;
    char *part;
    int status;
    void (*fn)(fake_host *host, void *data);
    void *data;
} rule;

/* One stored object; all of them are in one list, in the order of their creation. */
typedef struct object {
    struct object *next;
    char *path; /* /api/v1/namespaces/NS/pods/NAME */
    cJSON *tree;
} object;

/* What watches tell: every change since the beginning, in order. */
typedef struct event {
    const char *type;
    long version;
    object item; /* a copy */
} event;

struct fake_host {
    test_server *server;
    event *events;
    size_t event_count;
    long forgotten; /* events up to this version are too old to be watched from */
    int cuts;
    bool stopping;
    pthread_mutex_t lock;
    object *objects;
    object **end;
    long version;
    rule rules[MAX_RULES];
    size_t rule_count;
    char *log[MAX_LOG];
    size_t log_count;
    void (*on_write)(cJSON *object, void *data);
    void *on_write_data;
    cJSON *allowed[2]; /* in a namespace, everywhere */
    bool asked;
};

/* A request's path taken apart. */
typedef struct target {
    char path[PATH_SIZE];  /* without query */
    char group[PATH_SIZE]; /* "/api/v1" or "/apis/apps/v1" */
    char plural[64];
    char selector[512];
    char name[256]; /* of the field selector metadata.name=... */
    char token[64];
    bool is_list, watch, dry_run;
    bool initial; /* the watch begins with all that is */
    long limit;
    long since; /* resourceVersion to watch from */
} target;

static void decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        unsigned byte;
        if (*from == '%' && sscanf(from + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static void parse_query(char *query, target *out)
{
    for (char *save = NULL, *item = strtok_r(query, "&", &save); item;
         item = strtok_r(NULL, "&", &save)) {
        char *value = strchr(item, '=');
        if (!value)
            continue;
        *value++ = '\0';
        decode(value);
        if (!strcmp(item, "labelSelector"))
            (void)snprintf(out->selector, sizeof(out->selector), "%s", value);
        else if (!strcmp(item, "fieldSelector"))
            (void)sscanf(value, "metadata.name=%255s", out->name);
        else if (!strcmp(item, "continue"))
            (void)snprintf(out->token, sizeof(out->token), "%s", value);
        else if (!strcmp(item, "limit"))
            out->limit = strtol(value, NULL, 10);
        else if (!strcmp(item, "watch"))
            out->watch = true;
        else if (!strcmp(item, "sendInitialEvents"))
            out->initial = true;
        else if (!strcmp(item, "resourceVersion"))
            out->since = strtol(value, NULL, 10);
        else if (!strcmp(item, "dryRun"))
            out->dry_run = true;
    }
}

/* "/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME": a list when an even number of segments, of which
 * "namespaces/NS" counts none, stands behind the version. */
static void parse_path(const char *text, target *out)
{
    const char *part;
    size_t count = 0;

    (void)snprintf(out->path, sizeof(out->path), "%s", text);
    char *query = strchr(out->path, '?');
    if (query) {
        *query = '\0';
        parse_query(query + 1, out);
    }
    part = out->path;
    for (size_t skip = vcl_starts_with(part, "/apis/") ? 3 : 2; skip > 0; skip--)
        part += 1 + strcspn(part + 1, "/");
    (void)snprintf(out->group, sizeof(out->group), "%.*s", (int)(part - out->path), out->path);
    for (const char *at = part; *at; at++)
        count += *at == '/';
    if (vcl_starts_with(part, "/namespaces/") && count > 2) {
        part += strlen("/namespaces/");
        part += strcspn(part, "/");
        count -= 2;
    }
    if (*part)
        (void)snprintf(out->plural, sizeof(out->plural), "%.*s", (int)strcspn(part + 1, "/"),
                       part + 1);
    out->is_list = count == 1;
}

static char *path_of(const cJSON *tree)
{
    const char *version = vcl_json_find_string(tree, "apiVersion", NULL);
    const char *namespace_name = vcl_json_find_string(tree, "metadata", "namespace", NULL);
    char *plural = vcl_strdup(vcl_json_find_string(tree, "kind", NULL));

    assert_non_null(plural);
    for (char *c = plural; *c; c++)
        *c = (char)tolower(*c);
    size_t size = strlen(plural);
    bool ends_in_y = plural[size - 1] == 'y' && plural[size - 2] != 'a'; /* policies, gateways */
    bool ends_in_s = plural[size - 1] == 's';                            /* ingresses */
    if (ends_in_y)
        plural[size - 1] = '\0';
    char *path = vcl_format("%s%s%s%s/%s%s/%s", strchr(version, '/') ? "/apis/" : "/api/", version,
                            namespace_name ? "/namespaces/" : "", vcl_str(namespace_name), plural,
                            ends_in_y   ? "ies"
                            : ends_in_s ? "es"
                                        : "s",
                            vcl_str(vcl_json_find_string(tree, "metadata", "name", NULL)));
    free(plural);
    assert_non_null(path);
    return path;
}

static object **find(fake_host *host, const char *path)
{
    object **slot = &host->objects;

    while (*slot && strcmp((*slot)->path, path) != 0)
        slot = &(*slot)->next;
    return slot;
}

static void record(fake_host *host, const char *type, const object *item)
{
    char version[32];
    event added = { .type = type,
                    .version = ++host->version,
                    .item = { .path = vcl_strdup(item->path), .tree = vcl_json_copy(item->tree) } };

    host->events = realloc(host->events, (host->event_count + 1) * sizeof(added));
    assert_true(host->events && added.item.path && added.item.tree);
    (void)snprintf(version, sizeof(version), "%ld", added.version);
    assert_true(vcl_json_set_string(vcl_json_object(added.item.tree, "metadata"), "resourceVersion",
                                    version));
    host->events[host->event_count++] = added;
}

static void drop(fake_host *host, object **slot)
{
    object *gone = *slot;

    record(host, "DELETED", gone);
    *slot = gone->next;
    if (host->end == &gone->next)
        host->end = slot;
    cJSON_Delete(gone->tree);
    free(gone->path);
    free(gone);
}

/* Takes tree over. */
static object *store(fake_host *host, cJSON *tree)
{
    char *path = path_of(tree);
    object *stored = *find(host, path);
    cJSON *metadata = vcl_json_object(tree, "metadata");
    char version[32];

    (void)snprintf(version, sizeof(version), "%ld", host->version + 1);
    assert_true(vcl_json_set_string(metadata, "resourceVersion", version));
    const char *old_uid =
        stored ? vcl_json_find_string(stored->tree, "metadata", "uid", NULL) : NULL;
    if (old_uid)
        assert_true(vcl_json_set_string(metadata, "uid", old_uid));
    else if (!vcl_json_get(metadata, "uid"))
        assert_true(vcl_json_set_string(metadata, "uid", path));
    if (!vcl_json_get(metadata, "creationTimestamp"))
        assert_true(vcl_json_set_string(metadata, "creationTimestamp", "2026-01-02T03:04:05Z"));

    const char *type = stored ? "MODIFIED" : "ADDED";
    if (stored) {
        cJSON_Delete(stored->tree);
        free(path);
    } else {
        stored = calloc(1, sizeof(*stored));
        assert_non_null(stored);
        stored->path = path;
        *host->end = stored;
        host->end = &stored->next;
    }
    stored->tree = tree;
    record(host, type, stored);
    return stored;
}

static bool is_of(const object *item, const target *what)
{
    const char *slash = strrchr(item->path, '/');
    size_t size = strlen(what->path);

    /* One namespace: all but the name is the path. All namespaces: the end is the plural. */
    if ((size_t)(slash - item->path) == size && strncmp(item->path, what->path, size) == 0)
        return true;
    size_t group = strlen(what->group);
    size_t plural = strlen(what->plural);
    return size == group + 1 + plural && strncmp(item->path, what->group, group) == 0 &&
           item->path[group] == '/' && (size_t)(slash - item->path) > group + plural &&
           strncmp(slash - plural, what->plural, plural) == 0 &&
           slash[-(ptrdiff_t)plural - 1] == '/';
}

static bool is_selected(const object *item, const target *what)
{
    char copy[512];

    if (*what->name && strcmp(strrchr(item->path, '/') + 1, what->name) != 0)
        return false;
    (void)snprintf(copy, sizeof(copy), "%s", what->selector);
    for (char *save = NULL, *term = strtok_r(copy, ",", &save); term;
         term = strtok_r(NULL, ",", &save)) {
        if (*term == '!') {
            if (vcl_json_find(item->tree, "metadata", "labels", term + 1, NULL))
                return false;
            continue;
        }
        char *value = strchr(term, '=');
        if (value)
            *value++ = '\0';
        bool differs = term[strlen(term) - 1] == '!'; /* KEY!=VALUE */
        if (differs)
            term[strlen(term) - 1] = '\0';
        const char *label = vcl_json_find_string(item->tree, "metadata", "labels", term, NULL);
        if (differs && (!label || strcmp(label, value) != 0))
            continue;
        if (!label || (value && strcmp(label, value) != 0))
            return false;
    }
    return true;
}

static void answer_json(test_conn *conn, int status, const cJSON *tree)
{
    char *text = vcl_json_print(tree);

    test_conn_answer(conn, status, "Content-Type: application/json\r\n", text);
    free(text);
}

static void answer_status(test_conn *conn, int status, const char *path)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = { { 200, "" },         { 401, "Unauthorized" },  { 403, "Forbidden" },
                    { 404, "NotFound" }, { 409, "AlreadyExists" }, { 412, "Conflict" },
                    { 410, "Expired" },  { 500, "InternalError" }, { 422, "Invalid" } };
    const char *reason = "BadRequest";

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            reason = reasons[i].reason;
    }
    if (status == 412) /* how a replace tells a conflict from a create that exists */
        status = 409;
    char *body = vcl_format("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                            "\"%s\",\"reason\":\"%s\",\"message\":\"%s: %s\",\"code\":%d}",
                            status == 200 ? "Success" : "Failure", reason, reason, path, status);
    test_conn_answer(conn, status, "Content-Type: application/json\r\n", body);
    free(body);
}

/* Pages are counted off: the continue token is the number of objects that were told. */
static void answer_list(fake_host *host, test_conn *conn, const target *what)
{
    VCL_AUTO_JSON *list = cJSON_CreateObject();
    cJSON *metadata = vcl_json_object(list, "metadata");
    cJSON *items = cJSON_AddArrayToObject(list, "items");
    long skip = strtol(what->token, NULL, 10);
    long seen = 0;
    char text[32];

    (void)snprintf(text, sizeof(text), "%ld", host->version);
    assert_true(vcl_json_set_string(metadata, "resourceVersion", text));
    for (const object *item = host->objects; item; item = item->next) {
        if (!is_of(item, what) || !is_selected(item, what) || seen++ < skip)
            continue;
        if (what->limit > 0 && cJSON_GetArraySize(items) == what->limit) {
            (void)snprintf(text, sizeof(text), "%ld", skip + what->limit);
            assert_true(vcl_json_set_string(metadata, "continue", text));
            break;
        }
        assert_true(vcl_json_append(items, vcl_json_copy(item->tree)));
    }
    answer_json(conn, 200, list);
}

static bool same_version(const cJSON *given, const cJSON *stored)
{
    const char *version = vcl_json_find_string(given, "metadata", "resourceVersion", NULL);

    return !version ||
           vcl_streq(version, vcl_json_find_string(stored, "metadata", "resourceVersion", NULL));
}

/* An object that is created need not name the namespace of the path. */
static void complete_namespace(cJSON *tree, const target *what)
{
    const char *from = strstr(what->path, "/namespaces/");
    cJSON *metadata = vcl_json_get(tree, "metadata");

    if (!what->is_list || !from || !metadata || vcl_json_get(metadata, "namespace"))
        return;
    from += strlen("/namespaces/");
    vcl_auto_free char *name = vcl_strndup(from, strcspn(from, "/"));
    assert_true(name && vcl_json_set_string(metadata, "namespace", name));
}

/* The two steps that move an object to server-side apply. */
static void patch_object(fake_host *host, test_conn *conn, const cJSON *patch, const target *what)
{
    object *stored = *find(host, what->path);
    const cJSON *fields = NULL;
    const char *version = NULL;
    const cJSON *step;

    cJSON_ArrayForEach (step, patch) {
        const char *path = vcl_str(vcl_json_find_string(step, "path", NULL));
        if (!strcmp(path, "/metadata/managedFields"))
            fields = vcl_json_get(step, "value");
        else if (!strcmp(path, "/metadata/resourceVersion"))
            version = vcl_json_find_string(step, "value", NULL);
    }
    if (!stored) {
        answer_status(conn, 404, what->path);
        return;
    }
    if (!version || !vcl_streq(version, vcl_json_find_string(stored->tree, "metadata",
                                                             "resourceVersion", NULL))) {
        answer_status(conn, 412, what->path);
        return;
    }
    cJSON *copy = vcl_json_copy(stored->tree);
    assert_true(
        vcl_json_set(vcl_json_object(copy, "metadata"), "managedFields", vcl_json_copy(fields)));
    answer_json(conn, 200, store(host, copy)->tree);
}

/* RFC 7386. */
static void merge(cJSON *into, const cJSON *patch)
{
    const cJSON *member;

    cJSON_ArrayForEach (member, patch) {
        if (cJSON_IsNull(member))
            vcl_json_remove(into, member->string);
        else if (cJSON_IsObject(member))
            merge(vcl_json_object(into, member->string), member);
        else
            assert_true(vcl_json_set(into, member->string, vcl_json_copy(member)));
    }
}

/* A merge patch, of the version that it names, if any. */
static void merge_object(fake_host *host, test_conn *conn, const cJSON *patch, const target *what)
{
    object *stored = *find(host, what->path);

    if (!stored) {
        answer_status(conn, 404, what->path);
        return;
    }
    if (!same_version(patch, stored->tree)) {
        answer_status(conn, 412, what->path);
        return;
    }
    cJSON *copy = vcl_json_copy(stored->tree);
    merge(copy, patch);
    if (host->on_write)
        host->on_write(copy, host->on_write_data);
    answer_json(conn, 200, store(host, copy)->tree);
}

static void
write_object(fake_host *host, test_conn *conn, const test_request *request, const target *what)
{
    bool is_create = !strcmp(request->method, "POST");
    bool is_replace = !strcmp(request->method, "PUT");
    cJSON *tree = NULL;

    assert_int_equal(vcl_json_parse(request->body, request->body_size, &tree, NULL), 0);
    if (cJSON_IsArray(tree)) {
        patch_object(host, conn, tree, what);
        cJSON_Delete(tree);
        return;
    }
    if (!strcmp(request->method, "PATCH") && !vcl_json_get(tree, "kind")) {
        merge_object(host, conn, tree, what);
        cJSON_Delete(tree);
        return;
    }
    complete_namespace(tree, what);
    if (host->on_write)
        host->on_write(tree, host->on_write_data);
    char *path = path_of(tree);
    object *stored = *find(host, path);
    if (is_create && stored)
        answer_status(conn, 409, path);
    else if (is_replace && !stored)
        answer_status(conn, 404, path);
    else if (is_replace && !same_version(tree, stored->tree))
        answer_status(conn, 412, path);
    else if (!is_create && strcmp(path, what->path) != 0)
        answer_status(conn, 422, path);
    else if (what->dry_run)
        answer_json(conn, stored ? 200 : 201, tree);
    else
        answer_json(conn, is_create ? 201 : 200, store(host, vcl_steal(&tree))->tree);
    cJSON_Delete(tree);
    free(path);
}

/* A review of what whoever asks may do. */
static void answer_review(fake_host *host, test_conn *conn, const test_request *request)
{
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_JSON *all = NULL;
    static const char everything[] = "{resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: "
                                     "['*']}], nonResourceRules: [], incomplete: false}";

    assert_int_equal(vcl_json_parse(request->body, request->body_size, &tree, NULL), 0);
    if (strstr(request->path, "selfsubjectaccessreviews")) {
        cJSON *status = vcl_json_object(tree, "status");
        assert_true(vcl_json_set(status, "allowed", cJSON_CreateBool(host->asked)));
        answer_json(conn, 201, tree);
        return;
    }
    char *path =
        vcl_format("/api/v1/namespaces/%s", vcl_json_find_string(tree, "spec", "namespace", NULL));
    const cJSON *status = host->allowed[*find(host, path) ? 0 : 1];
    free(path);
    if (!status) {
        assert_int_equal(vcl_yaml_parse(everything, strlen(everything), &all, NULL), 0);
        status = all;
    }
    assert_true(vcl_json_set(tree, "status", vcl_json_copy(status)));
    answer_json(conn, 201, tree);
}

/* Deleting a namespace takes what is in it along. */
static void delete_object(fake_host *host, test_conn *conn, const target *what)
{
    object **slot = find(host, what->path);

    if (!*slot) {
        answer_status(conn, 404, what->path);
        return;
    }
    drop(host, slot);
    if (vcl_starts_with(what->path, "/api/v1/namespaces/") && !strcmp(what->plural, "namespaces")) {
        char *inside = vcl_format("%s/", strstr(what->path, "/namespaces/"));
        for (slot = &host->objects; *slot;) {
            if (strstr((*slot)->path, inside))
                drop(host, slot);
            else
                slot = &(*slot)->next;
        }
        free(inside);
    }
    answer_status(conn, 200, what->path);
}

static const rule *find_rule(fake_host *host, const test_request *request)
{
    size_t count = host->rule_count; /* a function may add rules, for later requests */

    for (size_t i = 0; i < count; i++) {
        rule *one = &host->rules[i];
        if (!strcmp(one->method, request->method) && strstr(request->path, one->part)) {
            if (one->fn) {
                void (*fn)(fake_host * host, void *data) = one->fn;
                one->fn = NULL;
                one->method[0] = '\0'; /* once */
                fn(host, one->data);
                continue;
            }
            return one;
        }
    }
    return NULL;
}

static const char discovered_core[] = "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{"
                                      "\"metadata\":{},\"versions\":[{\"version\":\"v1\","
                                      "\"resources\":[{\"resource\":\"pods\",\"scope\":"
                                      "\"Namespaced\",\"responseKind\":{\"kind\":\"Pod\"},"
                                      "\"subresources\":[{\"subresource\":\"eviction\","
                                      "\"responseKind\":{\"kind\":\"Eviction\"}}]}]}]}]}";
static const char discovered_groups[] =
    "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[{\"metadata\":{\"name\":\"tests.dev\"},"
    "\"versions\":"
    "[{\"version\":\"v1\",\"resources\":[{\"resource\":\"things\",\"scope\":\"Namespaced\","
    "\"responseKind\":{\"kind\":\"Thing\"}}]}]},"
    "{\"metadata\":{\"name\":\"gateway.networking.k8s.io\"},\"versions\":[{\"version\":\"v1\","
    "\"resources\":[{\"resource\":\"gateways\",\"scope\":\"Namespaced\",\"responseKind\":{"
    "\"kind\":\"Gateway\"}},{\"resource\":\"tlsroutes\",\"scope\":\"Namespaced\","
    "\"responseKind\":{\"kind\":\"TLSRoute\"}}]}]}]}";

/* With the lock held; false when the answer is a watch, which outlives the lock. */
static bool answer(fake_host *host, test_conn *conn, const test_request *request)
{
    target what = { 0 };
    const rule *failing = find_rule(host, request);

    if (host->log_count < MAX_LOG)
        host->log[host->log_count++] = vcl_format("%s %s", request->method, request->path);
    parse_path(request->path, &what);
    if (failing)
        answer_status(conn, failing->status, what.path);
    else if (!strcmp(what.path, "/version"))
        test_conn_answer(conn, 200, "", "{\"gitVersion\":\"v1.35.4\"}");
    else if (!strcmp(what.path, "/api") || !strcmp(what.path, "/apis"))
        test_conn_answer(conn, 200, "Content-Type: application/json\r\n",
                         strcmp(what.path, "/api") ? discovered_groups : discovered_core);
    else if (strstr(what.path, "/selfsubject"))
        answer_review(host, conn, request);
    else if (!strcmp(request->method, "DELETE"))
        delete_object(host, conn, &what);
    else if (strcmp(request->method, "GET") != 0)
        write_object(host, conn, request, &what);
    else if (what.watch)
        return false;
    else if (what.is_list)
        answer_list(host, conn, &what);
    else if (*find(host, what.path))
        answer_json(conn, 200, (*find(host, what.path))->tree);
    else
        answer_status(conn, 404, what.path);
    return true;
}

static bool send_event(test_conn *conn, const char *type, const cJSON *tree)
{
    char *text = vcl_json_print(tree);
    char *line = vcl_format("{\"type\":\"%s\",\"object\":%s}\n", type, text);
    bool sent = test_conn_printf(conn, "%zx\r\n%s\r\n", strlen(line), line);

    free(line);
    free(text);
    return sent;
}

/* Events behind *next that belong to a watch. With the lock held; false: the watch has ended. */
static bool send_events(fake_host *host, test_conn *conn, const target *what, size_t *next)
{
    if (what->since < host->forgotten) {
        VCL_AUTO_JSON *status = NULL;
        static const char expired[] = "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":"
                                      "\"Expired\",\"code\":410}";
        assert_int_equal(vcl_json_parse(expired, strlen(expired), &status, NULL), 0);
        (void)send_event(conn, "ERROR", status);
        return false;
    }
    for (; *next < host->event_count; (*next)++) {
        const event *one = &host->events[*next];
        if (one->version > what->since && is_of(&one->item, what) &&
            is_selected(&one->item, what) && !send_event(conn, one->type, one->item.tree))
            return false;
    }
    return true;
}

/* All that is, and where that ends. With the lock held; false: the watch has ended. */
static bool send_state(const fake_host *host, test_conn *conn, target *what)
{
    for (const object *item = host->objects; item; item = item->next) {
        if (is_of(item, what) && is_selected(item, what) && !send_event(conn, "ADDED", item->tree))
            return false;
    }
    VCL_AUTO_JSON *end = NULL;
    vcl_auto_free char *text =
        vcl_format("{\"metadata\":{\"resourceVersion\":\"%ld\",\"annotations\":{"
                   "\"k8s.io/initial-events-end\":\"true\"}}}",
                   host->version);
    assert_int_equal(vcl_json_parse(text, strlen(text), &end, NULL), 0);
    what->since = host->version;
    return send_event(conn, "BOOKMARK", end);
}

/* A watch, until it is cut. */
static void follow(fake_host *host, test_conn *conn, target *what)
{
    size_t next = 0;
    bool goes_on = true;

    (void)pthread_mutex_lock(&host->lock);
    int cuts = host->cuts;
    if (what->initial)
        goes_on = send_state(host, conn, what);
    while (goes_on && !host->stopping && cuts == host->cuts) {
        goes_on = send_events(host, conn, what, &next);
        (void)pthread_mutex_unlock(&host->lock);
        (void)usleep(2000);
        (void)pthread_mutex_lock(&host->lock);
    }
    (void)pthread_mutex_unlock(&host->lock);
}

static void handle(test_conn *conn, const test_request *request, void *data)
{
    fake_host *host = data;

    (void)pthread_mutex_lock(&host->lock);
    bool answered = answer(host, conn, request);
    (void)pthread_mutex_unlock(&host->lock);
    if (answered)
        return;
    target what = { 0 };
    parse_path(request->path, &what);
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Transfer-Encoding: chunked\r\n\r\n");
    follow(host, conn, &what);
    test_conn_close(conn, false);
}

fake_host *fake_host_start(void)
{
    fake_host *host = calloc(1, sizeof(*host));
    pthread_mutexattr_t attributes;

    assert_non_null(host);
    host->end = &host->objects;
    /* Recursive: a function of fake_host_before() may use the host. */
    assert_int_equal(pthread_mutexattr_init(&attributes), 0);
    assert_int_equal(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE), 0);
    assert_int_equal(pthread_mutex_init(&host->lock, &attributes), 0);
    (void)pthread_mutexattr_destroy(&attributes);
    host->server = test_server_start(&(test_server_options){ .handler = handle, .data = host });
    return host;
}

void fake_host_heal(fake_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->rule_count; i++) {
        free(host->rules[i].method);
        free(host->rules[i].part);
    }
    host->rule_count = 0;
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_stop(fake_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    host->stopping = true;
    (void)pthread_mutex_unlock(&host->lock);
    test_server_stop(host->server);
    while (host->objects)
        drop(host, &host->objects);
    for (size_t i = 0; i < host->event_count; i++) {
        cJSON_Delete(host->events[i].item.tree);
        free(host->events[i].item.path);
    }
    free(host->events);
    cJSON_Delete(host->allowed[0]);
    cJSON_Delete(host->allowed[1]);
    fake_host_heal(host);
    for (size_t i = 0; i < host->log_count; i++)
        free(host->log[i]);
    (void)pthread_mutex_destroy(&host->lock);
    free(host);
}

vcluster_client *fake_host_client(const fake_host *host, const char *namespace_name)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    char *text =
        vcl_format("{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: "
                   "c, cluster: {server: 'http://127.0.0.1:%d'}}], users: [{name: c, "
                   "user: {}}], contexts: [{name: c, context: {cluster: c, user: c%s%s}}]}",
                   test_server_port(host->server), namespace_name ? ", namespace: " : "",
                   vcl_str(namespace_name));
    options.kubeconfig_text = text;
    assert_works(vcluster_client_new(&options, &client, &error), &error);
    free(text);
    return client;
}

void fake_host_put(fake_host *host, const char *yaml)
{
    cJSON *tree = NULL;
    vcluster_error *error = NULL;

    assert_works(vcl_yaml_parse(yaml, strlen(yaml), &tree, &error), &error);
    (void)pthread_mutex_lock(&host->lock);
    (void)store(host, tree);
    (void)pthread_mutex_unlock(&host->lock);
}

cJSON *fake_host_get(fake_host *host, const char *path)
{
    (void)pthread_mutex_lock(&host->lock);
    object *found = *find(host, path);
    cJSON *copy = found ? vcl_json_copy(found->tree) : NULL;
    (void)pthread_mutex_unlock(&host->lock);
    return copy;
}

int fake_host_count(fake_host *host, const char *part)
{
    int count = 0;

    (void)pthread_mutex_lock(&host->lock);
    for (const object *item = host->objects; item; item = item->next)
        count += strstr(item->path, part) != NULL;
    (void)pthread_mutex_unlock(&host->lock);
    return count;
}

static void add_rule(fake_host *host, rule added)
{
    (void)pthread_mutex_lock(&host->lock);
    assert_true(host->rule_count < MAX_RULES);
    host->rules[host->rule_count++] = added;
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_fail(fake_host *host, const char *method, const char *part, int status)
{
    add_rule(host, (rule){ vcl_strdup(method), vcl_strdup(part), status, NULL, NULL });
}

void fake_host_allow(fake_host *host, const char *inside, const char *everywhere, bool asked)
{
    const char *const texts[] = { inside, everywhere };

    (void)pthread_mutex_lock(&host->lock);
    for (int i = 0; i < 2; i++) {
        cJSON_Delete(vcl_steal(&host->allowed[i]));
        assert_int_equal(vcl_yaml_parse(texts[i], strlen(texts[i]), &host->allowed[i], NULL), 0);
    }
    host->asked = asked;
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_before(fake_host *host,
                      const char *method,
                      const char *part,
                      void (*fn)(fake_host *host, void *data),
                      void *data)
{
    add_rule(host, (rule){ vcl_strdup(method), vcl_strdup(part), 0, fn, data });
}

void fake_host_on_write(fake_host *host, void (*fn)(cJSON *object, void *data), void *data)
{
    (void)pthread_mutex_lock(&host->lock);
    host->on_write = fn;
    host->on_write_data = data;
    (void)pthread_mutex_unlock(&host->lock);
}

int fake_host_exact(fake_host *host, const char *method, const char *path)
{
    vcl_auto_free char *line = vcl_format("%s %s", method, path);
    int count = 0;

    (void)pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->log_count; i++)
        count += vcl_streq(host->log[i], line);
    (void)pthread_mutex_unlock(&host->lock);
    return count;
}

void fake_host_forget(fake_host *host)
{
    (void)pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->log_count; i++)
        free(host->log[i]);
    host->log_count = 0;
    (void)pthread_mutex_unlock(&host->lock);
}

int fake_host_requests(fake_host *host, const char *method, const char *part)
{
    int count = 0;

    (void)pthread_mutex_lock(&host->lock);
    for (size_t i = 0; i < host->log_count; i++) {
        const char *path = strchr(host->log[i], ' ') + 1;
        size_t size = (size_t)(path - host->log[i]) - 1;
        bool wanted = !method || (strlen(method) == size && !strncmp(host->log[i], method, size));
        count += wanted && strstr(path, part);
    }
    (void)pthread_mutex_unlock(&host->lock);
    return count;
}

void fake_host_remove(fake_host *host, const char *path)
{
    (void)pthread_mutex_lock(&host->lock);
    object **slot = find(host, path);
    assert_non_null(*slot);
    drop(host, slot);
    (void)pthread_mutex_unlock(&host->lock);
}

void fake_host_cut(fake_host *host, bool forget)
{
    (void)pthread_mutex_lock(&host->lock);
    host->cuts++;
    if (forget)
        host->forgotten = host->version;
    (void)pthread_mutex_unlock(&host->lock);
}
