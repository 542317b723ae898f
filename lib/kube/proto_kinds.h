/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read of objects that come as Protocol Buffers: of the kinds that a virtual cluster is
 * made of, no more than its lists look at. A server needs a fifth of the time for such a list, and
 * the bytes are a fourth. Numbers as in the generated.proto files of k8s.io/api 0.36; they never
 * change their meaning.
 */
#ifndef VCL_KUBE_PROTO_KINDS_H
#define VCL_KUBE_PROTO_KINDS_H

#include "data/proto.h"

extern const vcl_proto_message vcl_proto_stateful_set;
extern const vcl_proto_message vcl_proto_deployment;
extern const vcl_proto_message vcl_proto_pod;
/* Any kind, of which only metadata were asked for. */
extern const vcl_proto_message vcl_proto_metadata;
/* What stands around the items of a list: its metadata. */
extern const vcl_proto_message vcl_proto_list;
extern const vcl_proto_message vcl_proto_status;

#endif
