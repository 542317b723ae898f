/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toYaml, toJson and the ways back. As in Helm, printing never fails (what cannot be printed is
 * ""), and reading puts its error into the result.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/funcs.h"
#include "data/json.h"
#include "data/number.h"
#include "data/yaml.h"

static int return_owned(vcl_tpl_state *state, char *text, vcl_tpl_value *out)
{
    int result = vcl_tpl_return_text(state, vcl_str(text), text ? strlen(text) : 0, out);

    vcl_free_secret(text);
    return result;
}

/* Look for a number that JSON cannot hold: its name, or NULL. */
static const char *unsupported_number(const vcl_tpl_value *value, int depth)
{
    const char *found = NULL;

    if (value->kind == VCL_TPL_FLOAT && !isfinite(value->number))
        return isnan(value->number) ? "NaN" : value->number > 0 ? "+Inf" : "-Inf";
    if (depth == VCL_TPL_MAX_NESTING)
        return "a value that is nested too deep";
    for (size_t i = 0; value->kind == VCL_TPL_LIST && !found && i < vcl_tpl_list_size(value); i++)
        found = unsupported_number(&value->list->items[i], depth + 1);
    for (size_t i = 0; value->kind == VCL_TPL_MAP && !found && i < vcl_tpl_map_size(value); i++)
        found = unsupported_number(&value->map->entries[i].value, depth + 1);
    return found;
}

typedef char *json_printer(const cJSON *tree);

/* must: what cannot be printed is a failure, not "". */
static int print_json(vcl_tpl_state *state,
                      const vcl_tpl_value *value,
                      json_printer *printer,
                      bool must,
                      vcl_tpl_value *out)
{
    bool unfit = false;
    cJSON *tree = vcl_tpl_to_json(value, &unfit);
    char *text = tree ? printer(tree) : NULL;

    vcl_json_free_secret(tree);
    if (unfit && must) {
        const char *what = unsupported_number(value, 0);
        return vcl_tpl_raise(state, "json: unsupported value: %s", what ? what : "a NUL byte");
    }
    return text || unfit ? return_owned(state, text, out) : vcl_tpl_raise_memory(state);
}

static int
to_yaml(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool unfit = false;
    cJSON *tree = vcl_tpl_to_json(&args[0], &unfit);
    VCL_AUTO_ERROR *error = NULL;
    char *text = NULL;
    int status = !tree && !unfit ? VCLUSTER_E_NO_MEMORY : 0;

    (void)count;
    if (tree)
        status = vcl_yaml_print(tree, &text, &error);
    vcl_json_free_secret(tree);
    return status == VCLUSTER_E_NO_MEMORY ? vcl_tpl_raise_memory(state)
                                          : return_owned(state, text, out);
}

static int
to_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return print_json(state, &args[0], vcl_json_print_go, false, out);
}

static int
must_to_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return print_json(state, &args[0], vcl_json_print_go, true, out);
}

/* Keys in order, since the maps of values are; <, > and & as they are. It has no form that does
 * not fail. */
static int
to_raw_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return print_json(state, &args[0], vcl_json_print, true, out);
}

static int
to_pretty_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return print_json(state, &args[0], vcl_json_print_pretty, false, out);
}

static int must_to_pretty_json(vcl_tpl_state *state,
                               const vcl_tpl_value *args,
                               size_t count,
                               vcl_tpl_value *out)
{
    (void)count;
    return print_json(state, &args[0], vcl_json_print_pretty, true, out);
}

static const char out_of_range[] = "json: cannot unmarshal number into Go value of type float64";

/* What a reading function gives for a text it cannot read: {"Error": reason} or [reason]. */
static int
reading_failed(vcl_tpl_state *state, const char *reason, vcl_tpl_type type, vcl_tpl_value *out)
{
    vcl_tpl_value text;
    int result = vcl_tpl_return_text(state, reason, strlen(reason), &text);

    if (result < 0)
        return result;
    if (type == VCL_TPL_T_LIST) {
        result = vcl_tpl_new_list(state, 1, type, out);
        if (result == 0)
            out->list->items[0] = text;
        return result;
    }
    result = vcl_tpl_new_map(state, type, out);
    return result < 0 ? result : vcl_tpl_put(state, out->map, vcl_tpl_literal("Error"), text);
}

/* Whether a number is too large for a float64, which only texts of JSON can have. */
static bool has_infinite(const cJSON *node)
{
    double number = 0;

    if (cJSON_IsRaw(node))
        return !vcl_parse_double(node->valuestring, &number);
    for (const cJSON *child = node->child; child; child = child->next) {
        if (has_infinite(child))
            return true;
    }
    return false;
}

/* The tree as a value of the type that the function gives. What null is: `empty`. */
static int
convert(vcl_tpl_state *state, const cJSON *tree, vcl_tpl_type type, bool empty, vcl_tpl_value *out)
{
    static const char not_list[] = "json: cannot unmarshal into Go value of type []interface {}";
    static const char not_map[] =
        "json: cannot unmarshal into Go value of type map[string]interface {}";

    if (type != VCL_TPL_T_NIL && cJSON_IsNull(tree)) {
        if (empty)
            return type == VCL_TPL_T_LIST ? vcl_tpl_new_list(state, 0, type, out)
                                          : vcl_tpl_new_map(state, type, out);
        *out =
            type == VCL_TPL_T_LIST ? vcl_tpl_list_value(NULL, type) : vcl_tpl_map_value(NULL, type);
        return 0;
    }
    if (type == VCL_TPL_T_LIST && !cJSON_IsArray(tree))
        return reading_failed(state, not_list, type, out);
    if (type == VCL_TPL_T_MAP && !cJSON_IsObject(tree))
        return reading_failed(state, not_map, type, out);
    if (has_infinite(tree))
        return type == VCL_TPL_T_NIL ? vcl_tpl_raise(state, "%s", out_of_range)
                                     : reading_failed(state, out_of_range, type, out);
    return vcl_tpl_from_json(&state->engine->arena, tree, out) ? 0 : vcl_tpl_raise_memory(state);
}

typedef int reader(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);

static int read_text(
    vcl_tpl_state *state, vcl_tpl_text text, reader *read, vcl_tpl_type type, vcl_tpl_value *out)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;
    int result = read(text.data ? text.data : "", text.size, &tree, &error);

    if (result == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    if (result < 0)
        return reading_failed(state, vcluster_error_message(error), type, out);
    result = convert(state, tree, type, read != vcl_json_parse, out);
    vcl_json_free_secret(tree);
    return result;
}

static int
from_yaml(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_text(state, args[0].text, vcl_yaml_parse_loose, VCL_TPL_T_MAP, out);
}

static int
from_yaml_array(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_text(state, args[0].text, vcl_yaml_parse_loose, VCL_TPL_T_LIST, out);
}

static int
from_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_text(state, args[0].text, vcl_json_parse, VCL_TPL_T_MAP, out);
}

static int
from_json_array(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_text(state, args[0].text, vcl_json_parse, VCL_TPL_T_LIST, out);
}

static int
must_from_json(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;
    int result = vcl_json_parse(vcl_str(args[0].text.data), args[0].text.size, &tree, &error);

    (void)count;
    if (result < 0)
        return vcl_tpl_raise(state, "%s", vcluster_error_message(error));
    result = convert(state, tree, VCL_TPL_T_NIL, false, out);
    vcl_json_free_secret(tree);
    return result;
}

const vcl_tpl_function vcl_tpl_funcs_data[] = {
    { "toYaml", "a", 0, to_yaml },
    { "toJson", "a", 0, to_json },
    { "mustToJson", "a", 0, must_to_json },
    { "toRawJson", "a", 0, to_raw_json },
    { "mustToRawJson", "a", 0, to_raw_json },
    { "toPrettyJson", "a", 0, to_pretty_json },
    { "mustToPrettyJson", "a", 0, must_to_pretty_json },
    { "fromYaml", "s", 0, from_yaml },
    { "fromYamlArray", "s", 0, from_yaml_array },
    { "fromJson", "s", 0, from_json },
    { "fromJsonArray", "s", 0, from_json_array },
    { "mustFromJson", "s", 'a', must_from_json },
    { NULL, NULL, 0, NULL },
};
