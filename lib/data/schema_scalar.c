/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords for strings and numbers, and those that list whole values: const and enum. */
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/schema_run.h"

enum { MAX_LISTED = 12, MAX_LIST_SIZE = 400, MAX_SHOWN = 40 };

/* Whether some key on the way to a value names what is better not shown. */
static bool on_secret_way(const vcl_schema_step *step)
{
    static const char *const words[] = { "secret", "password", "passwd", "token", "key", "cred" };

    for (; step; step = step->outer) {
        const char *key = step->way == VCL_WAY_MEMBER ? step->value->string : NULL;
        for (size_t i = 0; key && i < sizeof(words) / sizeof(words[0]); i++) {
            if (strcasestr(key, words[i]))
                return true;
        }
    }
    return false;
}

/* A value of the schema, which is no secret. */
static void add_value(vcl_buf *buf, const cJSON *value)
{
    vcl_auto_free char *text = vcl_json_print(value);

    if (cJSON_IsString(value))
        vcl_buf_addf(buf, "'%.100s'", value->valuestring);
    else
        vcl_buf_addf(buf, "%.100s", vcl_str(text));
}

/* What came instead: a short word as it is, of anything else the type only. */
static void add_got(vcl_buf *buf, const vcl_schema_step *step)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    const cJSON *value = step->value;
    char type[VCL_SCHEMA_TYPES_SIZE];

    if (cJSON_IsString(value) && strlen(value->valuestring) <= MAX_SHOWN &&
        !value->valuestring[strspn(value->valuestring, plain)] && !on_secret_way(step)) {
        vcl_buf_addf(buf, "'%s'", value->valuestring);
        return;
    }
    vcl_schema_name_types(vcl_schema_type_of(value), type);
    vcl_buf_addf(buf, "another %s", type);
}

static bool
refuse_value(vcl_schema_run *run, const vcl_schema_step *step, const char *rule, const cJSON *first)
{
    VCL_AUTO_BUF text = { 0 };
    bool several = first && first != step->node->constant;
    int listed = 0;

    if (run->quiet)
        return false;
    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_buf_add(&text, several && first->next ? "expected one of " : "expected ");
    for (const cJSON *value = first; value; value = several ? value->next : NULL) {
        if (listed++ > 0)
            vcl_buf_add(&text, ", ");
        if (listed > MAX_LISTED || text.size > MAX_LIST_SIZE) {
            vcl_buf_add(&text, "...");
            break;
        }
        add_value(&text, value);
    }
    if (!first)
        vcl_buf_add(&text, "nothing at all");
    vcl_buf_add(&text, ", got ");
    add_got(&text, step);
    return vcl_schema_refuse(run, step, rule, "%s", vcl_buf_text(&text));
}

static bool is_listed(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_node *node = step->node;

    if (!(node->value_types & vcl_schema_type_of(step->value)))
        return false;
    for (const cJSON *value = node->values->child; value; value = value->next) {
        if (!vcl_schema_count(run, step, 1))
            return false;
        if (vcl_schema_equal(step->value, value))
            return true;
    }
    return false;
}

bool vcl_schema_values_fit(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_node *node = step->node;

    if (node->constant && !vcl_schema_equal(step->value, node->constant))
        return refuse_value(run, step, "const", node->constant);
    if (node->values && !is_listed(run, step))
        return run->status == VCLUSTER_OK && refuse_value(run, step, "enum", node->values->child);
    return true;
}

/* Characters, as Go counts them: each byte that is part of none counts as well. */
static int64_t count_characters(const char *text)
{
    int64_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool length_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_scalar *scalar = step->node->scalar;

    if (scalar->min_length < 0 && scalar->max_length < 0)
        return true;
    int64_t count = count_characters(step->value->valuestring);
    if (count < scalar->min_length)
        return vcl_schema_refuse(run, step, "minLength", "has %lld characters, needs %lld or more",
                                 (long long)count, (long long)scalar->min_length);
    if (scalar->max_length >= 0 && count > scalar->max_length)
        return vcl_schema_refuse(run, step, "maxLength",
                                 "has %lld characters, at most %lld allowed", (long long)count,
                                 (long long)scalar->max_length);
    return true;
}

static bool text_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_scalar *scalar = step->node->scalar;
    bool fits = length_fits(run, step);

    if (!scalar->regex || vcl_schema_enough(run, fits))
        return fits;
    if (vcl_schema_matches(run, step, scalar->regex, step->value->valuestring))
        return fits;
    if (run->status < 0)
        return false;
    return vcl_schema_refuse(run, step, "pattern", "the text does not match the pattern '%.200s'",
                             scalar->pattern);
}

/* One limit: the order of value and limit must be in a range. */
static bool limit_fits(vcl_schema_run *run,
                       const vcl_schema_step *step,
                       const char *rule,
                       const cJSON *limit,
                       const char *words)
{
    bool upper = strstr(rule, "aximum");
    bool exclusive = *rule == 'e';
    int order;

    if (!limit)
        return true;
    if (!vcl_schema_compare(step->value, limit, &order))
        return vcl_schema_stop(run, step, "the number has more digits than the limit");
    if (upper ? order < 0 : order > 0)
        return true;
    if (order == 0 && !exclusive)
        return true;
    if (run->quiet)
        return false;
    vcl_auto_free char *text = vcl_json_print(limit);
    return vcl_schema_refuse(run, step, rule, "the number must be %s %.100s", words, vcl_str(text));
}

static bool multiple_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const cJSON *divisor = step->node->scalar->multiple_of;
    bool multiple;

    if (!divisor)
        return true;
    if (!vcl_schema_is_multiple(step->value, divisor, &multiple))
        return vcl_schema_stop(run, step, "the number has more digits than the limit");
    if (multiple)
        return true;
    if (run->quiet)
        return false;
    vcl_auto_free char *text = vcl_json_print(divisor);
    return vcl_schema_refuse(run, step, "multipleOf", "the number must be a multiple of %.100s",
                             vcl_str(text));
}

static bool number_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    const vcl_schema_scalar *scalar = step->node->scalar;
    bool fits = limit_fits(run, step, "minimum", scalar->minimum, "at least");

    fits = limit_fits(run, step, "maximum", scalar->maximum, "at most") && fits;
    fits = limit_fits(run, step, "exclusiveMinimum", scalar->exclusive_minimum, "above") && fits;
    fits = limit_fits(run, step, "exclusiveMaximum", scalar->exclusive_maximum, "below") && fits;
    return multiple_fits(run, step) && fits;
}

bool vcl_schema_scalar_fits(vcl_schema_run *run, const vcl_schema_step *step)
{
    switch (vcl_schema_type_of(step->value)) {
    case VCL_TYPE_STRING:
        return text_fits(run, step);
    case VCL_TYPE_NUMBER:
        return number_fits(run, step);
    default:
        return true;
    }
}
