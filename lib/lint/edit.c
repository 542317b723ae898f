/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repair as one edit: the piece of the file that it changes, by lines and columns as editors and
 * code scanning have them, and what takes its place. Each is for the file as it is; that two of
 * them go together is not promised.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

/* What stands between start and end of the old text becomes what stands between start and new_end
 * of the new one. */
typedef struct difference {
    size_t start;
    size_t end;
    size_t new_end;
} difference;

/* Whether a byte is inside a character of UTF-8. */
static bool is_inside(char byte)
{
    return ((unsigned char)byte & 0xc0U) == 0x80U;
}

/* The smallest piece in which two texts differ, in whole characters. */
static difference compare(const char *old, const char *new)
{
    difference found = { 0, strlen(old), strlen(new) };

    while (old[found.start] && old[found.start] == new[found.start])
        found.start++;
    while (found.start > 0 && (is_inside(old[found.start]) || is_inside(new[found.start])))
        found.start--;
    while (found.end > found.start && found.new_end > found.start &&
           old[found.end - 1] == new[found.new_end - 1]) {
        found.end--;
        found.new_end--;
    }
    while (is_inside(old[found.end])) {
        found.end++;
        found.new_end++;
    }
    return found;
}

/* Of several places where the same could be inserted, a person expects the one at the beginning of
 * a line. */
static void begin_with_line(const char *old, const char *new, difference *found)
{
    size_t back = 0;

    if (found->end != found->start)
        return;
    while (back < found->start && old[found->start - back - 1] != '\n' &&
           old[found->start - back - 1] == new[found->new_end - back - 1])
        back++;
    if (back < found->start && old[found->start - back - 1] != '\n')
        return;
    found->start -= back;
    found->end -= back;
    found->new_end -= back;
}

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A person reads "true" becoming "false", not "tru" becoming "fals". */
static void take_whole_words(const char *old, const char *new, difference *found)
{
    bool first = is_of_word(found->start < found->end ? old[found->start] : new[found->start]);
    bool last = is_of_word(found->start < found->end ? old[found->end - 1] : 'x') &&
                (found->start == found->new_end || is_of_word(new[found->new_end - 1]));

    while (first && found->start > 0 && is_of_word(old[found->start - 1]))
        found->start--;
    while (last && is_of_word(old[found->end])) {
        found->end++;
        found->new_end++;
    }
}

static void place(const char *text, size_t offset, int64_t *out_line, int64_t *out_column)
{
    *out_line = 1;
    *out_column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            ++*out_line;
            *out_column = 1;
        } else {
            *out_column += !is_inside(text[i]);
        }
    }
}

/* NULL without memory. */
static vcluster_edit *make_edit(const char *old, const char *new)
{
    VCL_AUTO_PTR(vcluster_edit) edit = calloc(1, sizeof(*edit));
    difference found = compare(old, new);

    begin_with_line(old, new, &found);
    take_whole_words(old, new, &found);
    if (!edit)
        return NULL;
    place(old, found.start, &edit->line, &edit->column);
    place(old, found.end, &edit->end_line, &edit->end_column);
    edit->text = vcl_strndup(new + found.start, found.new_end - found.start);
    return edit->text ? vcl_steal(&edit) : NULL;
}

void vcl_lint_propose(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    for (size_t i = 0; !subject->file->live && i < vcluster_report_size(run->report); i++) {
        VCL_AUTO_LINT_FILE *changed = vcl_lint_attempt(subject, vcluster_report_at(run->report, i));
        vcluster_edit *edit = changed ? make_edit(subject->file->text, changed->text) : NULL;

        if (changed && !edit)
            vcl_lint_fail(run);
        vcl_report_set_fix(run->report, i, edit);
    }
}
