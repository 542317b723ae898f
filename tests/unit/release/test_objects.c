/* SPDX-License-Identifier: Apache-2.0 */
/* Objects in memory: lists and their order, differences, managed fields. */
#include "cm.h"
#include "data/yaml.h"
#include "release/field_diff.h"
#include "release/managed_fields.h"
#include "release/order.h"

static cJSON *parse(const char *yaml)
{
    cJSON *tree = NULL;

    assert_int_equal(vcl_yaml_parse(yaml, strlen(yaml), &tree, NULL), 0);
    return tree;
}

static void assert_json(const cJSON *tree, const char *expected)
{
    char *text = vcl_json_print(tree);

    assert_string_equal(text, expected);
    free(text);
}

static void lists_are_resolved_in_their_place(void **state)
{
    VCL_AUTO_JSON *objects = NULL;

    (void)state;
    assert_int_equal(
        vcl_objects_parse(
            "{kind: A}\n---\n{kind: List, items: [{kind: B}, {kind: CList, apiVersion: "
            "v1, items: [{x: 1}]}]}\n---\n# nothing\n---\n{kind: D}\n---\n"
            "{kind: NotAList, items: 3}\n",
            &objects, NULL),
        0);
    assert_json(objects,
                "[{\"kind\":\"A\"},{\"kind\":\"B\"},{\"x\":1,\"kind\":\"C\","
                "\"apiVersion\":\"v1\"},{\"kind\":\"D\"},{\"kind\":\"NotAList\",\"items\":3}]");
}

static void removal_goes_by_kind_and_unknown_kinds_last(void **state)
{
    static const char *const expected[] = { "Ingress",   "Service",   "Deployment",
                                            "ConfigMap", "ConfigMap", "Secret",
                                            "Namespace", "Apple",     "Zebra" };
    VCL_AUTO_JSON *objects =
        parse("[{kind: Zebra}, {kind: ConfigMap, n: 1}, {kind: Namespace}, {kind: Service}, {kind: "
              "Apple}, {kind: ConfigMap, n: 2}, {kind: Secret}, {kind: Deployment}, {kind: "
              "Ingress}]");
    size_t count = 0;
    vcl_auto_free size_t *order = vcl_objects_removal_order(objects, &count);

    (void)state;
    assert_int_equal(count, 9);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(
            vcl_json_find_string(cJSON_GetArrayItem(objects, (int)order[i]), "kind", NULL),
            expected[i]);
    assert_true(order[3] < order[4]); /* equal ones keep their order */
}

static void objects_are_one_whatever_their_version(void **state)
{
    VCL_AUTO_JSON *a = parse("{apiVersion: apps/v1, kind: X, metadata: {name: n}}");
    VCL_AUTO_JSON *b = parse("{apiVersion: apps/v1beta1, kind: X, metadata: {name: n, namespace: "
                             "ns}}");
    VCL_AUTO_JSON *c = parse("{apiVersion: other/v1, kind: X, metadata: {name: n}}");
    VCL_AUTO_JSON *d = parse("{apiVersion: v1, kind: X, metadata: {name: n}}");

    (void)state;
    assert_true(vcl_object_is_same(a, b, "ns"));
    assert_false(vcl_object_is_same(a, b, "other"));
    assert_false(vcl_object_is_same(a, c, "ns"));
    assert_false(vcl_object_is_same(a, d, "ns"));
    assert_true(vcl_object_is_same(d, d, "ns"));
}

static void keep_is_a_word(void **state)
{
    static const char *const policies[] = { "keep", " Keep ", "KEEP\n" };
    static const char *const others[] = { "", "keeper", "delete", "kee" };

    (void)state;
    for (int i = 0; i < 7; i++) {
        VCL_AUTO_JSON *object = parse("{metadata: {annotations: {}}}");
        assert_true(vcl_json_set_string(vcl_json_find(object, "metadata", "annotations", NULL),
                                        "helm.sh/resource-policy",
                                        i < 3 ? policies[i] : others[i - 3]));
        assert_int_equal(vcl_object_is_kept(object), i < 3);
    }
}

static void a_definition_names_its_kind(void **state)
{
    VCL_AUTO_JSON *crd = parse("{kind: CustomResourceDefinition, spec: {group: a.b, names: {kind: "
                               "Thing}}}");

    (void)state;
    assert_true(vcl_object_defines(crd, "a.b/v1", "Thing"));
    assert_false(vcl_object_defines(crd, "a.bc/v1", "Thing"));
    assert_false(vcl_object_defines(crd, "a.b/v1", "Other"));
    assert_false(vcl_object_defines(crd, NULL, "Thing"));
}

static void fields_are_told_by_path(void **state)
{
    VCL_AUTO_JSON *before =
        parse("{kind: X, metadata: {uid: a, resourceVersion: '1', labels: {a: b, 'x/y': z}}, spec: "
              "{replicas: 1, list: [1, 2], containers: [{name: a, image: i}, {name: b}]}, status: "
              "{s: 1}}");
    VCL_AUTO_JSON *after = parse(
        "{kind: X, metadata: {uid: b, labels: {a: c}, managedFields: []}, spec: {replicas: 2, "
        "list: [1, 3, 4], containers: [{name: b}, {name: a, image: j}, {name: c}]}}");
    VCL_AUTO_JSON *fields = vcl_field_diff(before, after);

    (void)state;
    assert_json(fields, "[{\"path\":\".metadata.labels.a\",\"old\":\"b\",\"new\":\"c\"},"
                        "{\"path\":\".metadata.labels[\\\"x/y\\\"]\",\"old\":\"z\"},"
                        "{\"path\":\".spec.replicas\",\"old\":1,\"new\":2},"
                        "{\"path\":\".spec.list[1]\",\"old\":2,\"new\":3},"
                        "{\"path\":\".spec.list[2]\",\"new\":4},"
                        "{\"path\":\".spec.containers[name=a].image\",\"old\":\"i\",\"new\":\"j\"},"
                        "{\"path\":\".spec.containers[name=c]\",\"new\":{\"name\":\"c\"}}]");
}

static void values_of_secrets_are_not_told(void **state)
{
    VCL_AUTO_JSON *before = parse("{kind: Secret, data: {a: YWJj, b: YQ==}}");
    VCL_AUTO_JSON *after = parse("{kind: Secret, data: {a: eHl6, c: ''}, stringData: {d: text}}");
    VCL_AUTO_JSON *fields = vcl_field_diff(before, after);
    VCL_AUTO_JSON *added = vcl_field_diff(NULL, before);

    (void)state;
    assert_json(fields, "[{\"path\":\".data.a\",\"old\":\"(secret, 3 bytes)\",\"new\":\"(secret, 3 "
                        "bytes)\"},{\"path\":\".data.b\",\"old\":\"(secret, 1 bytes)\"},"
                        "{\"path\":\".data.c\",\"new\":\"(secret, 0 bytes)\"},"
                        "{\"path\":\".stringData.d\",\"new\":\"(secret, 4 bytes)\"}]");
    char *text = vcl_json_print(added);
    assert_null(strstr(text, "YWJj"));
    free(text);
}

static char *patch_of(const char *fields)
{
    VCL_AUTO_JSON *object = parse("{metadata: {resourceVersion: '7'}}");
    char *patch = NULL;

    assert_true(vcl_json_set(vcl_json_get(object, "metadata"), "managedFields", parse(fields)));
    assert_int_equal(vcl_managed_fields_patch(object, "helm", &patch, NULL), 0);
    return patch;
}

static void an_update_becomes_an_apply(void **state)
{
    (void)state;
    char *patch =
        patch_of("[{manager: helm, operation: Update, fieldsV1: {f:data: {f:a: {}}}}, "
                 "{manager: other, operation: Update}, {manager: helm, operation: Update, "
                 "subresource: status}]");
    assert_string_equal(
        patch,
        "[{\"value\":[{\"manager\":\"helm\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:data\":{"
        "\"f:a\":{}}}},{\"manager\":\"other\",\"operation\":\"Update\"},{\"manager\":\"helm\","
        "\"operation\":\"Update\",\"subresource\":\"status\"}],\"op\":\"replace\",\"path\":"
        "\"/metadata/managedFields\"},{\"value\":\"7\",\"op\":\"replace\",\"path\":"
        "\"/metadata/resourceVersion\"}]");
    free(patch);
    assert_null(patch_of("[{manager: helm, operation: Apply}, {manager: x, operation: Update}]"));
    assert_null(patch_of("[]"));
}

static void an_update_is_united_with_the_apply_that_is_there(void **state)
{
    (void)state;
    char *patch = patch_of(
        "[{manager: helm, operation: Apply, fieldsV1: {f:a: {}, f:b: {f:x: {}}, f:c: {.: {}, f:y: "
        "{}}}}, {manager: helm, operation: Update, fieldsV1: {f:a: {f:z: {}}, f:b: {}, f:c: {f:w: "
        "{}}, f:d: {}}}]");
    assert_non_null(strstr(patch, "{\"f:a\":{\".\":{},\"f:z\":{}},\"f:b\":{\"f:x\":{},\".\":{}},"
                                  "\"f:c\":{\".\":{},\"f:y\":{},\"f:w\":{}},\"f:d\":{}}"));
    assert_null(strstr(patch, "Update"));
    free(patch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_resolved_in_their_place),
        cmocka_unit_test(removal_goes_by_kind_and_unknown_kinds_last),
        cmocka_unit_test(objects_are_one_whatever_their_version),
        cmocka_unit_test(keep_is_a_word),
        cmocka_unit_test(a_definition_names_its_kind),
        cmocka_unit_test(fields_are_told_by_path),
        cmocka_unit_test(values_of_secrets_are_not_told),
        cmocka_unit_test(an_update_becomes_an_apply),
        cmocka_unit_test(an_update_is_united_with_the_apply_that_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
