/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a kubeconfig's text, for its editors; see kubeconfig_edit.h. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/kubeconfig_edit.h"

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t vcl_edit_line_start(const char *text, size_t at)
{
    while (at > 0 && !is_break(text[at - 1]))
        at--;
    return at;
}

size_t vcl_edit_next_line(const char *text, size_t size, size_t at)
{
    if (at > 0 && is_break(text[at - 1]))
        return at; /* a block scalar ends behind its last line */
    while (at < size && !is_break(text[at]))
        at++;
    if (at + 1 < size && text[at] == '\r' && text[at + 1] == '\n')
        return at + 2;
    return at < size ? at + 1 : at;
}

bool vcl_edit_first_in_line(const char *text, size_t at)
{
    while (at > 0 && is_blank(text[at - 1]))
        at--;
    return at == 0 || is_break(text[at - 1]);
}

size_t vcl_edit_skip_space(const char *text, size_t size, size_t at)
{
    while (at < size) {
        if (text[at] == '#') {
            while (at < size && !is_break(text[at]))
                at++;
        } else if (is_blank(text[at]) || is_break(text[at])) {
            at++;
        } else {
            break;
        }
    }
    return at;
}

char *vcl_edit_indent(const char *printed,
                      const char *first_prefix,
                      const char *prefix,
                      size_t prefix_size,
                      const char *line_break)
{
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, (size_t)VCL_MAX_DOCUMENT * 2);
    vcl_buf_add(&buf, first_prefix);
    for (const char *line = printed; *line;) {
        size_t size = strcspn(line, "\n");

        if (line != printed && size > 0)
            vcl_buf_append(&buf, prefix, prefix_size);
        vcl_buf_append(&buf, line, size);
        line += size;
        if (*line == '\n') {
            vcl_buf_add(&buf, line_break);
            line++;
        }
    }
    return vcl_buf_steal(&buf);
}
