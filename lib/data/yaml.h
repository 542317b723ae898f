/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text and trees, with the scalar rules of Kubernetes and Helm (YAML 1.1 as go-yaml v2 reads
 * it and sigs.k8s.io/yaml prints it).
 */
#ifndef VCL_DATA_YAML_H
#define VCL_DATA_YAML_H

#include "data/json.h"

/* Read one document (JSON is YAML too). An empty text gives a null node. Limits: VCL_MAX_DOCUMENT,
 * VCL_MAX_YAML_DEPTH, VCL_MAX_YAML_ALIAS_NODES, VCL_MAX_YAML_ANCHORS; duplicate keys, unknown tags
 * and more than one document are errors. Fails with CONFIG and one finding that has the line (rule
 * "yaml-syntax" or "yaml-limit"). Keys become strings (true -> "true"). */
int vcl_yaml_parse(const char *text, size_t size, cJSON **out_tree, vcluster_error **error);

/* Read all documents into an array; empty documents are left out. */
int vcl_yaml_parse_all(const char *text, size_t size, cJSON **out_array, vcluster_error **error);

/* Print as sigs.k8s.io/yaml does, byte for byte, without the final newline (Helm's toYaml). Fails
 * with CONFIG for a text that YAML cannot hold, and NO_MEMORY. */
int vcl_yaml_print(const cJSON *tree, char **out_text, vcluster_error **error);

#endif
