/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars of the YAML reader: tags, and the cJSON node for what a scalar means. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "data/encoding.h"
#include "data/yaml_reader.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

void *vcl_yaml_fail_tag(vcl_yaml_reader *reader, const yaml_char_t *tag, size_t line)
{
    return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "unknown tag '%.200s'", (const char *)tag);
}

/* The name of a tag for scalars: "" for none; for one that is not known NULL, or "str" when loose.
 */
static const char *scalar_tag(const yaml_char_t *tag, bool loose)
{
    static const char *const names[] = { "str", "binary", "null",     "bool",
                                         "int", "float",  "timestamp" };
    const char *text = (const char *)tag;

    if (vcl_str_empty(text))
        return "";
    if (vcl_streq(text, "!"))
        return "str";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_starts_with(text, TAG_PREFIX) && vcl_streq(text + strlen(TAG_PREFIX), names[i]))
            return names[i];
    }
    return loose ? "str" : NULL;
}

static cJSON *text_node(vcl_yaml_reader *reader, const char *text)
{
    cJSON *node = cJSON_CreateString(text);

    return node ? node : vcl_yaml_fail_memory(reader);
}

static cJSON *binary_node(vcl_yaml_reader *reader, const char *text, size_t line)
{
    vcl_auto_free char *data = NULL;
    size_t size;

    if (vcl_base64_decode(text, &data, &size, NULL) < 0)
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "a !!binary value is not base64");
    if (memchr(data, '\0', size) || !vcl_utf8_valid(data, size))
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "a !!binary value is not a text");
    return text_node(reader, data);
}

/* The node for a value that the resolver found. */
static cJSON *
resolved_node(vcl_yaml_reader *reader, const vcl_yaml_value *value, const char *text, size_t line)
{
    cJSON *node = NULL;

    switch (value->kind) {
    case VCL_YAML_NULL:
        node = cJSON_CreateNull();
        break;
    case VCL_YAML_BOOL:
        node = cJSON_CreateBool(value->truth);
        break;
    case VCL_YAML_INT:
    case VCL_YAML_FLOAT:
        if (!isfinite(value->number))
            return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "'%s' has no place in JSON", text);
        node = cJSON_CreateNumber(value->number);
        break;
    case VCL_YAML_TEXT:
    case VCL_YAML_TIME:
        return text_node(reader, text);
    }
    return node ? node : vcl_yaml_fail_memory(reader);
}

/* Whether a value is of the kind that its tag names. An integer is a float, too. */
static bool tag_fits(const char *tag, vcl_yaml_kind kind)
{
    static const struct {
        const char *tag;
        vcl_yaml_kind kind;
    } kinds[] = { { "null", VCL_YAML_NULL }, { "bool", VCL_YAML_BOOL },
                  { "int", VCL_YAML_INT },   { "float", VCL_YAML_FLOAT },
                  { "float", VCL_YAML_INT }, { "timestamp", VCL_YAML_TIME } };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind == kind && vcl_streq(kinds[i].tag, tag))
            return true;
    }
    return false;
}

/* An integer that is a float by its tag must fit an int64, for whatever reason. */
static bool is_wide_float(const char *tag, const vcl_yaml_value *value)
{
    return vcl_streq(tag, "float") && value->kind == VCL_YAML_INT && !value->negative &&
           value->magnitude > INT64_MAX;
}

/* Make the node of a scalar. Also says what a plain one resolved to, for the sake of map keys. */
cJSON *
vcl_yaml_read_scalar(vcl_yaml_reader *reader, const yaml_event_t *event, vcl_yaml_value *out_value)
{
    const char *text = (const char *)event->data.scalar.value;
    const char *tag = scalar_tag(event->data.scalar.tag, reader->loose);
    size_t line = event->start_mark.line + 1;

    *out_value = (vcl_yaml_value){ .kind = VCL_YAML_TEXT };
    if (!vcl_yaml_count(reader, 1, line))
        return NULL;
    if (memchr(text, '\0', event->data.scalar.length))
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "a text holds a NUL character");
    if (!tag)
        return vcl_yaml_fail_tag(reader, event->data.scalar.tag, line);
    if (vcl_streq(tag, "binary"))
        return binary_node(reader, text, line);
    if (vcl_streq(tag, "str") || (!*tag && !event->data.scalar.plain_implicit))
        return text_node(reader, text);

    vcl_yaml_resolve(text, out_value);
    if (*tag && (!tag_fits(tag, out_value->kind) || is_wide_float(tag, out_value)))
        return vcl_yaml_fail(reader, line, VCL_YAML_SYNTAX, "the value does not fit its tag '!!%s'",
                             tag);
    return resolved_node(reader, out_value, text, line);
}
