/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every maximum of the library in one place, each with its reason. Nothing that grows with input
 * from outside grows beyond one of these.
 */
#ifndef VCL_BASE_LIMITS_H
#define VCL_BASE_LIMITS_H

enum {
    /* One HTTP body after decompression: 64 MiB is a list page of very large objects. */
    VCL_MAX_HTTP_BODY = 64 << 20,
    /* The text of an error body that is not a Kubernetes Status. */
    VCL_MAX_ERROR_TEXT = 2 << 10,
    /* One watch event: an object is at most about 1.5 MiB in the store. */
    VCL_MAX_WATCH_EVENT = 8 << 20,
    /* Header block of one HTTP answer. */
    VCL_MAX_HTTP_HEADERS = 256 << 10,
    /* One YAML or JSON document from a person: kubeconfig, values, manifest. */
    VCL_MAX_DOCUMENT = 4 << 20,
    /* Nesting of YAML (people) and of JSON (machines). libyaml is quadratic in it. */
    VCL_MAX_YAML_DEPTH = 64,
    VCL_MAX_JSON_DEPTH = 128,
    /* Nodes of one tree: a node costs about 64 bytes, so that 2 M are 128 MiB. */
    VCL_MAX_JSON_NODES = 2000000,
    /* Nodes, and bytes of text in them, that YAML aliases may expand to: what stops a "billion
     * laughs" document. */
    VCL_MAX_YAML_ALIAS_NODES = 100000,
    VCL_MAX_YAML_ALIAS_TEXT = 16 << 20,
    VCL_MAX_YAML_ANCHORS = 1000,
    /* Helm's own limits for charts. */
    VCL_MAX_CHART_TOTAL = 100 << 20,
    VCL_MAX_CHART_FILE = 5 << 20,
    VCL_MAX_CHART_FILES = 10000,
    /* Text that one rendering may make, and how deep templates may include each other. */
    VCL_MAX_TEMPLATE_OUTPUT = 16 << 20,
    VCL_MAX_TEMPLATE_DEPTH = 1000,
    /* Memory of one rendering, and its steps: what stops a loop that makes nothing. */
    VCL_MAX_TEMPLATE_MEMORY = 256 << 20,
    VCL_MAX_TEMPLATE_STEPS = 50000000,
    /* Of the thread that renders: templates at their deepest need 8 MiB, 20 with sanitizers. Pages
     * that are not used cost nothing. */
    VCL_STACK_SIZE = 64 << 20,
    /* JSON Schema: schemas inside each other while one value is looked at (a level takes about 1
     * KiB of stack), schemas and values that are looked at, findings that are reported, digits of a
     * number, and different items with the same hash that are compared. */
    VCL_MAX_SCHEMA_DEPTH = 512,
    VCL_MAX_SCHEMA_STEPS = 2000000,
    VCL_MAX_SCHEMA_FINDINGS = 100,
    VCL_MAX_SCHEMA_DIGITS = 1000,
    VCL_MAX_SCHEMA_COLLISIONS = 16,
    /* One line of a message that a server sent and an error repeats. */
    VCL_MAX_MESSAGE = 8 << 10,
    /* A report as text: 100,000 findings of 640 bytes. */
    VCL_MAX_REPORT_TEXT = 64 << 20,
    /* Names: 63 is a DNS label; derived names must fit too (see vcluster/names.h). */
    VCL_MAX_NAME = 52,
    VCL_MAX_NAME_WITH_ETCD = 47,
    VCL_MAX_LABEL = 63,
    /* Who a virtual cluster is for, an annotation. */
    VCL_MAX_OWNER = 256
};

#endif
