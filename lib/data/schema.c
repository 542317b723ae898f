/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schemas as a whole: reading, compiling, freeing, and the memory that they live in. Compiling has
 * two steps: schema_check.c looks at every place that is a schema, schema_build.c makes nodes of
 * those that can be reached.
 */
#include "data/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/schema_node.h"

enum { BLOCK_SIZE = 32 << 10, ALIGNMENT = 16 };

typedef struct vcl_schema_block {
    struct vcl_schema_block *next;
    size_t used;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char data[];
} vcl_schema_block;

VCL_DEFINE_CLEANUP(vcl_schema, vcl_schema_free);

void *vcl_schema_alloc(vcl_schema *schema, size_t size)
{
    vcl_schema_block *block = schema->blocks;

    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = calloc(1, sizeof(*block) + room);
        if (!block)
            return NULL;
        block->size = room;
        block->next = schema->blocks;
        schema->blocks = block;
    }
    void *memory = block->data + block->used;
    block->used += size;
    return memory;
}

char *vcl_schema_copy(vcl_schema *schema, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = vcl_schema_alloc(schema, size);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

vcl_schema_place *vcl_schema_place_of(vcl_schema *schema, const cJSON *json)
{
    vcl_schema_place *place = vcl_schema_map_get_address(&schema->places, json);

    if (place)
        return place;
    place = vcl_schema_alloc(schema, sizeof(*place));
    if (!place || !vcl_schema_map_put_address(&schema->places, json, place))
        return NULL;
    return place;
}

void vcl_schema_free(vcl_schema *schema)
{
    if (!schema)
        return;
    for (size_t i = 0; i < schema->patterns.capacity; i++) {
        if (schema->patterns.entries[i].key)
            vcl_regex_free(schema->patterns.entries[i].value);
    }
    vcl_schema_map_done(&schema->patterns);
    vcl_schema_map_done(&schema->places);
    vcl_schema_map_done(&schema->resources);
    while (schema->blocks) {
        vcl_schema_block *next = schema->blocks->next;
        free(schema->blocks);
        schema->blocks = next;
    }
    cJSON_Delete(schema->json);
    free(schema);
}

static int read_text(vcl_schema *schema, const char *text, size_t size, vcluster_error **error)
{
    VCL_AUTO_ERROR *inner = NULL;
    int status = vcl_json_parse(text, size, &schema->json, &inner);

    if (status == VCLUSTER_OK)
        return status;
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_error_pass(error, &inner, status);
    return vcl_fail(error, VCLUSTER_E_CONFIG, "the schema cannot be read: %s",
                    vcluster_error_message(inner));
}

static int compile(vcl_schema_compiler *compiler)
{
    static const vcl_schema_resource outside = { .url = VCL_SCHEMA_ROOT_URL,
                                                 .draft = VCL_DRAFT_2020 };
    int status = vcl_schema_check(compiler, compiler->schema->json, &outside);

    if (status == VCLUSTER_OK)
        status = vcl_schema_build(compiler, compiler->schema->json);
    vcl_schema_forget_indexes(compiler);
    return status;
}

int vcl_schema_compile(const char *text,
                       size_t size,
                       vcl_schema **out_schema,
                       vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_schema) schema = calloc(1, sizeof(*schema));
    if (!schema)
        return vcl_no_memory(error);

    int status = read_text(schema, text, size, error);
    if (status < 0)
        return status;
    vcl_schema_compiler compiler = { .schema = schema, .error = error };
    status = compile(&compiler);
    if (status < 0)
        return status;
    *out_schema = vcl_steal(&schema);
    return VCLUSTER_OK;
}
