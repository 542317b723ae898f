/* SPDX-License-Identifier: Apache-2.0 */
/* Files of crds/; see crds.h. Mirrors Chart.CRDObjects of Helm 3.21. */
#include "chart/crds.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/yaml.h"

static bool is_crd_file(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *ext = slash ? strrchr(slash, '.') : NULL;

    return vcl_starts_with(name, "crds/") && ext &&
           (strcasecmp(ext, ".yaml") == 0 || strcasecmp(ext, ".yml") == 0 ||
            strcasecmp(ext, ".json") == 0);
}

typedef struct crds {
    vcl_arena *arena;
    vcl_buf text;
    cJSON *objects;
    bool unreadable;
} crds;

/* Each file on its own, so that the limit for a document holds for a file. */
static bool add_file(crds *c, const char *folder, const vcl_chart_file *file)
{
    VCL_AUTO_JSON *objects = NULL;
    int status = vcl_yaml_parse_all(file->data, file->size, &objects, NULL);

    vcl_buf_add(&c->text, "---\n# Source: ");
    vcl_buf_add(&c->text, folder);
    vcl_buf_add_char(&c->text, '/');
    vcl_buf_add(&c->text, file->name);
    vcl_buf_add_char(&c->text, '\n');
    vcl_buf_append(&c->text, file->data, file->size);
    vcl_buf_add_char(&c->text, '\n');
    c->unreadable = c->unreadable || status < 0;
    while (objects && objects->child) {
        if (!vcl_json_append(c->objects, cJSON_DetachItemFromArray(objects, 0)))
            return false;
    }
    return status != VCLUSTER_E_NO_MEMORY && !vcl_buf_failed(&c->text);
}

static bool add_chart(crds *c, const vcl_tree_chart *chart)
{
    const char *folder = vcl_tree_path(c->arena, chart);

    for (size_t i = 0; folder && i < chart->chart->file_count; i++) {
        const vcl_chart_file *file = &chart->chart->files[i];
        if (is_crd_file(file->name) && !add_file(c, folder, file))
            return false;
    }
    for (size_t i = 0; folder && i < chart->child_count; i++) {
        if (!add_chart(c, chart->children[i]))
            return false;
    }
    return folder != NULL;
}

int vcl_crds_collect(const vcl_tree *tree,
                     char **out_text,
                     cJSON **out_objects,
                     vcluster_error **error)
{
    crds c = { .arena = tree->arena, .text = { .max = SIZE_MAX / 8 } };

    c.objects = cJSON_CreateArray();

    bool done = c.objects && add_chart(&c, tree->root);
    char *text = done ? vcl_buf_steal(&c.text) : NULL;
    vcl_buf_done(&c.text);
    if (!text || c.unreadable) {
        cJSON_Delete(c.objects);
        c.objects = NULL;
    }
    if (!text)
        return vcl_tree_memory(tree->arena, error);
    *out_text = text;
    *out_objects = c.objects;
    return 0;
}
