/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of a document that are read item by item; see yaml_items.h. The items themselves are read
 * by yaml_parse.c. */
#include "data/yaml_items.h"

#include "data/yaml_reader.h"

size_t vcl_yaml_list_number(const vcl_yaml_reader *reader, const char *key)
{
    for (size_t i = 0; reader->lists && reader->depth == 1 && i < reader->lists->count; i++) {
        if (vcl_streq(reader->lists->keys[i], key))
            return i;
    }
    return VCL_YAML_NO_LIST;
}

static bool tell_item(vcl_yaml_reader *reader, size_t list, const yaml_event_t *first)
{
    vcl_yaml_item item = { .list = list, .column = first->start_mark.column };

    item.start = vcl_yaml_byte_of(&reader->cursor, first->start_mark.index);
    cJSON *tree = vcl_yaml_read_node(reader, first);
    if (!tree)
        return false;
    item.tree = tree;
    item.end = vcl_yaml_byte_of(&reader->cursor, reader->last_end);
    int status = reader->lists->fn(reader->lists->data, &item, reader->error);
    vcl_json_free_secret(tree);
    if (status < 0)
        reader->status = status;
    return status >= 0;
}

bool vcl_yaml_tell_items(vcl_yaml_reader *reader, size_t list)
{
    for (;;) {
        VCL_YAML_EVENT event = { 0 };
        if (!vcl_yaml_next_event(reader, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!tell_item(reader, list, &event))
            return false;
    }
}

bool vcl_yaml_is_apart(vcl_yaml_reader *reader)
{
    if (!reader->lists)
        return true;
    reader->tied = true;
    reader->status = VCLUSTER_E_UNSUPPORTED;
    return false;
}

int vcl_yaml_parse_items(const char *text,
                         size_t size,
                         const vcl_yaml_lists *lists,
                         cJSON **out_rest,
                         size_t *out_nodes,
                         vcluster_error **error)
{
    vcl_yaml_reader reader = { .error = error, .lists = lists, .list = VCL_YAML_NO_LIST };
    cJSON *documents = NULL;
    int status = vcl_yaml_run(&reader, text, size, true, &documents);

    if (reader.tied) {
        *out_rest = NULL;
        return VCLUSTER_OK;
    }
    if (status == VCLUSTER_OK)
        status = vcl_yaml_only_document(documents, out_rest, error);
    if (status == VCLUSTER_OK)
        *out_nodes = reader.nodes;
    return status;
}
