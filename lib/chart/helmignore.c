/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of .helmignore; mirrors pkg/ignore of Helm 3.21. */
#include "chart/helmignore.h"

#include <string.h>

#include "chart/template/glob.h"
#include "chart/template/utf8.h"

static const char default_rule[] = "templates/.?*";

typedef struct rule {
    vcl_tpl_text pattern;
    bool negated;
    bool only_directories;
    bool whole_path; /* a '/' in it: the whole path must fit, else its last part */
} rule;

static bool parse_rule(vcl_tpl_text line, rule *out_rule)
{
    line = vcl_tpl_trim_space(line);
    *out_rule = (rule){ 0 };
    if (line.size == 0 || line.data[0] == '#')
        return false;
    if (line.data[0] == '!') {
        out_rule->negated = true;
        line.data++;
        line.size--;
    }
    if (line.size && line.data[line.size - 1] == '/') {
        out_rule->only_directories = true;
        line.size--;
    }
    if (line.size && memchr(line.data, '/', line.size))
        out_rule->whole_path = true;
    if (line.size && line.data[0] == '/') {
        line.data++;
        line.size--;
    }
    out_rule->pattern = line;
    return true;
}

static bool fits(const rule *r, const char *path)
{
    const char *slash = strrchr(path, '/');

    return vcl_tpl_match(r->pattern, vcl_tpl_literal(r->whole_path || !slash ? path : slash + 1));
}

/* Whether one rule leaves the path out. A negated rule leaves out what does not fit it. */
static bool leaves_out(const rule *r, const char *path, bool is_directory)
{
    if (r->negated)
        return (r->only_directories && !is_directory) || !fits(r, path);
    return (is_directory || !r->only_directories) && fits(r, path);
}

bool vcl_helmignore(const char *rules, const char *path, bool is_directory)
{
    rule r;

    for (const char *line = rules; *line;) {
        size_t size = strcspn(line, "\n");
        if (parse_rule((vcl_tpl_text){ line, size }, &r) && leaves_out(&r, path, is_directory))
            return true;
        line += size;
        line += *line == '\n';
    }
    return parse_rule(vcl_tpl_literal(default_rule), &r) && leaves_out(&r, path, is_directory);
}
