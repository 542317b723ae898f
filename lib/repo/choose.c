/* SPDX-License-Identifier: Apache-2.0 */
/* Which version; see choose.h. */
#include "repo/choose.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

enum { NEAR_COUNT = 5 };

/* One version with all three numbers, which a constraint reads as "exactly this". */
static bool is_pinned(const char *text)
{
    vcl_version version = { 0 };

    if (!text || vcl_version_parse(text + (*text == 'v'), true, &version, NULL) < 0)
        return false;
    vcl_version_done(&version);
    return true;
}

int vcl_wanted_init(vcl_wanted *wanted, const char *text, bool prereleases, vcluster_error **error)
{
    VCL_AUTO_ERROR *inner = NULL;

    if (vcl_str_empty(text))
        text = NULL;
    *wanted = (vcl_wanted){ .text = text, .prereleases = prereleases, .pinned = is_pinned(text) };
    int status = vcl_constraint_parse(text ? text : "*", &wanted->constraint, &inner);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);
    if (status < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "version '%s' is neither a version nor a constraint such as '^1.2': %s",
                        text, vcluster_error_message(inner));
    return VCLUSTER_OK;
}

void vcl_wanted_done(vcl_wanted *wanted)
{
    vcl_constraint_free(wanted->constraint);
    wanted->constraint = NULL;
}

bool vcl_candidates_add(vcl_candidates *candidates, const char *text, bool strict, size_t index)
{
    vcl_version version = { 0 };
    int status = vcl_version_parse(text, strict, &version, NULL);

    if (status < 0)
        return status != VCLUSTER_E_NO_MEMORY;
    if (candidates->count == candidates->capacity) {
        size_t capacity = candidates->capacity ? 2 * candidates->capacity : 64;
        vcl_candidate *grown = reallocarray(candidates->items, capacity, sizeof(*grown));
        if (!grown) {
            vcl_version_done(&version);
            return false;
        }
        candidates->items = grown;
        candidates->capacity = capacity;
    }
    candidates->items[candidates->count++] = (vcl_candidate){ version, index };
    return true;
}

void vcl_candidates_done(vcl_candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        vcl_version_done(&candidates->items[i].version);
    free(candidates->items);
    *candidates = (vcl_candidates){ 0 };
}

/* The newest first; of two with one precedence, the one that was listed first. */
static int compare(const void *a, const void *b)
{
    const vcl_candidate *left = a;
    const vcl_candidate *right = b;
    int order = vcl_version_compare(&right->version, &left->version);

    if (order)
        return order;
    return left->index < right->index ? -1 : left->index > right->index;
}

bool vcl_candidates_choose(vcl_candidates *candidates, const vcl_wanted *wanted, size_t *out_index)
{
    const vcl_candidate *items = candidates->items;

    if (candidates->count == 0)
        return false;
    qsort(candidates->items, candidates->count, sizeof(*items), compare);
    for (size_t i = 0; wanted->text && i < candidates->count; i++) {
        if (vcl_streq(items[i].version.original, wanted->text)) {
            *out_index = items[i].index;
            return true;
        }
    }
    for (size_t i = 0; i < candidates->count; i++) {
        if (vcl_constraint_matches(wanted->constraint, &items[i].version, wanted->prereleases)) {
            *out_index = items[i].index;
            return true;
        }
    }
    return false;
}

/* Where a list of near ones begins: around the place that a version would have, or at the top. */
static size_t near_start(const vcl_candidates *candidates, const vcl_wanted *wanted)
{
    vcl_version version = { 0 };
    size_t place = 0;

    if (!wanted->text || vcl_version_parse(wanted->text, false, &version, NULL) < 0)
        return 0;
    while (place < candidates->count &&
           vcl_version_compare(&candidates->items[place].version, &version) > 0)
        place++;
    vcl_version_done(&version);
    size_t last = candidates->count > NEAR_COUNT ? candidates->count - NEAR_COUNT : 0;
    place = place > NEAR_COUNT / 2 ? place - NEAR_COUNT / 2 : 0;
    return place < last ? place : last;
}

char *vcl_candidates_near(const vcl_candidates *candidates, const vcl_wanted *wanted)
{
    VCL_AUTO_BUF buf = { 0 };
    size_t start = near_start(candidates, wanted);

    vcl_buf_init(&buf, 4096);
    vcl_buf_add(&buf, "");
    for (size_t i = start; i < candidates->count && i < start + NEAR_COUNT; i++)
        vcl_buf_addf(&buf, "%s%s", i > start ? ", " : "", candidates->items[i].version.original);
    return vcl_buf_steal(&buf);
}
