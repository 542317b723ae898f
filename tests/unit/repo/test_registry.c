/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from an OCI registry, by way of servers in this program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "repo_fixture.h"

#define CHART_CONFIG "application/vnd.cncf.helm.config.v1+json"
#define CHART_LAYER "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define REPO "/v2/org/charts/demo"

typedef struct world {
    fixture *f;
    site *s;
    archive a;
    char *manifest;
    char manifest_digest[VCL_SHA256_HEX_SIZE];
    char reference[128]; /* without a tag */
    char tagged[160];
} world;

static char *manifest_of(const archive *a, const char *config, const char *layer)
{
    return vcl_format("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":"
                      "\"sha256:%064d\",\"size\":2},\"layers\":[{\"mediaType\":\"application/"
                      "vnd.cncf.helm.chart.provenance.v1.prov\",\"digest\":\"sha256:%064d\","
                      "\"size\":1},{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%zu}]}",
                      config, 1, 2, layer, a->digest, a->size);
}

static route *put_blob(site *s, const archive *a)
{
    char *path = vcl_format(REPO "/blobs/sha256:%s", a->digest);
    route *r = site_bytes(s, path, a->data, a->size);

    free(path);
    return r;
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof(*w));

    w->f = fixture_new();
    w->s = site_start(false);
    w->f->options.plain_http = 1;
    w->a = archive_new("demo", "1.2.0+b.1");
    w->manifest = manifest_of(&w->a, CHART_CONFIG, CHART_LAYER);
    assert_int_equal(vcl_sha256_hex(w->manifest, strlen(w->manifest), w->manifest_digest, NULL), 0);
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, "", w->manifest);
    (void)put_blob(w->s, &w->a);
    (void)site_text(w->s, REPO "/tags/list?n=1000", 200, "",
                    "{\"name\":\"x\",\"tags\":[\"latest\",\"0.1.0\",\"1.2.0_b.1\",\"2.0.0-rc.1\","
                    "\"v9.0.0\",null,7]}");
    (void)snprintf(w->reference, sizeof(w->reference), "oci://%s/org/charts/demo", w->s->host);
    (void)snprintf(w->tagged, sizeof(w->tagged), "%s:1.2.0_b.1", w->reference);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;

    archive_done(&w->a);
    free(w->manifest);
    site_stop(w->s);
    fixture_done(w->f);
    free(w);
    return 0;
}

/* Let every path of the registry need an authorization. */
static void protect(site *s, const char *needs, const char *challenge)
{
    for (int i = 0; i < s->count; i++) {
        free(s->routes[i].needs);
        free(s->routes[i].challenge);
        s->routes[i].needs = strdup(needs);
        s->routes[i].challenge = strdup(challenge);
    }
}

static void chart_of_a_tag_is_fetched_once(void **state)
{
    world *w = *state;
    char *plus = vcl_format("%s:1.2.0+b.1", w->reference);

    assert_fetches(w->f, plus, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 2);
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    w->f->options.version = "1.2.0+b.1";
    assert_fetches(w->f, w->reference, "1.2.0+b.1");
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 2);
    w->f->options.no_cache = 1;
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 4);
    free(plus);
}

static void version_is_chosen_among_the_tags(void **state)
{
    world *w = *state;

    assert_fetches(w->f, w->reference, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 3);
    w->f->options.version = "^1.1";
    assert_fetches(w->f, w->reference, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 4); /* the list alone: the rest is in the cache */
    w->f->options.version = "^3";
    assert_refuses(w->f, w->reference, VCLUSTER_E_NOT_FOUND,
                   "there are 2.0.0-rc.1, 1.2.0+b.1, 0.1.0");
    w->f->options.version = "1.2.5";
    assert_refuses(w->f, w->reference, VCLUSTER_E_NOT_FOUND, "there are 2.0.0-rc.1, 1.2.0+b.1");
    w->f->options.version = "1.1.1";
    assert_refuses(w->f, w->tagged, VCLUSTER_E_INVALID_ARGUMENT, "do not agree");
}

static void tags_come_in_pages(void **state)
{
    world *w = *state;

    (void)site_text(w->s, REPO "/tags/list?n=1000", 200,
                    "Link: <" REPO "/tags/list?n=1000&last=a>; rel=\"next\"\r\n",
                    "{\"tags\":[\"0.1.0\"]}");
    (void)site_text(w->s, REPO "/tags/list?n=1000&last=a", 200,
                    "Link: <tags/list?last=b>; rel=\"next\"\r\n", "{\"tags\":null}");
    (void)site_text(w->s, REPO "/tags/list?last=b", 200,
                    "Link: <http://127.0.0.1:1/v2/x>; rel=\"next\"\r\n",
                    "{\"tags\":[\"1.2.0_b.1\"]}");
    assert_fetches(w->f, w->reference, "1.2.0+b.1");
    (void)site_text(w->s, REPO "/tags/list?n=1000", 200, "", "{\"tags\":{}}");
    assert_refuses(w->f, w->reference, VCLUSTER_E_PROTOCOL, "no list of tags");
    (void)site_text(w->s, REPO "/tags/list?n=1000", 200, "", "<html>");
    assert_refuses(w->f, w->reference, VCLUSTER_E_PROTOCOL, "tags");
}

static void chart_is_fetched_by_digest(void **state)
{
    world *w = *state;
    char *reference = vcl_format("%s@sha256:%s", w->reference, w->manifest_digest);
    char *path = vcl_format(REPO "/manifests/sha256:%s", w->manifest_digest);

    (void)site_text(w->s, path, 200, "", w->manifest);
    assert_fetches(w->f, reference, "1.2.0+b.1");
    assert_fetches(w->f, reference, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 2);
    w->f->options.no_cache = 1;
    char *other = vcl_format("%s ", w->manifest);
    (void)site_text(w->s, path, 200, "", other);
    assert_refuses(w->f, reference, VCLUSTER_E_PROTOCOL, "has not the digest");
    free(other);
    free(reference);
    free(path);
}

static void wrong_digests_are_refused(void **state)
{
    world *w = *state;
    char *header = vcl_format("Docker-Content-Digest: sha256:%s\r\n", w->a.digest);
    archive other = archive_new("demo", "6.6.6");
    char *path = vcl_format(REPO "/blobs/sha256:%s", w->a.digest);

    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, header, w->manifest);
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "manifest of 'oci://localhost:");
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, "", w->manifest);
    (void)site_bytes(w->s, path, other.data, other.size > w->a.size ? w->a.size : other.size);
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "archive of 'oci://localhost:");
    /* No more is read than was announced. */
    char *much = calloc(1, 4 << 20);
    (void)site_bytes(w->s, path, much, 4 << 20);
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "larger than the limit");
    assert_int_equal(count_files(w->f, "sha256"), -1);
    free(much);
    free(header);
    free(path);
    archive_done(&other);
}

static void index_leads_to_the_manifest_of_the_chart(void **state)
{
    world *w = *state;
    char *image = manifest_of(&w->a, "application/vnd.oci.image.config.v1+json", "x");
    char image_digest[VCL_SHA256_HEX_SIZE];

    assert_int_equal(vcl_sha256_hex(image, strlen(image), image_digest, NULL), 0);
    char *index = vcl_format("{\"manifests\":[null,{\"digest\":\"sha256:%s\"},{\"digest\":"
                             "\"sha256:%s\"}]}",
                             image_digest, w->manifest_digest);
    char *paths[] = { vcl_format(REPO "/manifests/sha256:%s", image_digest),
                      vcl_format(REPO "/manifests/sha256:%s", w->manifest_digest) };
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, "", index);
    (void)site_text(w->s, paths[0], 200, "", image);
    (void)site_text(w->s, paths[1], 200, "", w->manifest);
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    w->f->options.no_cache = 1;
    (void)site_text(w->s, paths[1], 200, "", index);
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "has not the digest");
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, "", image);
    assert_refuses(w->f, w->tagged, VCLUSTER_E_CONFIG, "is no chart");
    free(paths[0]);
    free(paths[1]);
    free(index);
    free(image);
}

static void token_is_fetched_without_credentials(void **state)
{
    world *w = *state;
    char *challenge =
        vcl_format("Bearer realm=\"%s/token?a=b\",service=\"reg x\",scope=\"repository:org/charts/"
                   "demo:pull\"",
                   w->s->url);

    protect(w->s, "Bearer t0ken", challenge);
    (void)site_text(w->s,
                    "/token?a=b&service=reg%20x&scope=repository%3Aorg%2Fcharts%2Fdemo%3Apull", 200,
                    "", "{\"access_token\":\"t0ken\"}");
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 4); /* 401, token, manifest, blob */
    assert_asked(w->s, "Apull||\n");
    free(challenge);
}

static void token_is_fetched_with_the_options_credentials(void **state)
{
    world *w = *state;
    char *challenge = vcl_format("Bearer realm=\"%s/token\"", w->s->url);

    protect(w->s, "Bearer t0ken", challenge);
    route *token = site_text(w->s, "/token?scope=repository%3Aorg%2Fcharts%2Fdemo%3Apull", 200, "",
                             "{\"token\":\"t0ken\"}");
    token->needs = strdup("Basic bWU6czNjcmV0");
    w->f->options.username = "me";
    w->f->options.password = "s3cret";
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    w->f->options.password = "wrong";
    w->f->options.no_cache = 1;
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAUTHENTICATED, "(UNAUTHORIZED: log in)");
    assert_null(strstr(vcluster_error_to_string(w->f->error), "wrong"));
    assert_not_asked(w->s, "manifests/1.2.0_b.1|Basic");
    (void)site_text(w->s, "/token?scope=repository%3Aorg%2Fcharts%2Fdemo%3Apull", 200, "",
                    "{\"token\":\"t0\\r\\nX: y\"}");
    w->f->options.password = "s3cret";
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "no token");
    free(challenge);
}

static void token_server_must_be_usable(void **state)
{
    static const char *const challenges[] = { "Bearer realm=\"ftp://x/\"", "Bearer",
                                              "Bearer realm=\"\",service=\"x\"" };
    world *w = *state;

    for (size_t i = 0; i < sizeof(challenges) / sizeof(challenges[0]); i++) {
        protect(w->s, "Bearer t0ken", challenges[i]);
        assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "names a token server");
    }
    protect(w->s, "Bearer t0ken", "Negotiate");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAUTHENTICATED, "pass username and password");
}

static void credentials_of_docker_are_used(void **state)
{
    world *w = *state;
    char *file = vcl_format("{\"auths\":{\"%s\":{\"auth\":\"bWU6czNjcmV0\"}}}", w->s->host);
    char *named = vcl_format("%s/named.json", w->f->folder);

    protect(w->s, "Basic bWU6czNjcmV0", "Basic realm=\"x\"");
    w->f->options.no_cache = 1;
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAUTHENTICATED, "HTTP 401");
    write_file(w->f, ".docker/config.json", file);
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    /* Helm's own file comes first, and one that the options name is the only one. */
    write_file(w->f, ".config/helm/registry/config.json", "{\"auths\":{}}");
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    write_file(w->f, ".config/helm/registry/config.json", "[]");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_CONFIG, "helm/registry/config.json' is not a JSON");
    write_file(w->f, "named.json", file);
    w->f->options.registry_config = named;
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    write_file(w->f, "named.json", "{\"credsStore\":\"pass\"}");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNSUPPORTED, "docker-credential-pass");
    w->f->options.registry_config = "/no/such";
    assert_refuses(w->f, w->tagged, VCLUSTER_E_INVALID_ARGUMENT, "'/no/such'");
    w->f->options.registry_config = NULL;
    assert_int_equal(setenv("HELM_REGISTRY_CONFIG", named, 1), 0);
    write_file(w->f, "named.json", file);
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    free(file);
    free(named);
}

static void refresh_token_is_exchanged(void **state)
{
    world *w = *state;
    char *challenge = vcl_format("Bearer realm=\"%s/token\",service=\"s\"", w->s->url);
    char *file =
        vcl_format("{\"auths\":{\"http://%s/v1/\":{\"identitytoken\":\"re fresh\"}}}", w->s->host);

    protect(w->s, "Bearer t0ken", challenge);
    (void)site_text(w->s, "/token", 200, "", "{\"access_token\":\"t0ken\"}");
    write_file(w->f, ".docker/config.json", file);
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    assert_asked(w->s, "POST /token||grant_type=refresh_token&client_id=libvcluster&refresh_token="
                       "re%20fresh&service=s&scope=");
    free(challenge);
    free(file);
}

static void redirect_of_a_blob_gets_no_credentials(void **state)
{
    world *w = *state;
    site *store = site_start(false);
    char *headers = vcl_format("Location: %s/blob?signature=s1gned\r\n", store->url);

    route *blob = put_blob(w->s, &w->a);
    blob->status = 307;
    free(blob->headers);
    blob->headers = headers;
    protect(w->s, "Basic bWU6czNjcmV0", "Basic realm=\"x\"");
    (void)site_bytes(store, "/blob?signature=s1gned", w->a.data, w->a.size);
    w->f->options.username = "me";
    w->f->options.password = "s3cret";
    assert_fetches(w->f, w->tagged, "1.2.0+b.1");
    assert_asked(store, "GET /blob?signature=s1gned||\n");
    /* Nor may the other server ask for them. */
    w->f->options.no_cache = 1;
    store->routes[0].needs = strdup("Basic x");
    store->routes[0].challenge = strdup("Basic realm=\"y\"");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAUTHENTICATED, "archive of");
    assert_not_asked(store, "Basic");
    assert_null(strstr(vcluster_error_to_string(w->f->error), "s1gned"));
    store->routes[0].cut = 10;
    free(store->routes[0].needs);
    store->routes[0].needs = NULL;
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAVAILABLE, "was cut");
    assert_null(strstr(vcluster_error_to_string(w->f->error), "s1gned"));
    site_stop(store);
}

static void http_errors_say_what_to_do(void **state)
{
    world *w = *state;

    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 403, "",
                    "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not\\nyours\"}]}");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PERMISSION, "(DENIED: not yours)");
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 404, "", "");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_NOT_FOUND, "HTTP 404 for the manifest of 'oci://");
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 500, "", "<html>");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_UNAVAILABLE, "HTTP 500");
    (void)site_text(w->s, REPO "/manifests/1.2.0_b.1", 200, "", "<html>");
    assert_refuses(w->f, w->tagged, VCLUSTER_E_PROTOCOL, "manifest");
}

static void index_of_a_repository_may_name_a_registry(void **state)
{
    world *w = *state;
    char *index = vcl_format("apiVersion: v1\nentries:\n  demo:\n  - version: 1.2.0+b.1\n"
                             "    digest: of-something-else\n    urls: [\"%s\"]\n",
                             w->tagged);

    (void)site_text(w->s, "/index.yaml", 200, "", index);
    w->f->options.repository = w->s->url;
    w->f->options.version = "1.2.0";
    assert_fetches(w->f, "demo", "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 3);
    assert_fetches(w->f, "demo", "1.2.0+b.1");
    w->f->options.version = "1.2.0+b.1";
    assert_fetches(w->f, "demo", "1.2.0+b.1");
    assert_int_equal(site_requests(w->s), 3);
    free(index);
}

/* ---- Upstream's chart ---- */

static void settings(world *w, const char *source, const char *version)
{
    char *text =
        vcl_format("charts:\n  upstream:\n    source: %s\n    version: %s\n", source, version);

    write_file(w->f, ".config/libvcluster/config.yaml", text);
    free(text);
}

static void upstream_comes_from_where_the_settings_say(void **state)
{
    world *w = *state;
    archive upstream = archive_new("vcluster", VCLUSTER_UPSTREAM_CHART_VERSION);
    char *index = vcl_format("apiVersion: v1\nentries:\n  vcluster:\n  - version: 1.2.0+b.1\n"
                             "    urls: [new.tgz]\n  - version: %s\n    urls: [x.tgz]\n",
                             VCLUSTER_UPSTREAM_CHART_VERSION);
    char *archive_url = vcl_format("%s/new.tgz", w->s->url);
    char *folder = vcl_format("%s/here", w->f->folder);

    (void)site_text(w->s, "/index.yaml", 200, "", index);
    (void)site_bytes(w->s, "/x.tgz", upstream.data, upstream.size);
    (void)site_bytes(w->s, "/new.tgz", w->a.data, w->a.size);
    write_file(w->f, "here/Chart.yaml", "apiVersion: v2\nname: vcluster\nversion: 3.0.0\n");

    settings(w, w->s->url, "~");
    assert_fetches(w->f, "vcluster", VCLUSTER_UPSTREAM_CHART_VERSION);
    settings(w, w->s->url, "\"^1\"");
    assert_fetches(w->f, "vcluster", "1.2.0+b.1");
    w->f->options.version = VCLUSTER_UPSTREAM_CHART_VERSION;
    assert_fetches(w->f, "vcluster", VCLUSTER_UPSTREAM_CHART_VERSION);
    w->f->options.version = NULL;
    settings(w, archive_url, "~");
    assert_fetches(w->f, "vcluster", "1.2.0+b.1");
    settings(w, folder, "~");
    assert_fetches(w->f, "vcluster", "3.0.0");
    settings(w, w->tagged, "~");
    assert_fetches(w->f, "vcluster", "1.2.0+b.1");
    settings(w, w->reference, "^1");
    assert_fetches(w->f, "vcluster", "1.2.0+b.1");
    settings(w, "relative/path", "~");
    assert_refuses(w->f, "vcluster", VCLUSTER_E_CONFIG, "charts.upstream.source");
    settings(w, "/x", "1.5");
    assert_refuses(w->f, "vcluster", VCLUSTER_E_CONFIG, "put it into quotes");
    settings(w, "[", "");
    assert_refuses(w->f, "vcluster", VCLUSTER_E_CONFIG, "libvcluster/config.yaml'");
    w->f->options.repository = w->s->url; /* then it is a chart like any other */
    assert_fetches(w->f, "vcluster", "1.2.0+b.1");
    archive_done(&upstream);
    free(index);
    free(archive_url);
    free(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(chart_of_a_tag_is_fetched_once),
        TEST(version_is_chosen_among_the_tags),
        TEST(tags_come_in_pages),
        TEST(chart_is_fetched_by_digest),
        TEST(wrong_digests_are_refused),
        TEST(index_leads_to_the_manifest_of_the_chart),
        TEST(token_is_fetched_without_credentials),
        TEST(token_is_fetched_with_the_options_credentials),
        TEST(token_server_must_be_usable),
        TEST(credentials_of_docker_are_used),
        TEST(refresh_token_is_exchanged),
        TEST(redirect_of_a_blob_gets_no_credentials),
        TEST(http_errors_say_what_to_do),
        TEST(index_of_a_repository_may_name_a_registry),
        TEST(upstream_comes_from_where_the_settings_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
