/* SPDX-License-Identifier: Apache-2.0 */
/* Servers with charts on them; see repo_fixture.h. */
#include "repo_fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "test_pki.h"

/* Of all sites: their logs, and their routes while they are copied. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void note(site *s, const test_request *request, const char *authorization)
{
    size_t used = strlen(s->log);

    (void)snprintf(s->log + used, sizeof(s->log) - used, "%s %s|%s|%s\n", request->method,
                   request->path, authorization, request->body);
}

static route *find(site *s, const char *path)
{
    for (int i = 0; i < s->count; i++) {
        if (strcmp(s->routes[i].path, path) == 0)
            return &s->routes[i];
    }
    return NULL;
}

/* The test may change a route as soon as it has its answer, before the server's thread is done. */
static route copy_route(const route *from)
{
    route copy = *from;

    copy.path = NULL;
    copy.headers = strdup(from->headers);
    copy.body = malloc(from->size + 1);
    memcpy(copy.body, from->body, from->size);
    copy.needs = vcl_strdup(from->needs);
    copy.challenge = vcl_strdup(from->challenge);
    return copy;
}

static void route_done(route *r)
{
    free(r->path);
    free(r->headers);
    free(r->body);
    free(r->needs);
    free(r->challenge);
}

static void answer_route(test_conn *conn, const route *found, const char *authorization)
{
    if (found->needs && strcmp(found->needs, authorization) != 0) {
        char *header = vcl_format("WWW-Authenticate: %s\r\n", found->challenge);
        test_conn_answer(conn, 401, found->challenge ? header : "",
                         "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"log in\"}]}");
        free(header);
        return;
    }
    (void)test_conn_printf(conn, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n", found->status,
                           found->headers, found->size);
    (void)test_conn_write(conn, found->body, found->cut ? found->cut : found->size);
    if (found->cut)
        test_conn_close(conn, false);
}

static void answer(test_conn *conn, const test_request *request, void *data)
{
    site *s = data;
    char authorization[4096] = "";

    (void)test_request_header(request, "Authorization", authorization, sizeof(authorization));
    (void)pthread_mutex_lock(&lock);
    note(s, request, authorization);
    route *found = find(s, request->path);
    route copy = found ? copy_route(found) : (route){ 0 };
    (void)pthread_mutex_unlock(&lock);
    if (found)
        answer_route(conn, &copy, authorization);
    else
        test_conn_answer(conn, 404, "", "nothing here");
    route_done(&copy);
}

site *site_start(bool tls)
{
    static test_identity ca;
    static test_identity identity;
    site *s = calloc(1, sizeof(*s));

    if (tls && !ca.cert_pem) {
        ca = test_identity_new("repo-ca", NULL, YEAR_S);
        identity = test_identity_new("localhost", &ca, YEAR_S);
    }
    s->ca_pem = tls ? ca.cert_pem : NULL;
    s->server =
        test_server_start(&(test_server_options){ .handler = answer,
                                                  .data = s,
                                                  .cert_pem = tls ? identity.cert_pem : NULL,
                                                  .key_pem = tls ? identity.key_pem : NULL });
    (void)snprintf(s->url, sizeof(s->url), "%s", test_server_url(s->server));
    (void)snprintf(s->host, sizeof(s->host), "localhost:%d", test_server_port(s->server));
    return s;
}

void site_stop(site *s)
{
    test_server_stop(s->server);
    for (int i = 0; i < s->count; i++)
        route_done(&s->routes[i]);
    free(s);
}

static route *
put(site *s, const char *path, int status, const char *headers, const char *body, size_t size)
{
    (void)pthread_mutex_lock(&lock);
    route *r = find(s, path);
    if (!r) {
        assert_true(s->count < MAX_ROUTES);
        r = &s->routes[s->count++];
        r->path = strdup(path);
    }
    free(r->headers);
    free(r->body);
    r->status = status;
    r->headers = strdup(headers);
    r->body = malloc(size + 1);
    memcpy(r->body, body, size);
    r->size = size;
    (void)pthread_mutex_unlock(&lock);
    return r;
}

route *site_text(site *s, const char *path, int status, const char *headers, const char *body)
{
    return put(s, path, status, headers, body, strlen(body));
}

route *site_bytes(site *s, const char *path, const char *body, size_t size)
{
    return put(s, path, 200, "", body, size);
}

int site_requests(site *s)
{
    return test_server_requests(s->server);
}

void assert_asked(const site *s, const char *line)
{
    if (!strstr(s->log, line))
        fail_msg("'%s' was not asked for, but\n%s", line, s->log);
}

void assert_not_asked(const site *s, const char *line)
{
    if (strstr(s->log, line))
        fail_msg("'%s' was asked for:\n%s", line, s->log);
}

/* ---- Archives ---- */

static void add_file(vcl_buf *tar, const char *name, const char *text)
{
    char header[512] = { 0 };
    unsigned sum = 0;
    size_t size = strlen(text);

    (void)snprintf(header, 100, "%s", name);
    (void)snprintf(header + 100, 8, "0000644");
    (void)snprintf(header + 108, 8, "0000000");
    (void)snprintf(header + 116, 8, "0000000");
    (void)snprintf(header + 124, 12, "%011o", (unsigned)size & 0xFFFFFFU);
    (void)snprintf(header + 136, 12, "%011o", 0);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    for (size_t i = 0; i < sizeof(header); i++)
        sum += (unsigned char)header[i];
    (void)snprintf(header + 148, 8, "%06o", sum);
    vcl_buf_append(tar, header, sizeof(header));
    vcl_buf_add(tar, text);
    while (tar->size % 512)
        vcl_buf_add_char(tar, '\0');
}

archive archive_new(const char *name, const char *version)
{
    VCL_AUTO_BUF tar = { 0 };
    archive a = { 0 };
    char end[1024] = { 0 };
    char *file = vcl_format("%s/Chart.yaml", "chart");
    char *text = vcl_format("apiVersion: v2\nname: %s\nversion: %s\n", name, version);

    vcl_buf_init(&tar, 1 << 20);
    add_file(&tar, file, text);
    add_file(&tar, "chart/values.yaml", "a: 1\n");
    vcl_buf_append(&tar, end, sizeof(end));
    assert_int_equal(vcl_gzip(tar.data, tar.size, &a.data, &a.size, NULL), 0);
    assert_int_equal(vcl_sha256_hex(a.data, a.size, a.digest, NULL), 0);
    free(file);
    free(text);
    return a;
}

void archive_done(archive *a)
{
    free(a->data);
}

/* ---- Fetching ---- */

fixture *fixture_new(void)
{
    fixture *f = calloc(1, sizeof(*f));

    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/vcl-repo-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->cache, sizeof(f->cache), "%s/cache", f->folder);
    f->options = (vcluster_chart_fetch_options)VCLUSTER_CHART_FETCH_OPTIONS_INIT;
    f->options.cache_directory = f->cache;
    (void)setenv("HOME", f->folder, 1);
    (void)unsetenv("XDG_CACHE_HOME");
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("HELM_REGISTRY_CONFIG");
    return f;
}

void fixture_done(fixture *f)
{
    char *command = vcl_format("rm -rf %s", f->folder);

    assert_int_equal(system(command), 0);
    free(command);
    vcluster_chart_free(f->chart);
    vcluster_error_free(f->error);
    free(f);
}

int fetch(fixture *f, const char *reference)
{
    vcl_call call;

    vcluster_chart_free(f->chart);
    f->chart = NULL;
    vcl_error_clear(&f->error);
    vcl_call_init(&call, f->options.timeout_ms, 20000, f->options.cancel, NULL, NULL);
    int status = vcl_chart_fetch(reference, &f->options, &call, &f->chart, &f->error);
    assert_true((status == 0) == (f->chart != NULL));
    assert_true((status == 0) == (f->error == NULL));
    return status;
}

void assert_fetches(fixture *f, const char *reference, const char *version)
{
    int status = fetch(f, reference);

    assert_ok(status, f->error);
    assert_string_equal(vcluster_chart_version(f->chart), version);
}

void assert_refuses(fixture *f, const char *reference, int code, const char *part)
{
    int status = fetch(f, reference);

    if (status == 0)
        fail_msg("'%s' was fetched: %s", reference, vcluster_chart_version(f->chart));
    if (status != code)
        fail_msg("%d instead of %d: %s", status, code, vcluster_error_to_string(f->error));
    assert_fails(status, code, f->error, part);
}

void write_file(const fixture *f, const char *name, const char *text)
{
    char *path = vcl_format("%s/%s", f->folder, name);

    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    free(path);
}

int count_files(const fixture *f, const char *folder)
{
    char *path = vcl_format("%s/charts/%s", f->cache, folder);
    DIR *entries = opendir(path);
    int count = entries ? 0 : -1;

    while (entries) {
        const struct dirent *entry = readdir(entries);
        if (!entry)
            break;
        count += *entry->d_name != '.';
    }
    if (entries)
        (void)closedir(entries);
    free(path);
    return count;
}
