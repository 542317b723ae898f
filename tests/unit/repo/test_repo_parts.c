/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of lib/repo that need no server: references, indexes, what registries say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"
#include "repo/choose.h"
#include "repo/credentials.h"
#include "repo/index.h"
#include "repo/oci_text.h"
#include "repo/reference.h"
#include "repo/similar.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- References ---- */

static void references_of_registries_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *host, *path, *tag, *digest;
    } cases[] = {
        { "oci://ghcr.io/org/chart", "ghcr.io", "org/chart", NULL, NULL },
        { "OCI://localhost:5000/a:1.0.0+x.1", "localhost:5000", "a", "1.0.0_x.1", NULL },
        { "oci://[::1]:5000/a/b__c/d.e--f:latest", "[::1]:5000", "a/b__c/d.e--f", "latest", NULL },
        { "oci://h/a@sha256:" DIGEST, "h", "a", NULL, DIGEST },
        { "oci://h/a:v1@sha256:" DIGEST, "h", "a", "v1", DIGEST },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_oci_reference r = { 0 };
        assert_int_equal(vcl_oci_reference_parse(cases[i].text, &r, NULL), 0);
        assert_text_equal(r.host, cases[i].host);
        assert_text_equal(r.path, cases[i].path);
        assert_text_equal(r.tag, cases[i].tag);
        assert_text_equal(r.digest, cases[i].digest);
        vcl_oci_reference_done(&r);
    }
}

static void references_that_are_none_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "oci://",
        "oci://h",
        "oci://h/",
        "oci:///a",
        "oci://h/A",
        "oci://h/../x",
        "oci://h/a//b",
        "oci://h/a/",
        "oci://h/a:",
        "oci://h/-a",
        "oci://h/a-",
        "oci://h/a..b",
        "oci://h/a___b",
        "oci://u@h/a",
        "oci://h/a?",
        "oci://h/a:x y",
        "oci://h/a:.x",
        "oci://h/a@sha256:12",
        ("oci://h/a@md5:" DIGEST),
        "oci://h\n/a",
        "oci://-h/a",
        "http://h/a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_oci_reference r = { 0 };
        if (vcl_oci_reference_parse(cases[i], &r, NULL) != VCLUSTER_E_INVALID_ARGUMENT)
            fail_msg("'%s' is no reference", cases[i]);
        assert_null(r.host);
    }
}

static void kinds_of_references_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(vcl_reference_kind_of("oci://h/a", true), VCL_REFERENCE_OCI);
    assert_int_equal(vcl_reference_kind_of("HTTPS://h/a.tgz", false), VCL_REFERENCE_URL);
    assert_int_equal(vcl_reference_kind_of("./a", false), VCL_REFERENCE_PATH);
    assert_int_equal(vcl_reference_kind_of("/dev/null", false), VCL_REFERENCE_PATH);
    assert_int_equal(vcl_reference_kind_of("nginx", false), VCL_REFERENCE_NAME);
    assert_int_equal(vcl_reference_kind_of("nginx", true), VCL_REFERENCE_NAME);
}

/* ---- Choosing ---- */

static void nearest_versions_surround_the_wanted_one(void **state)
{
    static const char *const all[] = { "1.0.0", "2.0.0", "3.0.0", "4.0.0",
                                       "5.0.0", "6.0.0", "7.0.0", "junk" };
    static const char *const cases[][2] = {
        { "4.5.0", "6.0.0, 5.0.0, 4.0.0, 3.0.0, 2.0.0" },
        { "9.0.0", "7.0.0, 6.0.0, 5.0.0, 4.0.0, 3.0.0" },
        { "0.1.0", "5.0.0, 4.0.0, 3.0.0, 2.0.0, 1.0.0" },
        { "^9", "7.0.0, 6.0.0, 5.0.0, 4.0.0, 3.0.0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_CANDIDATES candidates = { 0 };
        VCL_AUTO_WANTED wanted = { 0 };
        size_t chosen = 0;
        for (size_t k = 0; k < 8; k++)
            assert_true(vcl_candidates_add(&candidates, all[k], false, k));
        assert_int_equal(vcl_wanted_init(&wanted, cases[i][0], false, NULL), 0);
        assert_false(vcl_candidates_choose(&candidates, &wanted, &chosen));
        char *near = vcl_candidates_near(&candidates, &wanted);
        assert_text_equal(near, cases[i][1]);
        free(near);
    }
}

static void only_complete_versions_are_pinned(void **state)
{
    static const struct {
        const char *text;
        bool pinned;
    } cases[] = { { "1.2.3", true },   { "v1.2.3-rc.1+x", true }, { "1.2", false },
                  { "=1.2.3", false }, { "1.2.x", false },        { NULL, false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_WANTED wanted = { 0 };
        assert_int_equal(vcl_wanted_init(&wanted, cases[i].text, false, NULL), 0);
        assert_true(wanted.pinned == cases[i].pinned);
    }
}

static void distance_counts_edits(void **state)
{
    (void)state;
    assert_uint_equal(vcl_distance("", ""), 0);
    assert_uint_equal(vcl_distance("kitten", "sitting"), 3);
    assert_uint_equal(vcl_distance("abc", ""), 3);
    assert_uint_equal(vcl_distance("vcluster", "vcluster"), 0);
}

/* ---- Indexes ---- */

static int read_index(const char *text, vcl_index *index, vcluster_error **error)
{
    return vcl_index_read(text, strlen(text), "demo", NULL, index, error);
}

static void index_may_have_null_at_every_node(void **state)
{
    static const char *const good[] = {
        "apiVersion: v1\nentries:\n",
        "apiVersion: v1\nentries: null\n",
        "apiVersion: v1\nentries: ~\n",
        "apiVersion: v1\nentries: []\n",
        "apiVersion: v1\nentries: text\n",
        "apiVersion: v1\nentries:\n  demo:\n",
        "apiVersion: v1\nentries:\n  demo: null\n",
        "apiVersion: v1\nentries:\n  demo: {}\n",
        "apiVersion: v1\nentries:\n  demo: []\n",
        "apiVersion: v1\nentries:\n  demo:\n  - null\n",
        "apiVersion: v1\nentries:\n  demo:\n  - []\n  - x\n",
        "apiVersion: v1\nentries:\n  demo:\n  - {}\n",
        "apiVersion: v1\nentries:\n  demo:\n  - version:\n",
        "apiVersion: v1\nentries:\n  demo:\n  - version: null\n",
        "apiVersion: v1\nentries:\n  demo:\n  - version: [1]\n    urls: null\n",
        "apiVersion: v1\nentries:\n  demo:\n  - null: 1\n    ? [a]\n    : b\n",
        "apiVersion: v1\nentries:\n  demo: &a [*a]\n",
        "apiVersion: v1\nentries:\n  null: []\n",
        "null: 1\napiVersion: v1\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        VCL_AUTO_INDEX index = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        int status = read_index(good[i], &index, &error);
        assert_ok(status, error);
        assert_uint_equal(index.count, 0);
    }
    static const char *const partial[] = {
        "apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n    urls:\n    digest:\n",
        "apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n    urls: [null, ~]\n    digest: "
        "~\n",
        "apiVersion: v1\nentries:\n  demo:\n  - null\n  - version: 1.0.0\n    urls: [[a], {b: "
        "c}]\n",
        "entries:\n  demo:\n  - {version: 1.0.0, urls: x, digest: [y]}\napiVersion: v1\n",
    };
    for (size_t i = 0; i < sizeof(partial) / sizeof(partial[0]); i++) {
        VCL_AUTO_INDEX index = { 0 };
        assert_int_equal(read_index(partial[i], &index, NULL), 0);
        assert_uint_equal(index.count, 1);
        assert_string_equal(index.versions[0].version, "1.0.0");
        assert_null(index.versions[0].url);
        assert_null(index.versions[0].digest);
    }
}

static void index_may_be_json(void **state)
{
    VCL_AUTO_INDEX index = { 0 };

    (void)state;
    assert_int_equal(read_index("{\"apiVersion\": \"v1\", \"entries\": {\"x\": [], \"demo\": "
                                "[{\"version\": \"1.0.0\", \"urls\": [\"http:\\/\\/h\\/a\", "
                                "\"b\"], \"digest\": \"d\"}]}}",
                                &index, NULL),
                     0);
    assert_uint_equal(index.count, 1);
    assert_string_equal(index.versions[0].url, "http://h/a");
    assert_string_equal(index.versions[0].digest, "d");
    assert_string_equal(index.near[0], "x");
}

static void index_is_bounded(void **state)
{
    VCL_AUTO_BUF text = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_index index = { 0 };

    (void)state;
    vcl_buf_init(&text, 16 << 20);
    vcl_buf_add(&text, "apiVersion: v1\nentries:\n  demo:\n");
    for (int i = 0; i <= VCL_MAX_INDEX_VERSIONS; i++)
        vcl_buf_addf(&text, "  - {version: 1.0.%d}\n", i);
    assert_fails(read_index(vcl_buf_text(&text), &index, &error), VCLUSTER_E_PROTOCOL, error,
                 "too many versions");
    vcl_error_clear(&error);
    vcl_buf_reset(&text);
    vcl_buf_add(&text, "apiVersion: v1\nx: ");
    for (int i = 0; i < 100000; i++)
        vcl_buf_add(&text, "[");
    assert_fails(read_index(vcl_buf_text(&text), &index, &error), VCLUSTER_E_PROTOCOL, error,
                 "nested too deep");
}

static void index_of_many_megabytes_is_read(void **state)
{
    VCL_AUTO_BUF text = { 0 };
    VCL_AUTO_INDEX index = { 0 };

    (void)state;
    vcl_buf_init(&text, 16 << 20);
    vcl_buf_add(&text, "apiVersion: v1\nentries:\n");
    for (int i = 0; text.size < 5U << 20; i++)
        vcl_buf_addf(&text,
                     "  chart-%d:\n  - version: 1.0.0\n    urls: [a]\n    description: %0512d\n", i,
                     i);
    vcl_buf_add(&text, "  demo:\n  - version: 1.0.0\n    urls: [b]\n");
    assert_true(text.size > VCL_MAX_DOCUMENT);
    assert_int_equal(read_index(vcl_buf_text(&text), &index, NULL), 0);
    assert_uint_equal(index.count, 1);
    assert_string_equal(index.versions[0].url, "b");
}

/* ---- Registries ---- */

static void manifests_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        { "", VCLUSTER_E_PROTOCOL },
        { "null", VCLUSTER_E_PROTOCOL },
        { "[]", VCLUSTER_E_PROTOCOL },
        { "{}", VCLUSTER_E_PROTOCOL },
        { "{\"config\":null,\"layers\":null}", VCLUSTER_E_PROTOCOL },
        { "{\"config\":{\"mediaType\":\"x\"}}", VCLUSTER_E_CONFIG },
        { "{\"manifests\":[]}", VCLUSTER_E_PROTOCOL },
        { "{\"manifests\":[null,1,{\"digest\":\"sha256:12\"}]}", VCLUSTER_E_PROTOCOL },
#define CONFIG                                                                                     \
    "{\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"},\"layers\":"
#define LAYER "{\"mediaType\":\"application/vnd.cncf.helm.chart.content.v1.tar+gzip\""
        { CONFIG "null}", VCLUSTER_E_CONFIG },
        { CONFIG "[null,{}]}", VCLUSTER_E_CONFIG },
        { CONFIG "[" LAYER "}]}", VCLUSTER_E_PROTOCOL },
        { CONFIG "[" LAYER ",\"digest\":\"sha512:" DIGEST "\",\"size\":1}]}", VCLUSTER_E_PROTOCOL },
        { CONFIG "[" LAYER ",\"digest\":\"sha256:" DIGEST "\"}]}", VCLUSTER_E_PROTOCOL },
        { CONFIG "[" LAYER ",\"digest\":\"sha256:" DIGEST "\",\"size\":-1}]}",
          VCLUSTER_E_PROTOCOL },
        { CONFIG "[" LAYER ",\"digest\":\"sha256:" DIGEST "\",\"size\":104857601}]}",
          VCLUSTER_E_PROTOCOL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_oci_manifest manifest = { 0 };
        int status = vcl_oci_manifest_parse(cases[i].text, strlen(cases[i].text), &manifest, NULL);
        if (status != cases[i].code)
            fail_msg("%s: %d", cases[i].text, status);
    }
    static const char full[] =
        CONFIG "[" LAYER ",\"digest\":\"sha256:" DIGEST "\",\"size\":104857600}]}";
    vcl_oci_manifest manifest = { 0 };
    assert_int_equal(vcl_oci_manifest_parse(full, strlen(full), &manifest, NULL), 0);
    assert_string_equal(manifest.layer, DIGEST);
    assert_int_equal(manifest.layer_size, VCL_MAX_CHART_TOTAL);
}

static void challenges_are_taken_apart(void **state)
{
    static const struct {
        const char *header;
        bool basic, bearer;
        const char *realm, *service, *scope;
    } cases[] = {
        { NULL, false, false, NULL, NULL, NULL },
        { "Basic realm=\"x\"", true, false, NULL, NULL, NULL },
        { "Bearer realm=\"https://a/b?c=d\",service=\"s\",scope=\"x y\"", false, true,
          "https://a/b?c=d", "s", "x y" },
        { "bearer REALM = a , Service=b", false, true, "a", "b", NULL },
        { "Basic realm=\"r\", Bearer realm=\"q\\\"uoted\"", true, true, "q\"uoted", NULL, NULL },
        { "Bearer realm=\"a\", Basic realm=\"b\", service=\"c\"", true, true, "a", NULL, NULL },
        { "Negotiate, NTLM \"\" = ,,,=\"", false, false, NULL, NULL, NULL },
        { "Bearer realm=\"open", false, true, "open", NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_challenge c = { 0 };
        assert_true(vcl_challenge_parse(cases[i].header, &c));
        assert_true(c.basic == cases[i].basic && c.bearer == cases[i].bearer);
        assert_text_equal(c.realm, cases[i].realm);
        assert_text_equal(c.service, cases[i].service);
        assert_text_equal(c.scope, cases[i].scope);
        vcl_challenge_done(&c);
    }
}

static void next_link_is_found(void **state)
{
    static const char *const cases[][2] = {
        { NULL, NULL },
        { "</a>; rel=\"next\"", "/a" },
        { "</a>; rel=prev, </b>; rel=next", "/b" },
        { "</a>", NULL },
        { "<a", NULL },
        { "<>; REL=\"next\"", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *link = vcl_next_link(cases[i][0]);
        assert_text_equal(link, cases[i][1]);
        free(link);
    }
}

static void credentials_are_found_by_host(void **state)
{
    static const struct {
        const char *config, *host, *username, *password, *helper;
    } cases[] = {
        { "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpiOmM=\"}}}", "ghcr.io", "a", "b:c", NULL },
        { "{\"auths\":{\"https://GHCR.io/v2/\":{\"username\":\"u\",\"password\":\"p\"}}}",
          "ghcr.io", "u", "p", NULL },
        { "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YTpi\"}}}", "docker.io", "a",
          "b", NULL },
        { "{\"auths\":{\"docker.io\":{\"auth\":\"YTpi\"}}}", "registry-1.docker.io", "a", "b",
          NULL },
        { "{\"auths\":{\"ghcr.io:443\":{\"auth\":\"YTpi\"}}}", "ghcr.io", NULL, NULL, NULL },
        { "{\"auths\":{\"ghcr.io.evil\":{\"auth\":\"YTpi\"}}}", "ghcr.io", NULL, NULL, NULL },
        { "{\"auths\":{\"ghcr.io\":null},\"credsStore\":\"pass\"}", "ghcr.io", NULL, NULL, "pass" },
        { "{\"credHelpers\":{\"ghcr.io\":\"gh\"},\"credsStore\":\"pass\"}", "ghcr.io", NULL, NULL,
          "gh" },
        { "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}},\"credsStore\":\"pass\"}", "ghcr.io", "a",
          "b", NULL },
        { "{\"auths\":null,\"credHelpers\":[],\"credsStore\":7}", "ghcr.io", NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *tree = NULL;
        vcl_credentials c = { 0 };
        assert_int_equal(vcl_json_parse(cases[i].config, strlen(cases[i].config), &tree, NULL), 0);
        assert_int_equal(vcl_credentials_read(tree, cases[i].host, &c, NULL), 0);
        assert_text_equal(c.username, cases[i].username);
        assert_text_equal(c.password, cases[i].password);
        assert_text_equal(c.helper, cases[i].helper);
        vcl_credentials_done(&c);
    }
    VCL_AUTO_JSON *broken = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_credentials c = { 0 };
    static const char text[] = "{\"auths\":{\"h\":{\"auth\":\"c2VjcmV0\"}}}"; /* no colon */
    assert_int_equal(vcl_json_parse(text, strlen(text), &broken, NULL), 0);
    assert_fails(vcl_credentials_read(broken, "h", &c, &error), VCLUSTER_E_CONFIG, error,
                 "'auth' of 'h'");
    assert_null(strstr(vcluster_error_to_string(error), "c2Vj"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_of_registries_are_taken_apart),
        cmocka_unit_test(references_that_are_none_are_refused),
        cmocka_unit_test(kinds_of_references_are_told_apart),
        cmocka_unit_test(nearest_versions_surround_the_wanted_one),
        cmocka_unit_test(only_complete_versions_are_pinned),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(index_may_have_null_at_every_node),
        cmocka_unit_test(index_may_be_json),
        cmocka_unit_test(index_is_bounded),
        cmocka_unit_test(index_of_many_megabytes_is_read),
        cmocka_unit_test(manifests_that_are_none_are_refused),
        cmocka_unit_test(challenges_are_taken_apart),
        cmocka_unit_test(next_link_is_found),
        cmocka_unit_test(credentials_are_found_by_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
