/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: reading, printing, precedence. Constraints are in semver_constraint.c. The rules and
 * the wording of errors are those of Masterminds/semver 3.5, which Helm 3.21 is built with. */
#include "data/semver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/semver_scan.h"

enum { MAX_VERSION = 256 };

static int fail(vcluster_error **error, const char *message)
{
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s", message);
}

void vcl_version_done(vcl_version *version)
{
    free(version->prerelease);
    free(version->metadata);
    free(version->original);
    *version = (vcl_version){ 0 };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Read an unsigned number of 64 bits; false when it is too large, or no number at all. */
static bool read_u64(const char *text, size_t size, uint64_t *out_value)
{
    uint64_t value = 0;

    if (size == 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(text[i]))
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out_value = value;
    return true;
}

/* ---- The parts of a version, as the regular expressions of the original take them apart ---- */

/* Bytes of "a.b-c.1" at the start of a text; 0 for none. */
static size_t identifiers(const char *text)
{
    size_t size = 0;

    for (;;) {
        size_t run = 0;
        while (is_identifier_char(text[size + run]))
            run++;
        if (run == 0)
            return size > 0 ? size - 1 : 0; /* the dot before it belongs to nobody */
        size += run;
        if (text[size] != '.')
            return size;
        size++;
    }
}

static size_t scan_segment(const char *text, bool wildcards)
{
    size_t size = 0;

    while (is_digit(text[size]) || (wildcards && text[size] && strchr("xX*|", text[size])))
        size++;
    return size;
}

bool vcl_semver_scan(const char *text, bool wildcards, vcl_semver_parts *out_parts)
{
    const char *at = text + (*text == 'v');
    vcl_semver_parts parts = { 0 };

    for (int i = 0; i < 3; i++) {
        const char *from = at + (i > 0);
        size_t size = i > 0 && *at != '.' ? 0 : scan_segment(from, wildcards);
        if (size == 0 && i == 0)
            return false;
        if (size == 0)
            break;
        parts.segments[i] = (vcl_semver_part){ from, size };
        at = from + size;
    }
    if (*at == '-' && (parts.prerelease.size = identifiers(at + 1)) > 0) {
        parts.prerelease.text = at + 1;
        at += 1 + parts.prerelease.size;
    }
    if (*at == '+' && (parts.metadata.size = identifiers(at + 1)) > 0) {
        parts.metadata.text = at + 1;
        at += 1 + parts.metadata.size;
    }
    parts.end = at;
    *out_parts = parts;
    return true;
}

/* ---- Reading ---- */

/* A pre-release of identifiers that are not empty: numbers among them have no leading zero. */
static bool has_leading_zero(const char *prerelease)
{
    for (const char *at = prerelease; *at;) {
        size_t size = strcspn(at, ".");
        if (size > 1 && *at == '0' && strspn(at, "0123456789") >= size)
            return true;
        at += size + (at[size] == '.');
    }
    return false;
}

static int fail_segment(vcluster_error **error, const char *before, const vcl_semver_part *part)
{
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%sstrconv.ParseUint: parsing \"%.*s\": %s",
                    before, (int)part->size, vcl_str(part->text),
                    part->size ? "value out of range" : "invalid syntax");
}

static bool copy_part(char **slot, const vcl_semver_part *part)
{
    *slot = part->size ? vcl_strndup(part->text, part->size) : vcl_strdup("");
    return *slot != NULL;
}

static int copy_texts(vcl_version *version,
                      const char *text,
                      const vcl_semver_parts *parts,
                      vcluster_error **error)
{
    version->original = vcl_strdup(text);
    if (!version->original || !copy_part(&version->prerelease, &parts->prerelease) ||
        !copy_part(&version->metadata, &parts->metadata))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static int parse_loose(const char *text, vcl_version *version, vcluster_error **error)
{
    uint64_t *numbers[] = { &version->major, &version->minor, &version->patch };
    vcl_semver_parts parts;

    if (!vcl_semver_scan(text, false, &parts) || *parts.end)
        return fail(error, "invalid semantic version");
    for (size_t i = 0; i < 3; i++) {
        const vcl_semver_part *part = &parts.segments[i];
        if (part->size && !read_u64(part->text, part->size, numbers[i]))
            return fail_segment(error, "error parsing version segment: ", part);
    }
    int status = copy_texts(version, text, &parts, error);
    if (status == VCLUSTER_OK && has_leading_zero(version->prerelease))
        return fail(error, "version segment starts with 0");
    return status;
}

/* Cut the part behind the first mark in the segment off. */
static bool split_off(vcl_semver_part *segment, char mark, vcl_semver_part *out_rest)
{
    const char *at = memchr(segment->text, mark, segment->size);

    if (!at)
        return false;
    size_t before = (size_t)(at - segment->text);
    *out_rest = (vcl_semver_part){ at + 1, segment->size - before - 1 };
    segment->size = before;
    return true;
}

static bool split_strict(const char *text, vcl_semver_parts *parts)
{
    const char *first = strchr(text, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;

    if (!second)
        return false;
    parts->segments[0] = (vcl_semver_part){ text, (size_t)(first - text) };
    parts->segments[1] = (vcl_semver_part){ first + 1, (size_t)(second - first - 1) };
    parts->segments[2] = (vcl_semver_part){ second + 1, strlen(second + 1) };
    return true;
}

static bool is_identifiers(const vcl_semver_part *part)
{
    return part->size > 0 && identifiers(part->text) == part->size &&
           part->text[part->size - 1] != '.';
}

/* The first identifier that is wrong decides what is said about a pre-release. */
static const char *prerelease_problem(const vcl_semver_part *part)
{
    const char *at = part->text;
    const char *end = part->text + part->size;

    for (;;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        size_t size = (size_t)((dot ? dot : end) - at);
        size_t digits = 0;
        size_t good = 0;
        for (size_t i = 0; i < size; i++) {
            digits += is_digit(at[i]);
            good += is_identifier_char(at[i]);
        }
        if (size == 0 || good < size)
            return "invalid prerelease string";
        if (digits == size && size > 1 && *at == '0')
            return "version segment starts with 0";
        if (!dot)
            return NULL;
        at = dot + 1;
    }
}

static int check_strict_segments(const vcl_semver_parts *parts, vcluster_error **error)
{
    for (size_t i = 0; i < 3; i++) {
        const vcl_semver_part *part = &parts->segments[i];
        for (size_t k = 0; k < part->size; k++) {
            if (!is_digit(part->text[k]))
                return fail(error, "invalid characters in version");
        }
        if (part->size > 1 && part->text[0] == '0')
            return fail(error, "version segment starts with 0");
    }
    return VCLUSTER_OK;
}

static int parse_strict(const char *text, vcl_version *version, vcluster_error **error)
{
    uint64_t *numbers[] = { &version->major, &version->minor, &version->patch };
    vcl_semver_parts parts = { 0 };

    if (!*text)
        return fail(error, "version string empty");
    if (!split_strict(text, &parts))
        return fail(error, "invalid semantic version");
    if (split_off(&parts.segments[2], '+', &parts.metadata) && !is_identifiers(&parts.metadata))
        return fail(error, "invalid metadata string");
    const char *problem = split_off(&parts.segments[2], '-', &parts.prerelease)
                              ? prerelease_problem(&parts.prerelease)
                              : NULL;
    if (problem)
        return fail(error, problem);
    int status = check_strict_segments(&parts, error);
    for (size_t i = 0; i < 3 && status == VCLUSTER_OK; i++) {
        const vcl_semver_part *part = &parts.segments[i];
        if (!read_u64(part->text, part->size, numbers[i]))
            status = fail_segment(error, "", part);
    }
    return status == VCLUSTER_OK ? copy_texts(version, text, &parts, error) : status;
}

int vcl_version_parse(const char *text,
                      bool strict,
                      vcl_version *out_version,
                      vcluster_error **error)
{
    vcl_version version = { 0 };

    if (strlen(text) > MAX_VERSION)
        return fail(error, "version string is too long (max 256 bytes)");
    int status = strict ? parse_strict(text, &version, error) : parse_loose(text, &version, error);
    if (status < 0) {
        vcl_version_done(&version);
        return status;
    }
    *out_version = version;
    return VCLUSTER_OK;
}

/* ---- Precedence ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_texts(const vcl_semver_part *a, const vcl_semver_part *b)
{
    size_t common = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, common);

    return order ? order : compare_numbers(a->size, b->size);
}

/* Numbers come before texts; one of more than 64 bits counts as a text. */
static int compare_identifiers(const vcl_semver_part *a, const vcl_semver_part *b)
{
    uint64_t left = 0;
    uint64_t right = 0;

    if (a->size == 0 || b->size == 0)
        return compare_numbers(a->size, b->size);
    bool left_number = read_u64(a->text, a->size, &left);
    bool right_number = read_u64(b->text, b->size, &right);
    if (left_number && right_number)
        return compare_numbers(left, right);
    if (left_number != right_number)
        return left_number ? -1 : 1;
    return compare_texts(a, b);
}

/* The next identifier of a pre-release, empty behind the last. */
static vcl_semver_part next_identifier(const char **at)
{
    size_t size = strcspn(*at, ".");
    vcl_semver_part part = { *at, size };

    *at += size + ((*at)[size] == '.');
    return part;
}

int vcl_semver_compare_prerelease(const char *a, const char *b)
{
    while (*a || *b) {
        vcl_semver_part left = next_identifier(&a);
        vcl_semver_part right = next_identifier(&b);
        int order = compare_identifiers(&left, &right);
        if (order)
            return order < 0 ? -1 : 1;
    }
    return 0;
}

int vcl_version_compare(const vcl_version *a, const vcl_version *b)
{
    int order = compare_numbers(a->major, b->major);

    if (!order)
        order = compare_numbers(a->minor, b->minor);
    if (!order)
        order = compare_numbers(a->patch, b->patch);
    if (order)
        return order;
    /* A version that is complete comes behind its pre-releases. */
    if (!*a->prerelease || !*b->prerelease)
        return compare_numbers(!*a->prerelease, !*b->prerelease);
    return vcl_semver_compare_prerelease(a->prerelease, b->prerelease);
}

char *vcl_version_format(const vcl_version *version)
{
    return vcl_format("%" PRIu64 ".%" PRIu64 ".%" PRIu64 "%s%s%s%s", version->major, version->minor,
                      version->patch, *version->prerelease ? "-" : "", version->prerelease,
                      *version->metadata ? "+" : "", version->metadata);
}
