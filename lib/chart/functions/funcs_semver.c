/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver, semverCompare, and the methods of a version. A version is a value with two hidden fields:
 * what was written, which is read again for each question, and its printed form.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/template/objects.h"
#include "data/semver.h"

#define ORIGINAL " original"

static void version_done(vcl_version *version)
{
    vcl_version_done(version);
}
#define AUTO_VERSION __attribute__((cleanup(version_done))) vcl_version

/* A C string in which a NUL, which is as wrong as any control character, is another one. */
static char *c_text(vcl_tpl_text text)
{
    char *copy = malloc(text.size + 1);

    if (!copy)
        return NULL;
    for (size_t i = 0; i < text.size; i++)
        copy[i] = (char)(text.data[i] ? text.data[i] : 1);
    copy[text.size] = '\0';
    return copy;
}

static int raise_status(vcl_tpl_state *state, int status, const vcluster_error *error)
{
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    return vcl_tpl_raise(state, "%s", vcluster_error_message(error));
}

static int parse(vcl_tpl_state *state, vcl_tpl_text text, vcl_version *out)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *copy = c_text(text);
    int status = copy ? vcl_version_parse(copy, false, out, &error) : VCLUSTER_E_NO_MEMORY;

    return status < 0 ? raise_status(state, status, error) : 0;
}

/* The version that a value holds. */
static int parse_value(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_version *out)
{
    const vcl_tpl_value *original = vcl_tpl_map_get(value->map, vcl_tpl_literal(ORIGINAL));

    if (!original)
        return vcl_tpl_raise(state, "runtime error: invalid memory address or nil pointer "
                                    "dereference");
    return parse(state, original->text, out);
}

static int new_version(vcl_tpl_state *state,
                       const vcl_version *version,
                       const char *original,
                       vcl_tpl_type type,
                       vcl_tpl_value *out)
{
    vcl_auto_free char *text = vcl_version_format(version);
    vcl_tpl_value original_value;
    vcl_tpl_value text_value;

    if (!text)
        return vcl_tpl_raise_memory(state);
    int result = vcl_tpl_return_text(state, original, strlen(original), &original_value);
    if (result == 0)
        result = vcl_tpl_return_text(state, text, strlen(text), &text_value);
    if (result == 0)
        result = vcl_tpl_new_map(state, type, out);
    if (result == 0)
        result = vcl_tpl_put(state, out->map, vcl_tpl_literal(ORIGINAL), original_value);
    if (result == 0)
        result = vcl_tpl_put(state, out->map, vcl_tpl_literal(VCL_TPL_TEXT_FIELD), text_value);
    return result;
}

static int semver(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse(state, args[0].text, &version);

    (void)count;
    return result < 0 ? result
                      : new_version(state, &version, version.original, VCL_TPL_T_SEMVER, out);
}

static int
semver_compare(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_constraint *constraint = NULL;
    vcl_auto_free char *text = c_text(args[0].text);
    int status = text ? vcl_constraint_parse(text, &constraint, &error) : VCLUSTER_E_NO_MEMORY;

    (void)count;
    if (status < 0)
        return raise_status(state, status, error);
    int result = parse(state, args[1].text, &version);
    if (result == 0)
        *out = vcl_tpl_bool(vcl_constraint_matches(constraint, &version, false));
    vcl_constraint_free(constraint);
    return result;
}

static int
as_text(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const vcl_tpl_value *text = vcl_tpl_text_form(&args[0]);

    (void)state;
    (void)count;
    *out = text ? *text : vcl_tpl_cstring("");
    return 0;
}

static int
original(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const vcl_tpl_value *text = vcl_tpl_map_get(args[0].map, vcl_tpl_literal(ORIGINAL));

    (void)state;
    (void)count;
    *out = text ? *text : vcl_tpl_cstring("");
    return 0;
}

/* A number of a version. Those beyond the signed ones cannot be shown. */
static int number(vcl_tpl_state *state, uint64_t value, vcl_tpl_value *out)
{
    if (value > INT64_MAX)
        return vcl_tpl_raise(state, "version numbers above %lld are not supported",
                             (long long)INT64_MAX);
    *out = vcl_tpl_int((int64_t)value);
    out->type = VCL_TPL_T_UINT64;
    return 0;
}

static int major_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, &args[0], &version);

    (void)count;
    return result < 0 ? result : number(state, version.major, out);
}

static int minor_(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, &args[0], &version);

    (void)count;
    return result < 0 ? result : number(state, version.minor, out);
}

static int patch(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, &args[0], &version);

    (void)count;
    return result < 0 ? result : number(state, version.patch, out);
}

static int
prerelease(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, &args[0], &version);

    (void)count;
    return result < 0
               ? result
               : vcl_tpl_return_text(state, version.prerelease, strlen(version.prerelease), out);
}

static int
metadata(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, &args[0], &version);

    (void)count;
    return result < 0 ? result
                      : vcl_tpl_return_text(state, version.metadata, strlen(version.metadata), out);
}

static int order(vcl_tpl_state *state, const vcl_tpl_value *args, int *out_order)
{
    AUTO_VERSION a = { 0 };
    AUTO_VERSION b = { 0 };
    int result = parse_value(state, &args[0], &a);

    if (result == 0)
        result = parse_value(state, &args[1], &b);
    if (result == 0)
        *out_order = vcl_version_compare(&a, &b);
    return result;
}

static int
compare(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_int((difference > 0) - (difference < 0));
    return result;
}

static int
less_than(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_bool(difference < 0);
    return result;
}

static int
less_than_equal(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_bool(difference <= 0);
    return result;
}

static int
greater_than(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_bool(difference > 0);
    return result;
}

static int greater_than_equal(vcl_tpl_state *state,
                              const vcl_tpl_value *args,
                              size_t count,
                              vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_bool(difference >= 0);
    return result;
}

static int equal(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int difference = 0;
    int result = order(state, args, &difference);

    (void)count;
    *out = vcl_tpl_bool(difference == 0);
    return result;
}

/* A changed version; a leading v of the one before stays. */
static int changed(vcl_tpl_state *state, const vcl_version *version, bool has_v, vcl_tpl_value *out)
{
    vcl_auto_free char *text = vcl_version_format(version);
    vcl_auto_free char *written = text ? vcl_format("%s%s", has_v ? "v" : "", text) : NULL;

    return written ? new_version(state, version, written, VCL_TPL_T_SEMVER_VALUE, out)
                   : vcl_tpl_raise_memory(state);
}

/* The next version: 0 major, 1 minor, 2 patch. The patch of a pre-release is the release. */
static int
increment(vcl_tpl_state *state, const vcl_tpl_value *value, int which, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    int result = parse_value(state, value, &version);

    if (result < 0)
        return result;
    uint64_t *numbers[] = { &version.major, &version.minor, &version.patch };
    if (*numbers[which] == UINT64_MAX)
        return vcl_tpl_raise(state, "version increment would overflow uint64");
    if (which < 2 || !*version.prerelease)
        (*numbers[which])++;
    for (int i = which + 1; i < 3; i++)
        *numbers[i] = 0;
    *version.prerelease = '\0';
    *version.metadata = '\0';
    return changed(state, &version, *version.original == 'v', out);
}

static int
inc_major(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return increment(state, &args[0], 0, out);
}

static int
inc_minor(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return increment(state, &args[0], 1, out);
}

static int
inc_patch(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return increment(state, &args[0], 2, out);
}

/* Replace what stands behind '-' or '+'; the text is checked by reading the whole again. */
static int set_part(vcl_tpl_state *state, const vcl_tpl_value *args, char sign, vcl_tpl_value *out)
{
    AUTO_VERSION version = { 0 };
    AUTO_VERSION checked = { 0 };
    vcl_auto_free char *part = c_text(args[1].text);

    if (!part)
        return vcl_tpl_raise_memory(state);
    int result = parse_value(state, &args[0], &version);
    if (result < 0)
        return result;
    vcl_auto_free char *whole = vcl_format("0.0.0%.*s%s", *part ? 1 : 0, &sign, part);
    if (!whole)
        return vcl_tpl_raise_memory(state);
    VCL_AUTO_ERROR *error = NULL;
    bool valid = vcl_version_parse(whole, false, &checked, &error) == VCLUSTER_OK &&
                 vcl_streq(sign == '-' ? checked.prerelease : checked.metadata, part);
    if (!valid && error && strstr(vcluster_error_message(error), "starts with 0"))
        return raise_status(state, VCLUSTER_E_INVALID_ARGUMENT, error);
    if (!valid)
        return vcl_tpl_raise(state,
                             sign == '-' ? "invalid prerelease string" : "invalid metadata string");
    char **slot = sign == '-' ? &version.prerelease : &version.metadata;
    if (!vcl_str_replace(slot, part))
        return vcl_tpl_raise_memory(state);
    return changed(state, &version, *version.original == 'v', out);
}

static int
set_prerelease(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return set_part(state, args, '-', out);
}

static int
set_metadata(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return set_part(state, args, '+', out);
}

const vcl_tpl_function vcl_tpl_funcs_semver[] = {
    { "semver", "s", 0, semver },
    { "semverCompare", "ss", 0, semver_compare },
    { NULL, NULL, 0, NULL },
};

/* Those of both the pointer and the version itself. */
#define BOTH(name, signature, call)                                                                \
    { VCL_TPL_T_SEMVER, { name, signature, 0, call } },                                            \
    {                                                                                              \
        VCL_TPL_T_SEMVER_VALUE,                                                                    \
        {                                                                                          \
            name, signature, 0, call                                                               \
        }                                                                                          \
    }

const vcl_tpl_method vcl_tpl_semver_methods[] = {
    BOTH("String", "r", as_text),
    BOTH("Major", "r", major_),
    BOTH("Minor", "r", minor_),
    BOTH("Patch", "r", patch),
    BOTH("Prerelease", "r", prerelease),
    BOTH("Metadata", "r", metadata),
    BOTH("IncMajor", "r", inc_major),
    BOTH("IncMinor", "r", inc_minor),
    BOTH("IncPatch", "r", inc_patch),
    BOTH("SetPrerelease", "rs", set_prerelease),
    BOTH("SetMetadata", "rs", set_metadata),
    { VCL_TPL_T_SEMVER, { "Original", "r", 0, original } },
    { VCL_TPL_T_SEMVER, { "Compare", "rv", 0, compare } },
    { VCL_TPL_T_SEMVER, { "Equal", "rv", 0, equal } },
    { VCL_TPL_T_SEMVER, { "LessThan", "rv", 0, less_than } },
    { VCL_TPL_T_SEMVER, { "LessThanEqual", "rv", 0, less_than_equal } },
    { VCL_TPL_T_SEMVER, { "GreaterThan", "rv", 0, greater_than } },
    { VCL_TPL_T_SEMVER, { "GreaterThanEqual", "rv", 0, greater_than_equal } },
    { VCL_TPL_T_NIL, { NULL, NULL, 0, NULL } },
};
