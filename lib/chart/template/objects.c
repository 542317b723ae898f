/* SPDX-License-Identifier: Apache-2.0 */
/* Methods of the objects of Helm; see objects.h. */
#include "chart/template/objects.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/template/glob.h"
#include "data/encoding.h"
#include "data/json.h"
#include "data/yaml.h"

static int itself(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = args[0];
    out->type = VCL_TPL_T_MAP;
    return 0;
}

static int
version_text(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const vcl_tpl_value *version = vcl_tpl_map_get(args[0].map, vcl_tpl_literal("Version"));

    (void)state;
    (void)count;
    *out = version ? *version : vcl_tpl_cstring("");
    return 0;
}

static int
has_version(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    bool found = false;

    (void)state;
    (void)count;
    for (size_t i = 0; i < vcl_tpl_list_size(&args[0]); i++)
        found = found || vcl_tpl_text_equal(args[0].list->items[i].text, args[1].text);
    *out = vcl_tpl_bool(found);
    return 0;
}

static vcl_tpl_text file_text(const vcl_tpl_value *files, vcl_tpl_text name)
{
    const vcl_tpl_value *file = vcl_tpl_map_get(files->map, name);

    return file ? file->text : vcl_tpl_literal("");
}

static int get(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_string(file_text(&args[0], args[1].text));
    return 0;
}

static int
get_bytes(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_string(file_text(&args[0], args[1].text));
    out->type = VCL_TPL_T_BYTES;
    return 0;
}

static int glob(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_map(state, VCL_TPL_T_FILES, out);

    (void)count;
    for (size_t i = 0; result == 0 && i < vcl_tpl_map_size(&args[0]); i++) {
        const vcl_tpl_entry *entry = &args[0].map->entries[i];
        if (vcl_tpl_glob(args[1].text, entry->key))
            result = vcl_tpl_put(state, out->map, entry->key, entry->value);
    }
    return result;
}

static int lines(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text = file_text(&args[0], args[1].text);
    size_t found = text.size ? 1 : 0;

    (void)count;
    if (text.size && text.data[text.size - 1] == '\n')
        text.size--;
    for (size_t i = 0; i < text.size; i++)
        found += text.data[i] == '\n';

    int result = vcl_tpl_new_list(state, found, VCL_TPL_T_STRINGS, out);
    for (size_t i = 0; result == 0 && i < found; i++) {
        const char *newline = memchr(text.data, '\n', text.size);
        size_t size = newline ? (size_t)(newline - text.data) : text.size;
        out->list->items[i] = vcl_tpl_string((vcl_tpl_text){ text.data, size });
        text.data += size + 1;
        text.size -= size + (newline ? 1 : 0);
    }
    return result;
}

/* The files as a YAML map from their last names, as they are or in base64. */
static int
as_map(vcl_tpl_state *state, const vcl_tpl_value *files, bool encoded, vcl_tpl_value *out)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    vcl_auto_free char *yaml = NULL;

    for (size_t i = 0; tree && i < vcl_tpl_map_size(files); i++) {
        vcl_tpl_value file = files->map->entries[i].value;
        file.type = encoded ? VCL_TPL_T_BYTES : VCL_TPL_T_STRING;
        vcl_auto_free char *path =
            vcl_strndup(files->map->entries[i].key.data, files->map->entries[i].key.size);
        const char *slash = path ? strrchr(path, '/') : NULL;
        bool unfit = false;
        if (!path || !vcl_json_set(tree, slash ? slash + 1 : path, vcl_tpl_to_json(&file, &unfit)))
            return unfit ? vcl_tpl_raise(state, "file '%s' is no text", path)
                         : vcl_tpl_raise_memory(state);
    }
    if (!tree)
        return vcl_tpl_raise_memory(state);
    if (vcl_yaml_print(tree, &yaml, NULL) == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    return vcl_tpl_return_text(state, vcl_str(yaml), yaml ? strlen(yaml) : 0, out);
}

static int
as_config(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return as_map(state, &args[0], false, out);
}

static int
as_secrets(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return as_map(state, &args[0], true, out);
}

const vcl_tpl_method vcl_tpl_methods[] = {
    { VCL_TPL_T_VALUES, { "AsMap", "r", 0, itself } },
    { VCL_TPL_T_KUBE_VERSION, { "GitVersion", "r", 0, version_text } },
    { VCL_TPL_T_KUBE_VERSION, { "String", "r", 0, version_text } },
    { VCL_TPL_T_VERSION_SET, { "Has", "rs", 0, has_version } },
    { VCL_TPL_T_FILES, { "Get", "rs", 0, get } },
    { VCL_TPL_T_FILES, { "GetBytes", "rs", 0, get_bytes } },
    { VCL_TPL_T_FILES, { "Glob", "rs", 0, glob } },
    { VCL_TPL_T_FILES, { "Lines", "rs", 0, lines } },
    { VCL_TPL_T_FILES, { "AsConfig", "r", 0, as_config } },
    { VCL_TPL_T_FILES, { "AsSecrets", "r", 0, as_secrets } },
    { VCL_TPL_T_NIL, { NULL, NULL, 0, NULL } },
};
