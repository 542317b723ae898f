/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers as trees; see proto.h. Groups, which Kubernetes does not use, are refused. */
#include "data/proto.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5, MAX_VARINT = 10 };

static int broken(vcluster_error **error, const char *what)
{
    return vcl_fail(error, VCLUSTER_E_PROTOCOL, "no Protocol Buffers message: %s", what);
}

/* Returns the bytes that it took, 0 when there are too few, -1 when it is none. */
static int read_varint(const char *bytes, size_t size, uint64_t *out_value)
{
    uint64_t value = 0;

    for (int i = 0; i < MAX_VARINT; i++) {
        if ((size_t)i == size)
            return 0;
        unsigned char byte = (unsigned char)bytes[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *out_value = value;
            return i + 1;
        }
    }
    return -1;
}

int vcl_proto_next(const char *bytes, size_t size, vcl_proto_part *out, vcluster_error **error)
{
    uint64_t tag = 0;
    uint64_t value = 0;

    *out = (vcl_proto_part){ 0 };
    int head = read_varint(bytes, size, &tag);
    if (head < 0 || tag > UINT32_MAX || (head > 0 && tag >> 3 == 0))
        return broken(error, "a field has no number");
    if (head == 0)
        return 0;
    out->number = (uint32_t)(tag >> 3);
    out->wire = (int)(tag & 7);
    size_t at = (size_t)head;
    if (out->wire == WIRE_64 || out->wire == WIRE_32) {
        out->whole = at + (out->wire == WIRE_64 ? 8 : 4);
        return out->whole <= size;
    }
    if (out->wire != WIRE_VARINT && out->wire != WIRE_BYTES)
        return broken(error, "a field is of a kind that does not exist");
    int more = read_varint(bytes + at, size - at, &value);
    if (more < 0)
        return broken(error, "a number is too long");
    if (more == 0)
        return 0;
    at += (size_t)more;
    out->value = value;
    out->whole = at;
    if (out->wire == WIRE_VARINT)
        return 1;
    if (value > VCL_MAX_HTTP_BODY)
        return broken(error, "a field is larger than any answer");
    out->bytes = bytes + at;
    out->size = (size_t)value;
    out->head = at;
    out->whole = at + out->size;
    return out->whole <= size;
}

typedef struct proto_reader {
    size_t nodes;
    vcluster_error **error;
} proto_reader;

/* Count a node that is about to be made. */
static int count_node(proto_reader *reader)
{
    return ++reader->nodes > VCL_MAX_JSON_NODES
               ? broken(reader->error, "more values than the limit")
               : VCLUSTER_OK;
}

/* The next field of a message that is there as a whole. Returns 1, 0 at its end. */
static int next_part(proto_reader *reader, const char **bytes, size_t *size, vcl_proto_part *out)
{
    if (*size == 0)
        return 0;
    int status = vcl_proto_next(*bytes, *size, out, reader->error);
    if (status == 0)
        return broken(reader->error, "a field ends behind its message");
    if (status > 0) {
        *bytes += out->whole;
        *size -= out->whole;
    }
    return status;
}

/* A copy as text. */
static int copy_text(proto_reader *reader, const vcl_proto_part *part, char **out_text)
{
    if (part->wire != WIRE_BYTES || memchr(part->bytes, '\0', part->size) ||
        !vcl_utf8_valid(part->bytes, part->size))
        return broken(reader->error, "a text is none");
    char *text = malloc(part->size + 1);
    if (!text)
        return vcl_no_memory(reader->error);
    memcpy(text, part->bytes, part->size);
    text[part->size] = '\0';
    *out_text = text;
    return VCLUSTER_OK;
}

static int
set_text(proto_reader *reader, cJSON *object, const char *name, const vcl_proto_part *part)
{
    vcl_auto_free char *text = NULL;
    int status = copy_text(reader, part, &text);

    if (status < 0)
        return status;
    if (!*text)
        return VCLUSTER_OK;
    return vcl_json_set_string(object, name, text) ? VCLUSTER_OK : vcl_no_memory(reader->error);
}

static int
set_time(proto_reader *reader, cJSON *object, const char *name, const vcl_proto_part *part)
{
    char text[VCL_RFC3339_SIZE];
    const char *bytes = part->bytes;
    size_t size = part->size;
    uint64_t numbers[3] = { 0 };
    vcl_proto_part number;
    int status;

    if (part->wire != WIRE_BYTES)
        return broken(reader->error, "a time is none");
    if (size == 0)
        return VCLUSTER_OK;
    while ((status = next_part(reader, &bytes, &size, &number)) > 0) {
        if (number.number <= 2 && number.wire == WIRE_VARINT)
            numbers[number.number] = number.value;
    }
    if (status < 0)
        return status;
    /* The first and the last second that have four digits of a year. */
    int64_t seconds = (int64_t)numbers[1];
    if (seconds < -62135596800 || seconds > 253402300799 || numbers[2] > 999999999)
        return broken(reader->error, "a time is out of range");
    vcl_rfc3339(seconds, 0, text);
    char *fraction = strchr(text, '.'); /* Kubernetes' JSON has whole seconds */
    if (fraction)
        memcpy(fraction, "Z", 2);
    return vcl_json_set_string(object, name, text) ? VCLUSTER_OK : vcl_no_memory(reader->error);
}

/* Key and value of an entry, which the caller frees, each "" where it does not stand there. */
static int read_entry(proto_reader *reader, const vcl_proto_part *entry, char *texts[2])
{
    const char *bytes = entry->bytes;
    size_t size = entry->size;
    vcl_proto_part part;
    int status;

    if (entry->wire != WIRE_BYTES)
        return broken(reader->error, "a map is none");
    while ((status = next_part(reader, &bytes, &size, &part)) > 0) {
        if (part.number > 2)
            continue;
        char **text = &texts[part.number - 1];
        free(vcl_steal(text));
        status = copy_text(reader, &part, text);
        if (status < 0)
            break;
    }
    return status;
}

/* Entries are appended without a look whether the key is there: a server writes each once. */
static int
set_entry(proto_reader *reader, cJSON *object, const char *name, const vcl_proto_part *part)
{
    char *texts[2] = { NULL, NULL };
    int status = read_entry(reader, part, texts);

    if (status == VCLUSTER_OK) {
        cJSON *map = vcl_json_object(object, name);
        cJSON *value = map ? cJSON_CreateString(vcl_str(texts[1])) : NULL;

        if (!value || !cJSON_AddItemToObject(map, vcl_str(texts[0]), value)) {
            cJSON_Delete(value);
            status = vcl_no_memory(reader->error);
        }
    }
    free(texts[0]);
    free(texts[1]);
    return status;
}

static int read_message(proto_reader *reader,
                        const vcl_proto_message *message,
                        const char *bytes,
                        size_t size,
                        cJSON *object);

static int
set_message(proto_reader *reader, cJSON *object, const vcl_proto_field *field, vcl_proto_part part)
{
    cJSON *inner = NULL;

    if (part.wire != WIRE_BYTES)
        return broken(reader->error, "a message in it is none");
    if (field->kind == VCL_PROTO_MESSAGE) {
        inner = vcl_json_object(object, field->name);
    } else {
        cJSON *array = vcl_json_get(object, field->name);
        if (!array && vcl_json_set(object, field->name, cJSON_CreateArray()))
            array = vcl_json_get(object, field->name);
        inner = array ? cJSON_CreateObject() : NULL;
        if (inner && !vcl_json_append(array, inner))
            inner = NULL;
    }
    if (!inner)
        return vcl_no_memory(reader->error);
    return read_message(reader, field->message, part.bytes, part.size, inner);
}

static int set_field(proto_reader *reader,
                     cJSON *object,
                     const vcl_proto_field *field,
                     const vcl_proto_part *part)
{
    int status = count_node(reader);

    if (status < 0)
        return status;
    switch (field->kind) {
    case VCL_PROTO_STRING:
        return set_text(reader, object, field->name, part);
    case VCL_PROTO_TIME:
        return set_time(reader, object, field->name, part);
    case VCL_PROTO_MAP:
        return set_entry(reader, object, field->name, part);
    case VCL_PROTO_MESSAGE:
    case VCL_PROTO_MESSAGES:
        return set_message(reader, object, field, *part);
    case VCL_PROTO_INT:
    case VCL_PROTO_BOOL:
        break;
    }
    if (part->wire != WIRE_VARINT)
        return broken(reader->error, "a number is none");
    bool set = field->kind == VCL_PROTO_INT
                   ? vcl_json_set_int(object, field->name, (int64_t)part->value)
                   : vcl_json_set(object, field->name, cJSON_CreateBool(part->value != 0));
    return set ? VCLUSTER_OK : vcl_no_memory(reader->error);
}

static const vcl_proto_field *find_field(const vcl_proto_message *message, uint32_t number)
{
    for (size_t i = 0; i < message->count; i++) {
        if (message->fields[i].number == number)
            return &message->fields[i];
    }
    return NULL;
}

static int read_message(proto_reader *reader,
                        const vcl_proto_message *message,
                        const char *bytes,
                        size_t size,
                        cJSON *object)
{
    vcl_proto_part part;
    int status;

    while ((status = next_part(reader, &bytes, &size, &part)) > 0) {
        const vcl_proto_field *field = find_field(message, part.number);

        if (field)
            status = set_field(reader, object, field, &part);
        if (status < 0)
            break;
    }
    return status;
}

int vcl_proto_read(const vcl_proto_message *message,
                   const char *bytes,
                   size_t size,
                   cJSON **out_tree,
                   vcluster_error **error)
{
    proto_reader reader = { .error = error };
    VCL_AUTO_JSON *tree = cJSON_CreateObject();

    if (!tree)
        return vcl_no_memory(error);
    int status = read_message(&reader, message, bytes, size, tree);
    if (status == VCLUSTER_OK)
        *out_tree = vcl_steal(&tree);
    return status;
}
