/* SPDX-License-Identifier: Apache-2.0 */
#include "chart_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "chart/template/eval.h"
#include "cmocka_support.h"
#include "data/yaml.h"

char *fixture_read(const char *name)
{
    vcl_auto_free char *path = vcl_format("%s/%s", VCLUSTER_FIXTURES, name);
    FILE *file = fopen(path, "rb");
    VCL_AUTO_BUF buf = { .max = 16 << 20 };
    char block[4096];
    size_t count;

    if (!file)
        fail_msg("cannot read '%s'", path);
    while ((count = fread(block, 1, sizeof(block), file)) > 0)
        vcl_buf_append(&buf, block, count);
    (void)fclose(file);
    return vcl_buf_steal(&buf);
}

cJSON *fixture_values(const char *yaml)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *values = NULL;

    assert_ok(vcl_yaml_parse(yaml, strlen(yaml), &values, &error), error);
    return values;
}

static int run(vcl_tpl_engine *engine, const cJSON *values, vcl_tpl_text text, vcl_buf *output)
{
    vcl_tpl_text name = vcl_tpl_literal("c/templates/t.yaml");
    vcl_tpl_map *top = vcl_tpl_map_new(&engine->arena);
    vcl_tpl_value object;

    assert_true(vcl_tpl_from_json(&engine->arena, values, &object));
    object.type = VCL_TPL_T_VALUES;
    vcl_tpl_map_set_literal(&engine->arena, top, "Values", object);

    vcl_tpl_value dot = vcl_tpl_map_value(top, VCL_TPL_T_VALUES);
    int status = vcl_tpl_engine_parse(engine, name, text);
    return status < 0 ? status : vcl_tpl_engine_execute(engine, name, &dot, output);
}

int fixture_run(const cJSON *values, const char *text, size_t size, char **out_text)
{
    vcl_tpl_engine engine;
    VCL_AUTO_BUF output = { .max = 64 << 20 };
    VCL_AUTO_ERROR *error = NULL;

    vcl_tpl_engine_init(&engine);
    int status = run(&engine, values, (vcl_tpl_text){ text, size }, &output);
    if (status < 0) {
        assert_int_equal(vcl_tpl_engine_error(&engine, &error), status);
        *out_text = vcl_strdup(vcluster_error_message(error));
    } else {
        *out_text = vcl_buf_steal(&output);
    }
    vcl_tpl_engine_done(&engine);
    return status;
}

char *fixture_output(const char *yaml, const char *text)
{
    VCL_AUTO_JSON *values = fixture_values(yaml);
    char *output = NULL;

    if (fixture_run(values, text, strlen(text), &output) < 0)
        fail_msg("%s: %s", text, output);
    return output;
}

int fixture_chart(vcluster_chart **out_chart, vcluster_error **error, const char *name, ...)
{
    VCL_AUTO_CHART_FILES files = { 0 };
    va_list arguments;

    va_start(arguments, name);
    for (const char *file = name; file; file = va_arg(arguments, const char *)) {
        const char *text = va_arg(arguments, const char *);
        assert_int_equal(vcl_chart_files_add(&files, file, text, strlen(text), NULL), 0);
    }
    va_end(arguments);
    return vcl_chart_files_finish(&files, out_chart, error);
}

void fixture_assert_finding(const vcluster_error *error, const char *path, const char *rule)
{
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        if (vcl_streq(vcluster_finding_path(finding), path) &&
            vcl_streq(vcluster_finding_rule(finding), rule))
            return;
    }
    fail_msg("no finding '%s' for '%s' in '%s'", rule, path, vcluster_error_to_string(error));
}
