/* SPDX-License-Identifier: Apache-2.0 */
/* Names on the host, by the vectors of upstream's rule. */
#include "sync/translate.h"

#include <string.h>

#include "base/cleanup.h"
#include "cmocka_support.h"

#define A10 "aaaaaaaaaa"
#define B10 "bbbbbbbbbb"

static void assert_name(const char *vcluster,
                        const char *kind,
                        const char *namespace_name,
                        const char *name,
                        const char *wanted)
{
    const vcl_sync_owner owner = { .name = vcluster, .namespace_name = "vcluster-dev" };
    vcl_auto_free char *host = vcl_translate_name(&owner, kind, namespace_name, name);

    assert_non_null(host);
    assert_string_equal(host, wanted);
    assert_true(strlen(host) <= VCL_HOST_NAME_MAX);
}

static void namespaced_objects_are_joined(void **state)
{
    (void)state;
    assert_name("dev", "Pod", "default", "nginx", "nginx-x-default-x-dev");
    assert_name("my-vcluster", "Pod", "demo", "web-5d4b9c7f6d-abcde",
                "web-5d4b9c7f6d-abcde-x-demo-x-my-vcluster");
    assert_name("team-alpha", "PersistentVolumeClaim", "my-app", "nginx-7854ff8877-x2x9k",
                "nginx-7854ff8877-x2x9k-x-my-app-x-team-alpha");
}

static void long_names_are_cut_and_hashed(void **state)
{
    (void)state;
    assert_name("some-vcluster-with-long-name", "Pod", "some-namespace-with-long-name",
                "some-resource-with-long-name",
                "some-resource-with-long-name-x-some-namespace-with-l-9e644428e1");
    assert_name("cccccccccccccccc", "Pod", B10, A10 A10 A10 "a",
                A10 A10 A10 "a-x-" B10 "-x-cccccccccccccccc");
    assert_name("vc", "Pod", "ns", A10 A10 A10 A10 A10 "a." B10 B10,
                A10 A10 A10 A10 A10 "a-4a5555873b");
}

static void short_names_have_fourteen_characters(void **state)
{
    (void)state;
    assert_name("dev", "ResourceClaim", "default", "nginx", "v5cbie4hatxwt6");
    assert_name("my-vcluster", "ResourceClaim", "demo", "web-5d4b9c7f6d-abcde", "v2suz8to644yq1");
    assert_name("team-alpha", "ResourceClaimTemplate", "my-app", "nginx-7854ff8877-x2x9k",
                "v2j5ia2nrz4u3m");
    assert_name("some-vcluster-with-long-name", "ResourceClaim", "some-namespace-with-long-name",
                "some-resource-with-long-name", "v3y49tumaz67rq");
    assert_name("cccccccccccccccc", "ResourceClaim", B10, A10 A10 A10 "a", "v5359djvygpt4w");
}

static void kinds_of_their_own_have_their_own_names(void **state)
{
    (void)state;
    assert_name("dev", "PriorityClass", "", "high-prio", "vcluster-high-prio-x-vcluster-dev-x-dev");
    assert_name("dev", "Service", "default", "kubernetes", "dev");
    assert_name("dev", "Service", "other", "kubernetes", "kubernetes-x-other-x-dev");
    /* As upstream 0.36.1 was seen to name it. */
    assert_name("dev", "ConfigMap", "default", "kube-root-ca.crt",
                "kube-root-ca.crt-x-default-x-dev");
    assert_name("dev", "IngressClass", "", "nginx", "nginx");
}

static void label_keys_that_upstream_needs_itself_are_renamed(void **state)
{
    static const char *const keys[][2] = {
        { "release", "vcluster.loft.sh/label-dev-x-a4d451ec23" },
        { "vcluster.loft.sh/namespace", "vcluster.loft.sh/label-dev-x-101dcd4e86" },
        { "vcluster.loft.sh/managed-by", "vcluster.loft.sh/label-dev-x-e5f1b28ab2" },
        { "vcluster.loft.sh/controlled-by", "vcluster.loft.sh/label-dev-x-2080cec00f" },
        { "app", "app" },
    };
    const vcl_sync_owner owner = { .name = "dev", .namespace_name = "vcluster-dev" };
    (void)state;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        vcl_auto_free char *host = vcl_translate_label_key(&owner, keys[i][0]);
        assert_string_equal(host, keys[i][1]);
    }
    vcl_auto_free char *of_namespace =
        vcl_translate_namespace_label_key(&owner, "kubernetes.io/metadata.name");
    assert_string_equal(of_namespace, "vcluster.loft.sh/ns-label-dev-x-cf1227b7b2");
}

static void the_marker_of_cluster_scoped_objects_has_the_namespace(void **state)
{
    const vcl_sync_owner owner = { .name = "dev", .namespace_name = "vcluster-dev" };
    vcl_auto_free char *namespaced = vcl_sync_marker(&owner, false);
    vcl_auto_free char *cluster = vcl_sync_marker(&owner, true);
    (void)state;

    assert_string_equal(namespaced, "dev");
    assert_string_equal(cluster, "vcluster-dev-x-dev");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespaced_objects_are_joined),
        cmocka_unit_test(long_names_are_cut_and_hashed),
        cmocka_unit_test(short_names_have_fourteen_characters),
        cmocka_unit_test(kinds_of_their_own_have_their_own_names),
        cmocka_unit_test(label_keys_that_upstream_needs_itself_are_renamed),
        cmocka_unit_test(the_marker_of_cluster_scoped_objects_has_the_namespace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
