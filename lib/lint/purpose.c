/* SPDX-License-Identifier: Apache-2.0 */
/* What a virtual cluster is for, as far as names tell: "ci-1234" is for CI, "ciao" is not. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "lint/lint.h"

static bool is_word(const char *text, size_t size, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == size && strncasecmp(text, *words, size) == 0)
            return true;
    }
    return false;
}

static bool has_word(const char *text, const char *const *words)
{
    text = vcl_str(text);
    while (*text) {
        size_t size = 0;
        while (isalnum((unsigned char)text[size]))
            size++;
        if (size > 0 && is_word(text, size, words))
            return true;
        text += size > 0 ? size : 1;
    }
    return false;
}

static bool labels_have(const cJSON *labels, const char *const *words)
{
    static const char *const keys[] = { "env", "environment", "purpose", "stage", "tier", NULL };

    for (const cJSON *label = labels ? labels->child : NULL; label; label = label->next) {
        const char *slash = label->string ? strrchr(label->string, '/') : NULL;
        const char *key = slash ? slash + 1 : vcl_str(label->string);
        if (is_word(key, strlen(key), keys) && cJSON_IsString(label) &&
            has_word(label->valuestring, words))
            return true;
    }
    return false;
}

static bool file_has(const char *file, const char *const *words)
{
    const char *slash = strrchr(file, '/');

    return has_word(slash ? slash + 1 : file, words);
}

bool vcl_lint_is_for(const vcl_lint_run *run,
                     const vcl_lint_subject *subject,
                     const char *const *words)
{
    static const char *const labels[] = { "controlPlane.statefulSet.labels",
                                          "controlPlane.statefulSet.pods.labels" };

    if (has_word(vcl_lint_setting(&run->lint->settings, "cluster.purpose"), words) ||
        has_word(subject->name, words) || has_word(subject->namespace_name, words) ||
        (!subject->manifest && file_has(subject->file->name, words)) ||
        labels_have(vcl_json_find(subject->manifest, "metadata", "labels", NULL), words))
        return true;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (labels_have(vcl_lint_get(subject, labels[i]), words))
            return true;
    }
    return false;
}

bool vcl_lint_is_short_lived(const vcl_lint_run *run, const vcl_lint_subject *subject)
{
    static const char *const words[] = { "ci", "test", "tests", "preview", "pr", "e2e", NULL };

    return vcl_lint_is_for(run, subject, words);
}
