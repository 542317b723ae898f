/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toYamlPretty, which unlike toYaml looks at the values themselves: whole numbers stay whole, bytes
 * are a list of numbers, a text that is not UTF-8 is written in base64. What cannot be printed is
 * "", as in Helm; so is what holds a NUL, which the tree cannot carry.
 */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/funcs.h"
#include "chart/functions/time_text.h"
#include "data/encoding.h"
#include "data/json.h"
#include "data/number.h"
#include "data/yaml.h"

enum { BASE64_LINE = 70 };

typedef struct conversion {
    int depth;
    size_t count;
    bool unfit; /* it ended for a reason that is in the value */
} conversion;

static cJSON *convert(const vcl_tpl_value *value, conversion *c);

static cJSON *integer(int64_t value)
{
    vcl_auto_free char *text = vcl_format("%lld", (long long)value);

    return text ? cJSON_CreateRaw(text) : NULL;
}

static cJSON *fraction(double value)
{
    char text[VCL_NUMBER_SIZE];

    if (isnan(value))
        return cJSON_CreateRaw(".nan");
    if (isinf(value))
        return cJSON_CreateRaw(value > 0 ? ".inf" : "-.inf");
    vcl_format_go_double(value, text);
    return cJSON_CreateRaw(text);
}

/* Base64 in lines, each with its end, when there is more than one. */
static cJSON *binary(vcl_tpl_text text)
{
    vcl_auto_free char *encoded = vcl_base64_encode(text.data, text.size);
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    if (!encoded)
        return NULL;
    size_t size = strlen(encoded);
    for (size_t i = 0; i < size; i += BASE64_LINE) {
        vcl_buf_append(&buf, encoded + i, size - i < BASE64_LINE ? size - i : BASE64_LINE);
        vcl_buf_add(&buf, size >= BASE64_LINE ? "\n" : "");
    }
    cJSON *node = vcl_buf_failed(&buf) ? NULL : cJSON_CreateString(vcl_buf_text(&buf));
    if (node)
        node->type |= VCL_YAML_BINARY;
    return node;
}

/* A NUL-terminated copy; NULL: memory is short, or there is a NUL within. */
static char *c_text(vcl_tpl_text text, conversion *c)
{
    if (text.size && memchr(text.data, '\0', text.size)) {
        c->unfit = true;
        return NULL;
    }
    return vcl_strndup(text.size ? text.data : "", text.size);
}

static cJSON *string(vcl_tpl_text text, conversion *c)
{
    if (!vcl_utf8_valid(text.size ? text.data : "", text.size))
        return binary(text);

    vcl_auto_free char *copy = c_text(text, c);
    return copy ? cJSON_CreateString(copy) : NULL;
}

static cJSON *duration(int64_t nanoseconds, conversion *c)
{
    VCL_AUTO_BUF buf = { .max = 64 };

    vcl_duration_format(&buf, nanoseconds);
    return string((vcl_tpl_text){ buf.data, buf.size }, c);
}

/* A time stands without quotes. */
static cJSON *time_(const vcl_tpl_value *value, conversion *c)
{
    const vcl_tpl_value *form = vcl_tpl_json_form(value);
    vcl_auto_free char *text = form ? c_text(form->text, c) : NULL;

    return text ? cJSON_CreateRaw(text) : NULL;
}

static cJSON *bytes(vcl_tpl_text text)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    for (size_t i = 0; array && i < text.size; i++) {
        if (!vcl_json_append(array, integer((unsigned char)text.data[i])))
            return NULL;
    }
    return vcl_steal(&array);
}

static cJSON *list(const vcl_tpl_value *value, conversion *c)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    for (size_t i = 0; array && i < vcl_tpl_list_size(value); i++) {
        if (!vcl_json_append(array, convert(&value->list->items[i], c)))
            return NULL;
    }
    return vcl_steal(&array);
}

/* The name of a member; those of structs are in small letters. */
static char *member_name(vcl_tpl_text key, bool is_struct, conversion *c)
{
    char *name = c_text(key, c);

    if (name && !vcl_utf8_valid(name, strlen(name))) {
        c->unfit = true;
        free(name);
        return NULL;
    }
    for (char *at = name; is_struct && at && *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + ('a' - 'A') : *at);
    return name;
}

static cJSON *map(const vcl_tpl_value *value, conversion *c)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    bool is_struct = vcl_tpl_type_of(value)->is_struct;

    for (size_t i = 0; object && i < vcl_tpl_map_size(value); i++) {
        const vcl_tpl_entry *entry = &value->map->entries[i];
        vcl_auto_free char *name = member_name(entry->key, is_struct, c);
        cJSON *member = name ? convert(&entry->value, c) : NULL;
        if (!member)
            return NULL;
        if (!cJSON_AddItemToObject(object, name, member)) {
            vcl_json_free_secret(member);
            return NULL;
        }
    }
    return vcl_steal(&object);
}

static cJSON *by_kind(const vcl_tpl_value *value, conversion *c)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_NIL:
        return cJSON_CreateNull();
    case VCL_TPL_BOOL:
        return cJSON_CreateBool(value->boolean);
    case VCL_TPL_INT:
        return value->type == VCL_TPL_T_DURATION ? duration(value->integer, c)
                                                 : integer(value->integer);
    case VCL_TPL_FLOAT:
        return fraction(value->number);
    case VCL_TPL_STRING:
        return value->type == VCL_TPL_T_BYTES ? bytes(value->text) : string(value->text, c);
    case VCL_TPL_LIST:
        return list(value, c);
    case VCL_TPL_MAP:
        if (value->type == VCL_TPL_T_TIME)
            return time_(value, c);
        if (vcl_tpl_text_form(value))
            return string(vcl_tpl_text_form(value)->text, c);
        return map(value, c);
    }
    return NULL;
}

static cJSON *convert(const vcl_tpl_value *value, conversion *c)
{
    if (c->depth >= VCL_TPL_MAX_NESTING || c->count >= VCL_MAX_JSON_NODES) {
        c->unfit = true;
        return NULL;
    }
    c->depth++;
    c->count++;
    cJSON *node = by_kind(value, c);
    c->depth--;
    return node;
}

static int
to_yaml_pretty(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    conversion c = { 0 };
    cJSON *tree = convert(&args[0], &c);
    char *text = NULL;
    int status = tree || c.unfit ? VCLUSTER_OK : VCLUSTER_E_NO_MEMORY;

    (void)count;
    if (tree)
        status = vcl_yaml_print_pretty(tree, &text, NULL);
    vcl_json_free_secret(tree);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    status = vcl_tpl_return_text(state, vcl_str(text), text ? strlen(text) : 0, out);
    vcl_free_secret(text);
    return status;
}

const vcl_tpl_function vcl_tpl_funcs_yaml[] = {
    { "toYamlPretty", "a", 0, to_yaml_pretty },
    { NULL, NULL, 0, NULL },
};
