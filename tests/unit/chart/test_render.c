/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering whole charts: golden manifests made by Helm 3.21.4, documents, order, errors. */
#include "chart/render.h"

#include <string.h>

#include "base/str.h"
#include "chart/manifest.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

#define MINIMAL "name: small\nversion: 1.2.3\n"

static const vcl_render_input plain_input = {
    .release_name = "demo", .namespace_name = "team", .revision = 1, .kubernetes_version = "v1.35.4"
};

/* What helm template --include-crds prints: hooks come last. */
static char *whole(const vcl_rendered *rendered)
{
    vcl_auto_free char *hooks = vcl_hooks_print(&rendered->hooks, false);

    assert_non_null(hooks);
    return vcl_format("%s%s%s", rendered->crds, rendered->manifest, hooks);
}

/* Render charts/NAME with charts/NAME.VALUES and compare with charts/NAME.EXPECTED, which is what
 * `helm template demo charts/NAME --namespace team --kube-version v1.35.4 --include-crds [-f ...]`
 * prints. */
static void assert_golden(const char *name, const char *values_file, const char *expected_file)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *values = NULL;
    vcl_auto_free char *folder = vcl_format("%s/charts/%s", VCLUSTER_FIXTURES, name);
    vcl_auto_free char *expected_name = vcl_format("charts/%s.%s", name, expected_file);
    vcl_auto_free char *expected = fixture_read(expected_name);
    vcl_rendered rendered = { 0 };
    vcl_render_input input = plain_input;

    if (values_file) {
        vcl_auto_free char *values_name = vcl_format("charts/%s.%s", name, values_file);
        vcl_auto_free char *yaml = fixture_read(values_name);
        values = fixture_values(yaml);
        input.user_values = values;
    }
    assert_ok(vcluster_chart_load(folder, &chart, &error), error);
    assert_ok(vcl_chart_render(chart, &input, &rendered, &error), error);
    vcl_auto_free char *actual = whole(&rendered);
    assert_string_equal(actual, expected);
    vcl_rendered_done(&rendered);
}

static void charts_render_as_with_helm(void **state)
{
    (void)state;
    assert_golden("constructs", NULL, "expected.yaml");
    assert_golden("constructs", "values.yaml", "values.expected.yaml");
}

static void charts_in_charts_render_as_with_helm(void **state)
{
    (void)state;
    assert_golden("family", NULL, "expected.yaml");
    assert_golden("family", "values.yaml", "values.expected.yaml");
}

/* Render a chart of one template; NULL when it fails. */
static char *render_one(const char *template, vcl_rendered *rendered, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "values.yaml", "a: 1\n",
                                   "templates/x.yaml", template, NULL),
                     0);
    if (vcl_chart_render(chart, &plain_input, rendered, error) < 0)
        return NULL;
    return rendered->manifest;
}

static void objects_come_in_the_order_of_the_manifest(void **state)
{
    vcl_rendered rendered = { 0 };
    static const char template[] = "kind: StatefulSet\n---\n# only a comment\n---\nkind: Secret\n"
                                   "---\nkind: Other\n---\nkind: Namespace\n";

    (void)state;
    assert_non_null(render_one(template, &rendered, NULL));
    assert_int_equal(cJSON_GetArraySize(rendered.objects), 4);
    assert_string_equal(vcl_json_find_string(rendered.objects->child, "kind", NULL), "Namespace");
    assert_string_equal(vcl_json_find_string(rendered.objects->child->prev, "kind", NULL), "Other");
    assert_string_equal(rendered.manifest,
                        "---\n# Source: small/templates/x.yaml\nkind: Namespace\n"
                        "---\n# Source: small/templates/x.yaml\nkind: Secret\n"
                        "---\n# Source: small/templates/x.yaml\nkind: StatefulSet"
                        "\n---\n# Source: small/templates/x.yaml\n"
                        "# only a comment\n"
                        "---\n# Source: small/templates/x.yaml\nkind: Other\n");
    assert_int_equal(rendered.hooks.count, 0);
    assert_int_equal(vcl_json_find_int(rendered.values, 0, "a", NULL), 1);
    vcl_rendered_done(&rendered);
}

static void an_empty_chart_has_an_empty_manifest(void **state)
{
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_non_null(render_one(" \n\n", &rendered, NULL));
    assert_string_equal(rendered.manifest, "");
    assert_int_equal(cJSON_GetArraySize(rendered.objects), 0);
    vcl_rendered_done(&rendered);
}

/* Texts and the documents that Helm's regular expression cuts them into. */
static void documents_are_split_as_helm_splits_them(void **state)
{
    static const struct {
        const char *text;
        const char *documents; /* joined by '|' */
    } cases[] = {
        { "a: 1", "a: 1" },
        { "---\na: 1\n---\nb: 2\n", "a: 1|b: 2" },
        { "\n\n---\n\na: 1\n\n\n---   \n\n\nb: 2", "a: 1|b: 2" },
        { "a: 1\n--- # comment\nb: 2", "a: 1|# comment\nb: 2" },
        { "a: |\n  x\n  ---\n  y\n", "a: |\n  x\n  ---\n  y" },
        { "---", "" },
        { "# c\n---\n# d", "# c|# d" },
        { "a: 1\n---b: 2", "a: 1|b: 2" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_documents documents = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        VCL_AUTO_BUF joined = { .max = 4096 };
        assert_ok(vcl_documents_add(&documents, "x", cases[i].text, strlen(cases[i].text), &error),
                  error);
        for (size_t j = 0; j < documents.count; j++)
            vcl_buf_addf(&joined, "%s%s", j ? "|" : "", documents.items[j].text);
        assert_string_equal(vcl_buf_text(&joined), cases[i].documents);
        vcl_documents_done(&documents);
    }
}

static void documents_that_are_no_objects_are_errors(void **state)
{
    static const struct {
        const char *template;
        const char *reason;
        int64_t line;
    } cases[] = {
        { "a: 1\n---\nb: 2\nc: [\n", "YAML parse error on small/templates/x.yaml", 5 },
        { "a: 1\n---\n- b\n", "the document is no map", 3 },
        { "kind: [a]\n", "'kind' must be a text", 1 },
        { "kind: A\nmetadata:\n  annotations: {a: [b]}\n", "annotations must be texts", 1 },
        { "kind: A\napiVersion: {}\n", "'apiVersion' must be a text", 1 },
        { "kind: A\nmetadata: x\n", "'metadata' must be a map", 1 },
        { "kind: A\nmetadata: {name: []}\n", "'metadata.name' must be a text", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_rendered rendered = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        assert_null(render_one(cases[i].template, &rendered, &error));
        assert_fails(vcluster_error_code(error), VCLUSTER_E_CONFIG, error, cases[i].reason);
        fixture_assert_finding(error, "small/templates/x.yaml", "manifest-yaml");
        assert_int_equal(vcluster_finding_line(vcluster_error_finding_at(error, 0)), cases[i].line);
        assert_null(rendered.manifest);
    }
}

static void failing_templates_say_where(void **state)
{
    vcl_rendered rendered = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_ERROR *second = NULL;

    (void)state;
    assert_null(render_one("a: 1\nb: {{ .Values.no.thing }}\n", &rendered, &error));
    assert_fails(vcluster_error_code(error), VCLUSTER_E_CONFIG, error,
                 "template: small/templates/x.yaml:2:13: executing \"small/templates/x.yaml\" at "
                 "<.Values.no.thing>: nil pointer evaluating interface {}.thing");
    fixture_assert_finding(error, "small/templates/x.yaml", "template");
    assert_int_equal(vcluster_finding_line(vcluster_error_finding_at(error, 0)), 2);
    assert_string_equal(vcluster_finding_message(vcluster_error_finding_at(error, 0)),
                        "nil pointer evaluating interface {}.thing");
    assert_null(render_one("a\nb\n{{ if }}", &rendered, &second));
    assert_int_equal(vcluster_finding_line(vcluster_error_finding_at(second, 0)), 3);
}

/* Files above replace what files below them define, whatever their names. */
static void files_above_win(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_ok(fixture_chart(&chart, &error, "Chart.yaml", MINIMAL, "templates/z/_a.tpl",
                            "{{ define \"who\" }}below{{ end }}", "templates/_b.tpl",
                            "{{ define \"who\" }}above{{ end }}", "templates/a.yaml",
                            "who: {{ include \"who\" . }}", "templates/NOTES.txt", "- not YAML",
                            NULL),
              error);
    assert_ok(vcl_chart_render(chart, &plain_input, &rendered, &error), error);
    assert_non_null(strstr(rendered.manifest, "who: above\n"));
    vcl_rendered_done(&rendered);
}

static void values_are_shared_by_all_files(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "templates/b.yaml",
                                   "{{ $_ := set .Values \"x\" \"from b\" }}", "templates/a.yaml",
                                   "x: {{ .Values.x }}", NULL),
                     0);
    assert_int_equal(vcl_chart_render(chart, &plain_input, &rendered, NULL), 0);
    assert_non_null(strstr(rendered.manifest, "x: from b\n"));
    vcl_rendered_done(&rendered);
}

static void library_charts_are_refused(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL "type: library\n",
                                   "templates/a.yaml", "{{ fail \"never\" }}", NULL),
                     0);
    assert_fails(vcl_chart_render(chart, &plain_input, &rendered, &error), VCLUSTER_E_CONFIG, error,
                 "library chart");
}

/* Scalars are texts where Helm wants a text. */
static void heads_of_documents_are_read_as_helm_reads_them(void **state)
{
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_non_null(render_one("kind: 12\nmetadata:\n  name: 1\n  annotations: {a: true, b: 1.5}\n"
                               "---\na: 1\na: 2\n",
                               &rendered, NULL));
    assert_int_equal(cJSON_GetArraySize(rendered.objects), 2);
    assert_int_equal(vcl_json_find_int(rendered.objects->child, 0, "a", NULL), 2);
    vcl_rendered_done(&rendered);
}

static void missing_dependencies_are_named(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml",
                                   MINIMAL "dependencies: [{name: p, version: 1.0.0}, "
                                           "{name: q, version: 1.0.0, condition: q.on}]\n",
                                   NULL),
                     0);
    assert_fails(vcl_chart_render(chart, &plain_input, &rendered, &error), VCLUSTER_E_CONFIG, error,
                 "missing in its folder charts/: p, q");
    fixture_assert_finding(error, "Chart.yaml", "chart-dependency");
}

static void charts_say_for_which_kubernetes_they_are(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_int_equal(
        fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL "kubeVersion: '>=1.36.0'\n", NULL), 0);
    assert_fails(vcl_chart_render(chart, &plain_input, &rendered, &error), VCLUSTER_E_CONFIG, error,
                 "chart requires kubeVersion: >=1.36.0 which is incompatible with Kubernetes "
                 "v1.35.4");
}

#define SCHEMA(rest) "{\"type\": \"object\", \"properties\": " rest "}"

static void values_must_fit_all_schemas(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *good = fixture_values("a: 1\nsub: {b: text}");
    VCL_AUTO_JSON *bad = fixture_values("a: one\nc: 2\nsub: {b: 5}");
    vcl_rendered rendered = { 0 };
    vcl_render_input input = plain_input;

    (void)state;
    assert_int_equal(
        fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "values.schema.json",
                      SCHEMA("{\"a\": {\"type\": \"integer\"}, \"c\": {\"maximum\": 1}}"),
                      "charts/sub/Chart.yaml", "name: sub\nversion: 1.0.0\n",
                      "charts/sub/values.schema.json", SCHEMA("{\"b\": {\"type\": \"string\"}}"),
                      NULL),
        0);
    assert_ok(vcl_chart_validate(chart, good, &error), error);
    assert_ok(vcl_chart_validate(chart, NULL, &error), error);
    assert_int_equal(vcl_chart_validate(chart, bad, &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 3);
    fixture_assert_finding(error, "a", "type");
    fixture_assert_finding(error, "c", "maximum");
    fixture_assert_finding(error, "sub.b", "type");

    input.user_values = bad;
    assert_int_equal(vcl_chart_render(chart, &input, &rendered, NULL), VCLUSTER_E_CONFIG);
    input.skip_schema = true;
    assert_int_equal(vcl_chart_render(chart, &input, &rendered, NULL), 0);
    vcl_rendered_done(&rendered);
}

static void schemas_with_remote_references_are_refused(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_ERROR *again = NULL;

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "values.schema.json",
                                   "{\"$ref\": \"file:///dev/zero\"}", NULL),
                     0);
    assert_int_equal(vcl_chart_validate(chart, NULL, &error), VCLUSTER_E_UNSUPPORTED);
    assert_int_equal(vcl_chart_validate(chart, NULL, &again), VCLUSTER_E_UNSUPPORTED);
}

static void notes_and_definitions_are_apart_from_the_manifest(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_ok(vcluster_chart_load(VCLUSTER_FIXTURES "/charts/family", &chart, &error), error);
    assert_ok(vcl_chart_render(chart, &plain_input, &rendered, &error), error);
    assert_string_equal(rendered.notes, "family 1.2.3 as demo.\n");
    assert_int_equal(cJSON_GetArraySize(rendered.crd_objects), 4);
    assert_string_equal(vcl_json_find_string(rendered.crd_objects->child, "metadata", "name", NULL),
                        "ants.example.com");
    assert_null(strstr(rendered.manifest, "CustomResourceDefinition"));
    assert_non_null(rendered.record_metadata);
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(rendered.record_metadata, "dependencies")), 4);
    assert_int_equal(vcl_json_find_int(rendered.record_values, 0, "child", "data", "x", NULL), 1);
    vcl_rendered_done(&rendered);
}

/* A host with one Secret; a lookup of kind "Broken" fails. */
static int find_on_host(void *data,
                        const char *api_version,
                        const char *kind,
                        const char *namespace_name,
                        const char *name,
                        cJSON **out_object,
                        vcluster_error **error)
{
    int *calls = data;

    (*calls)++;
    assert_string_equal(api_version, "v1");
    assert_string_equal(namespace_name, "team");
    if (vcl_streq(kind, "Broken"))
        return vcl_fail(error, VCLUSTER_E_PERMISSION, "not allowed");
    if (vcl_streq(name, "there"))
        *out_object = fixture_values("data: {number: 5}");
    return 0;
}

static void lookup_asks_the_host(void **state)
{
    static const char text[] =
        "a: {{ (lookup \"v1\" \"Secret\" \"team\" \"there\").data.number }} "
        "{{ typeOf (lookup \"v1\" \"Secret\" \"team\" \"there\").data.number }} "
        "{{ lookup \"v1\" \"Secret\" \"team\" \"gone\" }}";
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_PTR(vcluster_chart) broken = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };
    vcl_render_input input = plain_input;
    int calls = 0;

    (void)state;
    input.lookup = find_on_host;
    input.lookup_data = &calls;
    assert_int_equal(
        fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "templates/a.yaml", text, NULL), 0);
    assert_ok(vcl_chart_render(chart, &input, &rendered, &error), error);
    assert_non_null(strstr(rendered.manifest, "a: 5 int64 map[]\n"));
    assert_int_equal(calls, 3);
    vcl_rendered_done(&rendered);

    assert_int_equal(fixture_chart(&broken, NULL, "Chart.yaml", MINIMAL, "templates/a.yaml",
                                   "{{ lookup \"v1\" \"Broken\" \"team\" \"x\" }}", NULL),
                     0);
    assert_fails(vcl_chart_render(broken, &input, &rendered, &error), VCLUSTER_E_CONFIG, error,
                 "not allowed");
}

static void api_versions_can_be_given(void **state)
{
    static const char *const base[] = { "v1", NULL };
    static const char *const more[] = { "example.com/v1", "example.com/v1/Thing", NULL };
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    vcl_rendered rendered = { 0 };
    vcl_render_input input = plain_input;

    (void)state;
    input.api_versions = base;
    input.more_api_versions = more;
    input.kubernetes_minor = "35+";
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "templates/a.yaml",
                                   "a: x{{ .Capabilities.APIVersions }} "
                                   "{{ .Capabilities.APIVersions.Has \"example.com/v1/Thing\" }} "
                                   "{{ .Capabilities.KubeVersion.Minor }}",
                                   NULL),
                     0);
    assert_int_equal(vcl_chart_render(chart, &input, &rendered, NULL), 0);
    assert_non_null(
        strstr(rendered.manifest, "a: x[v1 example.com/v1 example.com/v1/Thing] true 35+\n"));
    vcl_rendered_done(&rendered);
}

static void upgrades_are_known_to_templates(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    vcl_rendered rendered = { 0 };
    vcl_render_input input = plain_input;

    (void)state;
    input.is_upgrade = true;
    input.revision = 7;
    assert_int_equal(
        fixture_chart(
            &chart, NULL, "Chart.yaml", MINIMAL, "templates/a.yaml",
            "x: {{ .Release.IsInstall }} {{ .Release.IsUpgrade }} {{ .Release.Revision }}", NULL),
        0);
    assert_int_equal(vcl_chart_render(chart, &input, &rendered, NULL), 0);
    assert_non_null(strstr(rendered.manifest, "x: false true 7\n"));
    vcl_rendered_done(&rendered);
}

static void the_embedded_chart_renders(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    (void)state;
    assert_ok(vcluster_chart_embedded(&chart, &error), error);
    assert_ok(vcl_chart_render(chart, &plain_input, &rendered, &error), error);
    assert_true(cJSON_GetArraySize(rendered.objects) > 4);
    vcl_rendered_done(&rendered);
}

/* The manifest of the embedded chart with these values, or the message of the error. */
static char *render_embedded(const char *yaml)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *values = fixture_values(yaml);
    vcl_render_input input = plain_input;
    vcl_rendered rendered = { 0 };

    input.user_values = values;
    assert_ok(vcluster_chart_embedded(&chart, &error), error);
    int status = vcl_chart_render(chart, &input, &rendered, &error);
    char *text = vcl_strdup(status == 0 ? rendered.manifest : vcluster_error_to_string(error));
    vcl_rendered_done(&rendered);
    assert_non_null(text);
    return text;
}

static void the_embedded_chart_is_exposed_by_upstreams_values(void **state)
{
    vcl_auto_free char *plain = render_embedded("{}");
    vcl_auto_free char *exposed = render_embedded(
        "{controlPlane: {service: {spec: {type: NodePort}, httpsNodePort: 30443}, ingress: "
        "{enabled: true, host: dev.example.com, labels: {a: b}, spec: {ingressClassName: nginx}}, "
        "tlsRoute: {enabled: true, host: dev.example.org, parentRefs: [{name: gate}]}}}");
    vcl_auto_free char *orphan = render_embedded("{controlPlane: {tlsRoute: {enabled: true}}}");

    (void)state;
    assert_null(strstr(plain, "kind: Ingress"));
    assert_null(strstr(plain, "kind: TLSRoute"));
    assert_non_null(strstr(exposed, "type: NodePort"));
    assert_non_null(strstr(exposed, "nodePort: 30443"));
    assert_non_null(strstr(exposed, "ingressClassName: nginx"));
    assert_non_null(strstr(exposed, "- host: \"dev.example.com\""));
    assert_non_null(strstr(exposed, "nginx.ingress.kubernetes.io/ssl-passthrough: \"true\""));
    assert_non_null(strstr(exposed, "hostnames:\n    - dev.example.org"));
    assert_non_null(strstr(exposed, "parentRefs:\n    - name: gate"));
    assert_non_null(strstr(orphan, "controlPlane.tlsRoute.parentRefs is missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_render_as_with_helm),
        cmocka_unit_test(charts_in_charts_render_as_with_helm),
        cmocka_unit_test(heads_of_documents_are_read_as_helm_reads_them),
        cmocka_unit_test(missing_dependencies_are_named),
        cmocka_unit_test(charts_say_for_which_kubernetes_they_are),
        cmocka_unit_test(values_must_fit_all_schemas),
        cmocka_unit_test(schemas_with_remote_references_are_refused),
        cmocka_unit_test(notes_and_definitions_are_apart_from_the_manifest),
        cmocka_unit_test(lookup_asks_the_host),
        cmocka_unit_test(api_versions_can_be_given),
        cmocka_unit_test(objects_come_in_the_order_of_the_manifest),
        cmocka_unit_test(an_empty_chart_has_an_empty_manifest),
        cmocka_unit_test(documents_are_split_as_helm_splits_them),
        cmocka_unit_test(documents_that_are_no_objects_are_errors),
        cmocka_unit_test(failing_templates_say_where),
        cmocka_unit_test(files_above_win),
        cmocka_unit_test(values_are_shared_by_all_files),
        cmocka_unit_test(library_charts_are_refused),
        cmocka_unit_test(upgrades_are_known_to_templates),
        cmocka_unit_test(the_embedded_chart_renders),
        cmocka_unit_test(the_embedded_chart_is_exposed_by_upstreams_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
