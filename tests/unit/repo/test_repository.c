/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from a repository with an index.yaml, by way of servers in this program. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "repo_fixture.h"

static const char *const versions[] = { "1.0.0", "1.2.0", "2.0.0-rc.1", "1.1.0+b.1", "0.9.0" };
enum { VERSIONS = sizeof(versions) / sizeof(versions[0]) };

typedef struct world {
    fixture *f;
    site *s;
    archive archives[VERSIONS];
} world;

static char *index_of(const world *w, const char *base)
{
    char *text = strdup("apiVersion: v1\nentries:\n  other: []\n  demo:\n");

    for (size_t i = 0; i < VERSIONS; i++) {
        char *more = vcl_format("%s  - name: demo\n    version: %s\n    digest: %s\n    urls:\n"
                                "    - %scharts/demo-%zu.tgz\n",
                                text, versions[i], w->archives[i].digest, base, i);
        free(text);
        text = more;
    }
    return text;
}

static void put_index(world *w, const char *text)
{
    (void)site_text(w->s, "/stable/index.yaml", 200, "", text);
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof(*w));

    w->f = fixture_new();
    w->s = site_start(false);
    for (size_t i = 0; i < VERSIONS; i++) {
        w->archives[i] = archive_new("demo", versions[i]);
        char *path = vcl_format("/stable/charts/demo-%zu.tgz", i);
        (void)site_bytes(w->s, path, w->archives[i].data, w->archives[i].size);
        free(path);
    }
    char *text = index_of(w, "");
    put_index(w, text);
    free(text);
    char *url = vcl_format("%s/stable", w->s->url);
    w->f->options.repository = url;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    char *url = NULL;

    memcpy(&url, &w->f->options.repository, sizeof(url));
    free(url);
    for (size_t i = 0; i < VERSIONS; i++)
        archive_done(&w->archives[i]);
    site_stop(w->s);
    fixture_done(w->f);
    free(w);
    return 0;
}

static void newest_that_is_no_prerelease_is_chosen(void **state)
{
    world *w = *state;

    assert_fetches(w->f, "demo", "1.2.0");
    assert_string_equal(vcluster_chart_name(w->f->chart), "demo");
    assert_int_equal(site_requests(w->s), 2);
}

static void constraints_choose_as_helm_does(void **state)
{
    static const char *const cases[][2] = {
        { "1.0.0", "1.0.0" },          { "^1.0", "1.2.0" },      { "<1.2", "1.1.0+b.1" },
        { "~1.1", "1.1.0+b.1" },       { "1.1.0", "1.1.0+b.1" }, { "1.1.0+b.1", "1.1.0+b.1" },
        { ">=2.0.0-0", "2.0.0-rc.1" }, { "v0.9.0", "0.9.0" },    { "1", "1.2.0" },
        { "0.1 - 1.0", "1.0.0" }
    };
    world *w = *state;

    w->f->options.no_cache = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        w->f->options.version = cases[i][0];
        assert_fetches(w->f, "demo", cases[i][1]);
    }
    w->f->options.version = NULL;
    w->f->options.prereleases = 1;
    assert_fetches(w->f, "demo", "2.0.0-rc.1");
}

static void version_that_is_not_there_lists_the_nearest(void **state)
{
    world *w = *state;

    w->f->options.version = "1.1.5";
    assert_refuses(w->f, "demo", VCLUSTER_E_NOT_FOUND,
                   "has no version that is '1.1.5' in 'http://localhost:");
    assert_non_null(strstr(vcluster_error_to_string(w->f->error),
                           "there are 2.0.0-rc.1, 1.2.0, 1.1.0+b.1, 1.0.0, 0.9.0"));
    w->f->options.version = "!!";
    assert_refuses(w->f, "demo", VCLUSTER_E_INVALID_ARGUMENT, "improper constraint: \"!!\"");
}

static void chart_that_is_not_there_lists_the_nearest(void **state)
{
    world *w = *state;

    assert_refuses(w->f, "demos", VCLUSTER_E_NOT_FOUND,
                   "has no chart 'demos': there are 'demo', 'other'");
    assert_refuses(w->f, "../x", VCLUSTER_E_NOT_FOUND, "'../x'");
    assert_int_equal(site_requests(w->s), 1);
    assert_refuses(w->f, "", VCLUSTER_E_INVALID_ARGUMENT, "empty");
    assert_refuses(w->f, "a\nb", VCLUSTER_E_INVALID_ARGUMENT, "control characters");
}

static void pinned_version_in_the_cache_needs_no_network(void **state)
{
    world *w = *state;

    w->f->options.version = "1.0.0";
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), 2);
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), 2);
    assert_int_equal(count_files(w->f, "tmp"), 0);
    /* What a constraint chose is found by its version, too. */
    w->f->options.version = "^1.1";
    assert_fetches(w->f, "demo", "1.2.0");
    assert_int_equal(site_requests(w->s), 4);
    w->f->options.version = "1.2.0";
    assert_fetches(w->f, "demo", "1.2.0");
    assert_int_equal(site_requests(w->s), 4);
    /* A constraint asks for the index only, when the archive is there. */
    w->f->options.version = "^1.1";
    assert_fetches(w->f, "demo", "1.2.0");
    assert_int_equal(site_requests(w->s), 5);
    /* Another spelling of the same version is remembered as well. */
    w->f->options.version = "v1.2.0";
    assert_fetches(w->f, "demo", "1.2.0");
    assert_int_equal(site_requests(w->s), 6);
    assert_fetches(w->f, "demo", "1.2.0");
    assert_int_equal(site_requests(w->s), 6);
}

static void cache_is_private_and_can_be_left_out(void **state)
{
    world *w = *state;
    struct stat info;
    char *path = vcl_format("%s/charts/sha256/%s.tgz", w->f->cache, w->archives[0].digest);
    char *folder = vcl_format("%s/charts/names", w->f->cache);

    w->f->options.version = "1.0.0";
    w->f->options.no_cache = 1;
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(count_files(w->f, "sha256"), -1);
    w->f->options.no_cache = 0;
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    w->f->options.no_cache = 1;
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), 6);
    free(path);
    free(folder);
}

static void damaged_cache_is_fetched_again(void **state)
{
    world *w = *state;
    char *name = vcl_format("cache/charts/sha256/%s.tgz", w->archives[0].digest);

    w->f->options.version = "1.0.0";
    assert_fetches(w->f, "demo", "1.0.0");
    write_file(w->f, name, "damaged");
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), 4);
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), 4);
    free(name);
}

static void cache_that_cannot_be_written_is_no_error(void **state)
{
    world *w = *state;

    write_file(w->f, "cache", "a file where the folder should be");
    assert_fetches(w->f, "demo", "1.2.0");
}

/* What each of the processes below does; they are made by exec, since a child of fork() in a
 * program with threads may find locks of the allocator taken for ever. */
static int be_a_process(const char *cache, const char *repository)
{
    fixture f = { .options = VCLUSTER_CHART_FETCH_OPTIONS_INIT };

    f.options.cache_directory = cache;
    f.options.repository = repository;
    f.options.version = "1.0.0";
    bool good = fetch(&f, "demo") == 0 && vcl_streq(vcluster_chart_version(f.chart), "1.0.0");
    vcluster_chart_free(f.chart);
    vcluster_error_free(f.error);
    return good ? 0 : 1;
}

static void sixteen_processes_may_fetch_at_once(void **state)
{
    enum { PROCESSES = 16 };
    world *w = *state;
    char *program = program_invocation_name; /* not /proc/self/exe: that may be valgrind */
    char *repository = strdup(w->f->options.repository);
    char *arguments[] = { program, w->f->cache, repository, NULL };
    pid_t children[PROCESSES];
    int good = 0;

    w->f->options.version = "1.0.0";
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(posix_spawn(&children[i], program, NULL, NULL, arguments, environ), 0);
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    assert_int_equal(good, PROCESSES);
    assert_int_equal(count_files(w->f, "sha256"), 1);
    assert_int_equal(count_files(w->f, "names"), 1);
    assert_int_equal(count_files(w->f, "tmp"), 0);
    int before = site_requests(w->s);
    assert_fetches(w->f, "demo", "1.0.0");
    assert_int_equal(site_requests(w->s), before);
    free(repository);
}

static void wrong_digest_is_refused_and_not_kept(void **state)
{
    world *w = *state;

    (void)site_bytes(w->s, "/stable/charts/demo-0.tgz", w->archives[1].data, w->archives[1].size);
    w->f->options.version = "1.0.0";
    assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, "has not the digest that was announced");
    assert_int_equal(count_files(w->f, "sha256"), -1);
    (void)site_bytes(w->s, "/stable/charts/demo-0.tgz", w->archives[0].data, w->archives[0].size);
    assert_fetches(w->f, "demo", "1.0.0");
}

static void digest_that_is_not_sha256_is_refused(void **state)
{
    world *w = *state;

    put_index(w, "apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n    digest: abc\n"
                 "    urls: [charts/demo-0.tgz]\n");
    assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, "not SHA-256");
    char *text = vcl_format("apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n"
                            "    digest: sha256:%s\n    urls: [charts/demo-0.tgz]\n",
                            w->archives[0].digest);
    put_index(w, text);
    assert_fetches(w->f, "demo", "1.0.0");
    free(text);
}

static void truncated_archive_is_refused(void **state)
{
    world *w = *state;
    route *r =
        site_bytes(w->s, "/stable/charts/demo-1.tgz", w->archives[1].data, w->archives[1].size - 9);

    assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, "has not the digest");
    put_index(w, "apiVersion: v1\nentries:\n  demo:\n  - version: 1.2.0\n"
                 "    urls: [charts/demo-1.tgz]\n");
    assert_refuses(w->f, "demo", VCLUSTER_E_CONFIG, "no chart archive");
    assert_int_equal(count_files(w->f, "sha256"), -1);
    /* A connection that ends early is noticed as such. */
    r->cut = 20;
    w->f->options.timeout_ms = 8000;
    assert_refuses(w->f, "demo", VCLUSTER_E_UNAVAILABLE, "was cut after 20 bytes");
}

static void index_that_is_none_is_refused(void **state)
{
    static const char *const texts[][2] = {
        { "", "not a map" },
        { "- a\n", "not a map" },
        { "hello", "not a map" },
        { "entries: {}\n", "no apiVersion" },
        { "a: [\n", "line 2" },
        { "apiVersion: v1\nentries:\n\tdemo: []\n", "line 3" },
        { "apiVersion:\n", "no apiVersion" },
    };
    world *w = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        put_index(w, texts[i][0]);
        assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, texts[i][1]);
    }
}

static void http_errors_say_what_to_do(void **state)
{
    static const struct {
        int status;
        int code;
    } cases[] = { { 401, VCLUSTER_E_UNAUTHENTICATED }, { 403, VCLUSTER_E_PERMISSION },
                  { 404, VCLUSTER_E_NOT_FOUND },       { 410, VCLUSTER_E_NOT_FOUND },
                  { 418, VCLUSTER_E_PROTOCOL },        { 429, VCLUSTER_E_UNAVAILABLE },
                  { 500, VCLUSTER_E_UNAVAILABLE } };
    world *w = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)site_text(w->s, "/stable/index.yaml", cases[i].status, "", "no");
        assert_refuses(w->f, "demo", cases[i].code, "index.yaml of 'http://localhost:");
        assert_int_equal(vcluster_error_http_status(w->f->error), cases[i].status);
        assert_true(vcluster_error_retryable(w->f->error) ==
                    (cases[i].code == VCLUSTER_E_UNAVAILABLE));
    }
    char *text = index_of(w, "");
    put_index(w, text);
    (void)site_text(w->s, "/stable/charts/demo-1.tgz", 403, "", "no");
    assert_refuses(w->f, "demo", VCLUSTER_E_PERMISSION, "archive 'http://localhost:");
    free(text);
}

static void redirects_are_followed_ten_times(void **state)
{
    world *w = *state;

    for (int i = 0; i < 12; i++) {
        char *path = vcl_format("/r/%d", i);
        char *headers = vcl_format("Location: %d\r\n", i + 1);
        (void)site_text(w->s, path, 301 + i % 3, headers, "");
        free(path);
        free(headers);
    }
    char *last = vcl_format("Location: %s/stable/charts/demo-1.tgz\r\n", w->s->url);
    char *url = vcl_format("%s/r/2", w->s->url);
    (void)site_text(w->s, "/r/11", 308, last, "");
    assert_fetches(w->f, url, "1.2.0");
    url[strlen(url) - 1] = '1';
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "more than 10 redirects");
    (void)site_text(w->s, "/r/2", 302, "Location: /r/2\r\n", "");
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "more than 10 redirects");
    (void)site_text(w->s, "/r/2", 302, "Location: ftp://localhost/x\r\n", "");
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "cannot be followed");
    (void)site_text(w->s, "/r/2", 302, "Location: http://a:b@localhost/x\r\n", "");
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "cannot be followed");
    free(url);
    free(last);
}

static void credentials_stay_with_the_repository(void **state)
{
    static const char basic[] = "Basic bWU6czNjcmV0";
    world *w = *state;
    site *other = site_start(false);
    char *headers = vcl_format("Location: %s/moved.tgz\r\n", other->url);
    char *base = vcl_format("%s/", other->url);

    w->f->options.username = "me";
    w->f->options.password = "s3cret";
    w->f->options.no_cache = 1;
    assert_fetches(w->f, "demo", "1.2.0");
    assert_asked(w->s, "GET /stable/index.yaml|Basic bWU6czNjcmV0|\n");
    assert_asked(w->s, "GET /stable/charts/demo-1.tgz|Basic bWU6czNjcmV0|\n");
    /* Neither a redirect nor a URL of the index takes them elsewhere. */
    (void)site_bytes(other, "/moved.tgz", w->archives[1].data, w->archives[1].size);
    (void)site_bytes(other, "/charts/demo-1.tgz", w->archives[1].data, w->archives[1].size);
    (void)site_text(w->s, "/stable/charts/demo-1.tgz", 302, headers, "");
    assert_fetches(w->f, "demo", "1.2.0");
    char *text = index_of(w, base);
    put_index(w, text);
    assert_fetches(w->f, "demo", "1.2.0");
    assert_asked(other, "GET /charts/demo-1.tgz||\n");
    assert_not_asked(other, basic);
    w->f->options.pass_credentials = 1;
    assert_fetches(w->f, "demo", "1.2.0");
    assert_asked(other, "GET /charts/demo-1.tgz|Basic bWU6czNjcmV0|\n");
    assert_not_asked(other, "GET /moved.tgz|Basic");
    /* They are in no message. */
    (void)site_text(other, "/charts/demo-1.tgz", 401, "", "");
    assert_refuses(w->f, "demo", VCLUSTER_E_UNAUTHENTICATED, "pass username and password");
    assert_null(strstr(vcluster_error_to_string(w->f->error), "s3cret"));
    free(text);
    free(base);
    free(headers);
    site_stop(other);
}

static void https_is_never_left_for_http(void **state)
{
    world *w = *state;
    site *safe = site_start(true);
    char *headers = vcl_format("Location: %s/stable/charts/demo-1.tgz\r\n", w->s->url);
    char *url = vcl_format("%s/x.tgz", safe->url);
    char *ca_file = vcl_format("%s/ca.pem", w->f->folder);
    int before = site_requests(w->s);

    write_file(w->f, "ca.pem", safe->ca_pem);
    w->f->options.ca_file = ca_file;
    (void)site_bytes(safe, "/x.tgz", w->archives[1].data, w->archives[1].size);
    const char *repository = w->f->options.repository;
    w->f->options.repository = NULL;
    assert_fetches(w->f, url, "1.2.0");
    (void)site_text(safe, "/x.tgz", 302, headers, "");
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "from https to http");
    assert_int_equal(site_requests(w->s), before);
    w->f->options.ca_file = NULL;
    assert_refuses(w->f, url, VCLUSTER_E_UNAVAILABLE, "not trusted");
    w->f->options.insecure_skip_tls_verify = 1;
    assert_refuses(w->f, url, VCLUSTER_E_PROTOCOL, "from https to http");
    w->f->options.ca_file = "/no/such.pem";
    assert_refuses(w->f, url, VCLUSTER_E_INVALID_ARGUMENT, "cannot read ca_file '/no/such.pem'");
    w->f->options.ca_file = NULL;
    w->f->options.client_cert_file = ca_file;
    assert_refuses(w->f, url, VCLUSTER_E_INVALID_ARGUMENT, "together");
    w->f->options.client_cert_file = NULL;
    free(ca_file);
    free(url);
    free(headers);
    site_stop(safe);
    w->f->options.repository = repository;
}

static void urls_of_an_index_are_resolved(void **state)
{
    static const char *const urls[] = { "charts/demo-1.tgz", "/stable/charts/demo-1.tgz",
                                        "../stable/charts/demo-1.tgz", "./charts/demo-1.tgz" };
    world *w = *state;

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char *text = vcl_format("apiVersion: v1\nentries:\n  demo:\n  - version: 1.2.0\n"
                                "    urls: [\"%s\", ignored.tgz]\n",
                                urls[i]);
        put_index(w, text);
        assert_fetches(w->f, "demo", "1.2.0");
        free(text);
    }
    put_index(w, "apiVersion: v1\nentries:\n  demo:\n  - version: 1.2.0\n"
                 "    urls: [\"file:///etc/passwd\"]\n");
    assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, "neither http, https nor oci");
    put_index(w, "apiVersion: v1\nentries:\n  demo:\n  - version: 1.2.0\n    urls: []\n");
    assert_refuses(w->f, "demo", VCLUSTER_E_PROTOCOL, "has no URL of demo 1.2.0");
}

static void query_of_a_repository_is_kept(void **state)
{
    world *w = *state;
    char *url = NULL;
    char *with = vcl_format("%s/stable/?token=x", w->s->url);

    memcpy(&url, &w->f->options.repository, sizeof(url));
    free(url);
    w->f->options.repository = with;
    char *text = index_of(w, "");
    (void)site_text(w->s, "/stable/index.yaml?token=x", 200, "", text);
    (void)site_bytes(w->s, "/stable/charts/demo-1.tgz?token=x", w->archives[1].data,
                     w->archives[1].size);
    assert_fetches(w->f, "demo", "1.2.0");
    assert_asked(w->s, "GET /stable/charts/demo-1.tgz?token=x|");
    free(text);
}

static void archive_that_a_server_calls_compressed_is_taken_as_it_is(void **state)
{
    world *w = *state;
    route *r =
        site_bytes(w->s, "/stable/charts/demo-1.tgz", w->archives[1].data, w->archives[1].size);

    free(r->headers);
    r->headers = strdup("Content-Encoding: gzip\r\n");
    assert_fetches(w->f, "demo", "1.2.0");
}

static void hostile_names_of_an_index_lead_nowhere(void **state)
{
    world *w = *state;
    archive evil = archive_new("../../evil", "1.2.0");

    (void)site_bytes(w->s, "/stable/evil.tgz", evil.data, evil.size);
    put_index(w, "apiVersion: v1\nentries:\n  demo:\n  - version: ../../../x\n    urls: [a]\n"
                 "  - version: 1.2.0\n    urls: [evil.tgz]\n");
    int status = fetch(w->f, "demo");
    if (status < 0) /* a name with a slash is no chart's */
        assert_fails(status, VCLUSTER_E_CONFIG, w->f->error, "evil");
    assert_int_equal(count_files(w->f, "tmp"), status < 0 ? -1 : 0);
    assert_int_equal(access("/tmp/evil", F_OK), -1);
    archive_done(&evil);
}

static void fetch_ends_when_it_is_cancelled(void **state)
{
    world *w = *state;
    vcluster_cancel *cancel = NULL;

    assert_int_equal(vcluster_cancel_new(&cancel, NULL), 0);
    vcluster_cancel_trigger(cancel);
    w->f->options.cancel = cancel;
    assert_refuses(w->f, "demo", VCLUSTER_E_CANCELLED, "");
    assert_int_equal(site_requests(w->s), 0);
    vcluster_cancel_free(cancel);
}

static void paths_are_loaded_from_disk(void **state)
{
    world *w = *state;
    char *folder = vcl_format("%s/here", w->f->folder);
    char *url = NULL;

    memcpy(&url, &w->f->options.repository, sizeof(url));
    free(url);
    w->f->options.repository = NULL;
    write_file(w->f, "here/Chart.yaml", "apiVersion: v2\nname: here\nversion: 3.0.0\n");
    assert_fetches(w->f, folder, "3.0.0");
    w->f->options.version = "1.0.0"; /* files have none to choose from */
    assert_fetches(w->f, folder, "3.0.0");
    w->f->options.version = NULL;
    assert_refuses(w->f, "./no-such", VCLUSTER_E_NOT_FOUND, "no-such");
    assert_refuses(w->f, "no-such", VCLUSTER_E_NOT_FOUND, "name a repository");
    w->f->options.repository = "oci://localhost/x";
    assert_refuses(w->f, "demo", VCLUSTER_E_INVALID_ARGUMENT, "no http or https URL");
    w->f->options.repository = "https://me:pw@localhost/x";
    assert_refuses(w->f, "demo", VCLUSTER_E_INVALID_ARGUMENT, "user name or password");
    assert_int_equal(site_requests(w->s), 0);
    w->f->options.repository = NULL;
    free(folder);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_a_process(argv[1], argv[2]);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(newest_that_is_no_prerelease_is_chosen),
        TEST(constraints_choose_as_helm_does),
        TEST(version_that_is_not_there_lists_the_nearest),
        TEST(chart_that_is_not_there_lists_the_nearest),
        TEST(pinned_version_in_the_cache_needs_no_network),
        TEST(cache_is_private_and_can_be_left_out),
        TEST(damaged_cache_is_fetched_again),
        TEST(cache_that_cannot_be_written_is_no_error),
        TEST(sixteen_processes_may_fetch_at_once),
        TEST(wrong_digest_is_refused_and_not_kept),
        TEST(digest_that_is_not_sha256_is_refused),
        TEST(truncated_archive_is_refused),
        TEST(index_that_is_none_is_refused),
        TEST(http_errors_say_what_to_do),
        TEST(redirects_are_followed_ten_times),
        TEST(credentials_stay_with_the_repository),
        TEST(https_is_never_left_for_http),
        TEST(urls_of_an_index_are_resolved),
        TEST(query_of_a_repository_is_kept),
        TEST(archive_that_a_server_calls_compressed_is_taken_as_it_is),
        TEST(hostile_names_of_an_index_lead_nowhere),
        TEST(fetch_ends_when_it_is_cancelled),
        TEST(paths_are_loaded_from_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
