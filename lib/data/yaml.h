/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text and trees, with the scalar rules of Kubernetes and Helm (YAML 1.1 as go-yaml v2 reads
 * it and sigs.k8s.io/yaml prints it).
 */
#ifndef VCL_DATA_YAML_H
#define VCL_DATA_YAML_H

#include "data/json.h"

/* Read one document (JSON is YAML too). An empty text gives a null node. Limits: VCL_MAX_DOCUMENT,
 * VCL_MAX_YAML_DEPTH, VCL_MAX_YAML_ALIAS_NODES, VCL_MAX_YAML_ALIAS_TEXT, VCL_MAX_YAML_ANCHORS;
 * duplicate keys, unknown tags and more than one document are errors. Fails with CONFIG and one
 * finding that has the line (rule "yaml-syntax" or "yaml-limit"). Keys become strings (true ->
 * "true"). */
int vcl_yaml_parse(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);

/* The same as Helm does it, for values and for what comes out of a chart: of two members with one
 * key the last stays, a tag that is not known makes a text, and nothing behind the first document
 * is read, be it YAML or not. */
int vcl_yaml_parse_loose(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);

/* Read all documents into an array; empty documents are left out. */
int vcl_yaml_parse_all(const char *text, size_t size, cJSON **out_array, vcluster_error **error);

/* Print as sigs.k8s.io/yaml does, byte for byte, without the final newline (Helm's toYaml). Fails
 * with CONFIG for a text that YAML cannot hold, and NO_MEMORY. */
int vcl_yaml_print(const cJSON *tree, char **out_text, vcluster_error **error);

/* Print as go-yaml v3 does with an indent of two (Helm's toYamlPretty): lists are indented below
 * their key, long lines stay whole, control characters are escaped. A cJSON_Raw node is written as
 * it is; a text with this flag in its type holds bytes in base64, and says so. */
enum { VCL_YAML_BINARY = 1 << 16 };
int vcl_yaml_print_pretty(const cJSON *tree, char **out_text, vcluster_error **error);

#endif
