/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the rules, by the file they are in; the table in rules.c says what they find. */
#ifndef VCL_CHECK_AREAS_H
#define VCL_CHECK_AREAS_H

#include "check/rule.h"

/* chart.c: what the chart says itself */
void vcl_check_schema(vcl_check *check);
void vcl_check_removed(vcl_check *check);
void vcl_check_render(vcl_check *check);

/* store.c */
void vcl_check_several_stores(vcl_check *check);
void vcl_check_ha_sqlite(vcl_check *check);
void vcl_check_store_change(vcl_check *check);
void vcl_check_even_replicas(vcl_check *check);

/* sync.c */
void vcl_check_nodes_required(vcl_check *check);
void vcl_check_class_both_ways(vcl_check *check);
void vcl_check_hybrid_no_scheduler(vcl_check *check);
void vcl_check_patches(vcl_check *check);
void vcl_check_tolerations(vcl_check *check);
void vcl_check_class_selectors(vcl_check *check);

/* custom.c */
void vcl_check_custom_scope(vcl_check *check);
void vcl_check_custom_conflict(vcl_check *check);
void vcl_check_proxy(vcl_check *check);

/* mapping.c and gateway.c */
void vcl_check_mappings(vcl_check *check);
void vcl_check_gateways(vcl_check *check);

/* namespaces.c */
void vcl_check_namespaces(vcl_check *check);

/* control_plane.c */
void vcl_check_pod_security(vcl_check *check);
void vcl_check_disruption_budget(vcl_check *check);
void vcl_check_export_kubeconfig(vcl_check *check);
void vcl_check_version_format(vcl_check *check);
void vcl_check_version_skew(vcl_check *check);
/* Whether the chart is one that copies nothing between host and virtual cluster. */
bool vcl_check_is_embedded(const vcl_check *check);
/* Whether the image is upstream's without what needs a licence. */
bool vcl_check_is_open_source(const vcl_check *check);

/* licence.c */
void vcl_check_licence(vcl_check *check);
void vcl_check_open_source(vcl_check *check);

/* network.c */
void vcl_check_resolve_dns(vcl_check *check);
void vcl_check_deny_proxy(vcl_check *check);
void vcl_check_admission(vcl_check *check);

/* private_nodes.c */
void vcl_check_private_nodes(vcl_check *check);

#endif
