/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of its log ends with a JSON object (or is one, as configured), whose member "error" is why
 * it ends. Levels are coloured also where nobody looks at a terminal.
 */
#include "vcluster/state/program_words.h"

#include <string.h>

#include "base/str.h"
#include "data/json.h"

/* The text of "error" in a line; NULL: it has none. */
static char *error_in(const char *line, size_t size)
{
    VCL_AUTO_JSON *tree = NULL;
    const char *begin = memchr(line, '{', size);

    if (!begin || vcl_json_parse(begin, size - (size_t)(begin - line), &tree, NULL) < 0)
        return NULL;
    const char *text = vcl_json_find_string(tree, "error", NULL);
    return vcl_str_empty(text) ? NULL : vcl_strdup(text);
}

/* "ESC [ digits m" is a colour. */
static void drop_colours(char *text)
{
    char *to = text;

    for (const char *from = text; *from;) {
        size_t size = strncmp(from, "\033[", 2) == 0 ? 2 + strspn(from + 2, "0123456789;") : 0;
        if (size && from[size] == 'm')
            from += size + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

char *vcl_program_words(const char *said)
{
    char *found = NULL;

    for (const char *line = said; *line;) {
        size_t size = strcspn(line, "\n");
        char *text = error_in(line, size);
        if (text) {
            free(found);
            found = text;
        }
        line += size + (line[size] == '\n');
    }
    if (!found)
        found = vcl_strdup(said);
    if (!found)
        return NULL;
    drop_colours(found);
    for (size_t end = strlen(found); end > 0 && found[end - 1] == '\n'; end--)
        found[end - 1] = '\0';
    vcl_sanitize(found);
    return found;
}
