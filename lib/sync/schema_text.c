/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions out of a schema. Only rules that the library does not know itself are looked up, so
 * the schema is parsed for none of a chart of a known version.
 */
#include "sync/schema_text.h"

#include <string.h>

#include "base/str.h"
#include "chart/chart.h"

#define DEFINITIONS "#/$defs/"

/* Follow a local reference, once: upstream's definitions do not chain. */
static const cJSON *resolve(const cJSON *root, const cJSON *node)
{
    const char *reference = vcl_json_find_string(node, "$ref", NULL);

    if (!reference)
        return node;
    if (strncmp(reference, DEFINITIONS, strlen(DEFINITIONS)) != 0)
        return NULL;
    return vcl_json_find(root, "$defs", reference + strlen(DEFINITIONS), NULL);
}

static const cJSON *property(const cJSON *root, const cJSON *node, const char *key)
{
    const cJSON *object = resolve(root, node);

    return object ? vcl_json_find(object, "properties", key, NULL) : NULL;
}

static char *first_line(const char *text)
{
    size_t size = strcspn(text, "\n");
    char *line = vcl_strndup(text, size);

    if (line)
        vcl_sanitize(line);
    return line;
}

char *vcl_schema_text(const vcluster_chart *chart,
                      const char *direction,
                      const char *outer,
                      const char *key)
{
    VCL_AUTO_JSON *root = NULL;

    if (!chart || !chart->schema ||
        vcl_json_parse(chart->schema, strlen(chart->schema), &root, NULL) < 0)
        return vcl_strdup("");
    const cJSON *node = property(root, property(root, root, "sync"), direction);
    if (outer)
        node = property(root, node, outer);
    node = property(root, node, key);
    const char *text = vcl_json_find_string(node, "description", NULL);
    return first_line(vcl_str(text));
}
