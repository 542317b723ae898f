/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in the wire format of Protocol Buffers as trees: a table says which fields are wanted
 * and what they are called, everything else is stepped over. What comes out is what the JSON of
 * the same object would give, with nothing but those fields in it.
 */
#ifndef VCL_DATA_PROTO_H
#define VCL_DATA_PROTO_H

#include "data/json.h"

typedef enum vcl_proto_kind {
    VCL_PROTO_STRING, /* an empty one is left out, as it is in Kubernetes' JSON */
    VCL_PROTO_INT,    /* of 32 or 64 bits */
    VCL_PROTO_BOOL,
    VCL_PROTO_TIME,     /* whole seconds as RFC 3339 text; an empty one is left out */
    VCL_PROTO_MAP,      /* strings to strings */
    VCL_PROTO_MESSAGE,  /* an object */
    VCL_PROTO_MESSAGES, /* repeated: an array of objects */
} vcl_proto_kind;

typedef struct vcl_proto_message vcl_proto_message;

typedef struct vcl_proto_field {
    uint32_t number;
    vcl_proto_kind kind;
    const char *name;
    const vcl_proto_message *message; /* of the last two kinds */
} vcl_proto_field;

/* A table must not lead back to itself: its depth is that of the tree. */
struct vcl_proto_message {
    const vcl_proto_field *fields;
    size_t count;
};

#define VCL_PROTO_MESSAGE_OF(fields)                                                               \
    {                                                                                              \
        fields, sizeof(fields) / sizeof((fields)[0])                                               \
    }

/* One field as it stands in the bytes. */
typedef struct vcl_proto_part {
    uint32_t number;
    int wire;          /* 0: varint, 1: 8 bytes, 2: bytes with their size, 5: 4 bytes */
    uint64_t value;    /* of wire 0 */
    const char *bytes; /* of wire 2, borrowed */
    size_t size;       /* of bytes */
    size_t head;       /* of wire 2: bytes in front of them */
    size_t whole;      /* all that the field takes */
} vcl_proto_part;

/* The field at the beginning of what there is. Returns 1; 0 when it is not whole yet (of wire 2,
 * size, head and whole are set where they are known already, else whole is 0); PROTOCOL. */
int vcl_proto_next(const char *bytes, size_t size, vcl_proto_part *out, vcluster_error **error);

/* Read a whole message. Limits: VCL_MAX_JSON_NODES. PROTOCOL for what is none. */
int vcl_proto_read(const vcl_proto_message *message,
                   const char *bytes,
                   size_t size,
                   cJSON **out_tree,
                   vcluster_error **error);

#endif
