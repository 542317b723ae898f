/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers for the library in differential tests: reads requests from standard input, answers each
 * on standard output, until the input ends. A request is a count of fields, then each field with
 * its size before it; the first names its kind. An answer is a letter (o: output, p: refused before
 * anything ran, f: failed, u: not supported) and one field. Numbers are 32 bits, little endian.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvcluster/chart.h>

#include "base/str.h"
#include "chart/template/eval.h"
#include "data/json.h"
#include "data/schema.h"
#include "data/values.h"

typedef struct field {
    char *data; /* NUL-terminated */
    size_t size;
} field;

enum { MAX_FIELDS = 4096, MAX_FIELD = 64 << 20 };

typedef struct request {
    field fields[MAX_FIELDS];
    size_t count;
} request;

static void request_done(request *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->fields[i].data);
    r->count = 0;
}

static bool read_number(uint32_t *out_number)
{
    unsigned char bytes[4];

    if (fread(bytes, 1, 4, stdin) != 4)
        return false;
    *out_number =
        bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return true;
}

static bool read_request(request *r)
{
    uint32_t count = 0;
    uint32_t size = 0;

    r->count = 0;
    if (!read_number(&count) || count > MAX_FIELDS)
        return false;
    while (r->count < count) {
        if (!read_number(&size) || size > MAX_FIELD)
            return false;
        char *data = malloc(size + 1U);
        if (!data)
            return false;
        r->fields[r->count++] = (field){ data, size };
        data[size] = '\0';
        if (fread(data, 1, size, stdin) != size)
            return false;
    }
    return true;
}

static void answer(char status, const char *data, size_t size)
{
    unsigned char head[5] = { (unsigned char)status, (unsigned char)size,
                              (unsigned char)(size >> 8), (unsigned char)(size >> 16),
                              (unsigned char)(size >> 24) };

    (void)fwrite(head, 1, sizeof(head), stdout);
    (void)fwrite(data, 1, size, stdout);
    (void)fflush(stdout);
}

/* A failure; what the library has left out is told apart. */
static void answer_error(char status, const vcluster_error *error)
{
    const char *message = vcluster_error_message(error);
    const char *left_out = strstr(message, "\" is not supported");
    const char *function = strstr(message, "function \"");

    if (left_out && function)
        answer('u', function, strlen(function));
    else
        answer(status, message, strlen(message));
}

/* Templates hardly ever see more than .Values here, but they can count what is beside it. */
static vcl_tpl_map *make_top(vcl_arena *arena)
{
    static const char *const names[] = { "Capabilities", "Chart",     "Files",
                                         "Release",      "Subcharts", "Template" };
    vcl_tpl_map *top = vcl_tpl_map_new(arena);

    for (size_t i = 0; top && i < sizeof(names) / sizeof(names[0]); i++)
        (void)vcl_tpl_map_set_literal(arena, top, names[i], vcl_tpl_nil());
    return top;
}

static void render(const cJSON *values, const field *files, size_t count)
{
    static const char main_file[] = "c/templates/t.yaml";
    vcl_tpl_engine engine;
    VCL_AUTO_BUF output = { .max = 64 << 20 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_tpl_value object;
    char status = 'p';

    vcl_tpl_engine_init(&engine);
    vcl_tpl_map *top = make_top(&engine.arena);
    if (!top || !vcl_tpl_from_json(&engine.arena, values, &object))
        abort();
    object.type = VCL_TPL_T_VALUES;
    (void)vcl_tpl_map_set_literal(&engine.arena, top, "Values", object);

    vcl_tpl_value dot = vcl_tpl_map_value(top, VCL_TPL_T_VALUES);
    int result = 0;
    for (size_t i = 0; result == 0 && i + 1 < count; i += 2)
        result = vcl_tpl_engine_parse(&engine, (vcl_tpl_text){ files[i].data, files[i].size },
                                      (vcl_tpl_text){ files[i + 1].data, files[i + 1].size });
    if (result == 0) {
        status = 'f';
        result = vcl_tpl_engine_execute(&engine, vcl_tpl_literal(main_file), &dot, &output);
    }
    if (result == 0) {
        answer('o', vcl_buf_text(&output), output.size);
    } else {
        (void)vcl_tpl_engine_error(&engine, &error);
        answer_error(status, error);
    }
    vcl_tpl_engine_done(&engine);
}

static void do_template(const request *r)
{
    VCL_AUTO_JSON *values = NULL;
    VCL_AUTO_ERROR *error = NULL;
    field files[4] = { { .data = (char[]){ "c/templates/_h.tpl" }, .size = 18 },
                       r->fields[2],
                       { .data = (char[]){ "c/templates/t.yaml" }, .size = 18 },
                       r->fields[3] };

    if (vcl_json_parse(r->fields[1].data, r->fields[1].size, &values, &error) < 0)
        answer_error('p', error);
    else
        render(values, files, 4);
}

static void do_set(const request *r)
{
    static const struct {
        const char *name;
        vcl_set_mode mode;
    } modes[] = { { "set", VCL_SET_TYPED },
                  { "string", VCL_SET_STRING },
                  { "json", VCL_SET_JSON },
                  { "literal", VCL_SET_LITERAL } };
    VCL_AUTO_JSON *values = NULL;
    VCL_AUTO_ERROR *error = NULL;
    field files[2] = { { .data = (char[]){ "c/templates/t.yaml" }, .size = 18 }, r->fields[2] };

    int result = vcl_json_parse(r->fields[1].data, r->fields[1].size, &values, &error);
    for (size_t i = 3; result == 0 && i + 1 < r->count; i += 2) {
        for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
            if (vcl_streq(r->fields[i].data, modes[m].name))
                result =
                    vcl_values_set_expression(values, r->fields[i + 1].data, modes[m].mode, &error);
        }
    }
    if (result < 0)
        answer_error('f', error);
    else
        render(values, files, 2);
}

static void do_schema(const request *r)
{
    VCL_AUTO_JSON *values = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_schema *schema = NULL;

    if (vcl_json_parse(r->fields[2].data, r->fields[2].size, &values, &error) < 0) {
        answer_error('p', error);
        return;
    }
    if (vcl_schema_compile(r->fields[1].data, r->fields[1].size, &schema, &error) < 0)
        answer_error('p', error);
    else if (vcl_schema_validate(schema, values, "", &error) < 0)
        answer_error('f', error);
    else
        answer('o', "", 0);
    vcl_schema_free(schema);
}

static void do_chart(const request *r)
{
    vcluster_chart *chart = NULL;
    vcluster_config *config = NULL;
    char *manifest = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;

    options.namespace_name = "ns";
    options.kubernetes_version = "v1.35.4";
    int result = vcluster_config_parse(r->fields[1].data, &config, &error);
    if (result == 0)
        result = vcluster_chart_parse(r->fields[2].data, r->fields[2].size, &chart, &error);
    if (result == 0)
        result = vcluster_chart_template(chart, "rel", config, &options, &manifest, &error);
    if (result < 0)
        answer_error('f', error);
    else
        answer('o', manifest, strlen(manifest));
    free(manifest);
    vcluster_chart_free(chart);
    vcluster_config_free(config);
}

int main(void)
{
    static const struct {
        const char *kind;
        size_t fields;
        void (*run)(const request *r);
    } kinds[] = { { "template", 4, do_template },
                  { "yaml", 4, do_template },
                  { "set", 3, do_set },
                  { "schema", 3, do_schema },
                  { "chart", 3, do_chart } };
    static request r;

    while (read_request(&r)) {
        bool known = false;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            if (r.count < kinds[i].fields || !vcl_streq(r.fields[0].data, kinds[i].kind))
                continue;
            known = true;
            kinds[i].run(&r);
        }
        if (!known)
            return 2;
        request_done(&r);
    }
    request_done(&r);
    return 0;
}
