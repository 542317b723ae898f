/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private, flat module under the Python package: the public headers, function by function, under
 * their C names. Nothing here is for people; they use the classes above it.
 *
 *   errors.i     vcluster_error ** -> an exception
 *   strings.i    text in and out
 *   handles.i    opaque objects, freed when Python drops them
 *   callbacks.i  options structs from dicts, progress, watch events, log
 *
 * The interpreter lock is released only around functions that may wait: letting go of it costs more
 * than a getter does, and documents (vcluster_config) are guarded by it.
 */
%module(package="vcluster._native", threads="1") capi

%begin %{
#define PY_SSIZE_T_CLEAN
%}

%{
#include <libvcluster/vcluster.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The headers that this file was written for; an older library would miss functions. */
#if VCLUSTER_VERSION_NUM < 100
#error "libvcluster 0.1 or newer is needed"
#endif
%}

%include <stdint.i>

/* Attributes and blocks that only a compiler needs. */
#define VCLUSTER_API
#define VCLUSTER_NODISCARD
#define VCLUSTER_BEGIN_DECLS
#define VCLUSTER_END_DECLS

/* Options come as dicts (callbacks.i), so their structs are no classes here. */
%rename("$ignore", regextarget=1, %$isclass) "^vcluster_.*_options$";
%ignore VCLUSTER_VERSION;
%ignore VCLUSTER_VERSION_NUM;

%nothreadallow;
%include "errors.i"
%include "strings.i"
%include "handles.i"
%include "callbacks.i"

/* Functions that read files or talk to a server. */
%define CAPI_BLOCKING(NAME)
%threadallow NAME;
%enddef
CAPI_BLOCKING(vcluster_client_new)
CAPI_BLOCKING(vcluster_client_server_version)
CAPI_BLOCKING(vcluster_config_load)
CAPI_BLOCKING(vcluster_chart_load)
CAPI_BLOCKING(vcluster_chart_parse)
CAPI_BLOCKING(vcluster_chart_fetch)
CAPI_BLOCKING(vcluster_chart_upstream)
CAPI_BLOCKING(vcluster_chart_validate)
CAPI_BLOCKING(vcluster_chart_template)
CAPI_BLOCKING(vcluster_instance_ensure)
CAPI_BLOCKING(vcluster_instance_create)
CAPI_BLOCKING(vcluster_instance_get)
CAPI_BLOCKING(vcluster_instance_plan)
CAPI_BLOCKING(vcluster_instance_plan_delete)
CAPI_BLOCKING(vcluster_instance_preflight)
CAPI_BLOCKING(vcluster_instance_pause)
CAPI_BLOCKING(vcluster_instance_resume)
CAPI_BLOCKING(vcluster_instance_list_new)
CAPI_BLOCKING(vcluster_instance_wait)
CAPI_BLOCKING(vcluster_instance_why)
CAPI_BLOCKING(vcluster_instance_describe)
CAPI_BLOCKING(vcluster_instance_delete)
CAPI_BLOCKING(vcluster_instance_open)
CAPI_BLOCKING(vcluster_instance_open_token)
CAPI_BLOCKING(vcluster_instance_token)
CAPI_BLOCKING(vcluster_instance_token_revoke)
CAPI_BLOCKING(vcluster_instance_snapshot)
CAPI_BLOCKING(vcluster_instance_request_snapshot)
CAPI_BLOCKING(vcluster_instance_delete_snapshot)
CAPI_BLOCKING(vcluster_instance_snapshot_requests)
CAPI_BLOCKING(vcluster_instance_stored_snapshots)
CAPI_BLOCKING(vcluster_instance_restore)
CAPI_BLOCKING(vcluster_instance_restore_from)
CAPI_BLOCKING(vcluster_snapshot_describe)
CAPI_BLOCKING(vcluster_config_check)
CAPI_BLOCKING(vcluster_sync_diff)
CAPI_BLOCKING(vcluster_sync_apply)
CAPI_BLOCKING(vcluster_instance_config)
CAPI_BLOCKING(vcluster_instance_host_objects)
CAPI_BLOCKING(vcluster_instance_certs)
CAPI_BLOCKING(vcluster_instance_rotate_certs)
CAPI_BLOCKING(vcluster_instance_kubeconfig)
CAPI_BLOCKING(vcluster_connection_start)
CAPI_BLOCKING(vcluster_connection_list_new)
CAPI_BLOCKING(vcluster_connection_stop)
CAPI_BLOCKING(vcluster_instance_endpoint)
CAPI_BLOCKING(vcluster_instance_fits)
CAPI_BLOCKING(vcluster_lint_add_instance)
CAPI_BLOCKING(vcluster_instance_usage)
CAPI_BLOCKING(vcluster_budget_read)
CAPI_BLOCKING(vcluster_budget_admit)
CAPI_BLOCKING(vcluster_kubeconfig_save)
CAPI_BLOCKING(vcluster_kubeconfig_merge)
CAPI_BLOCKING(vcluster_kubeconfig_remove)
CAPI_BLOCKING(vcluster_instance_watch)
CAPI_BLOCKING(vcluster_instance_extend)
CAPI_BLOCKING(vcluster_reap)
CAPI_BLOCKING(vcluster_instance_adopt)
CAPI_BLOCKING(vcluster_audit)
CAPI_BLOCKING(vcluster_batch_run)
CAPI_BLOCKING(vcluster_pod_logs)
CAPI_BLOCKING(vcluster_pod_exec)
CAPI_BLOCKING(vcluster_pod_forward)
CAPI_BLOCKING(vcluster_tunnel_open)
CAPI_BLOCKING(vcluster_instance_run)
CAPI_BLOCKING(vcluster_resource_get)
CAPI_BLOCKING(vcluster_resource_list)
CAPI_BLOCKING(vcluster_resource_apply)
CAPI_BLOCKING(vcluster_resource_patch)
CAPI_BLOCKING(vcluster_resource_delete)
CAPI_BLOCKING(vcluster_resource_watch)
CAPI_BLOCKING(vcluster_release_install)
CAPI_BLOCKING(vcluster_release_upgrade)
CAPI_BLOCKING(vcluster_release_rollback)
CAPI_BLOCKING(vcluster_release_uninstall)
CAPI_BLOCKING(vcluster_release_diff)
CAPI_BLOCKING(vcluster_release_get)
CAPI_BLOCKING(vcluster_release_history)

%include <libvcluster/error.h>
%include <libvcluster/report.h>
%include <libvcluster/call.h>
%include <libvcluster/client.h>
%include <libvcluster/fake.h>
%include <libvcluster/config.h>
%include <libvcluster/chart.h>
%include <libvcluster/lint.h>
%include <libvcluster/instance.h>
%include <libvcluster/diagnosis.h>
%include <libvcluster/plan.h>
%include <libvcluster/adopt.h>
%include <libvcluster/audit.h>
%include <libvcluster/credential.h>
%include <libvcluster/snapshot.h>
%include <libvcluster/certs.h>
%include <libvcluster/lease.h>
%include <libvcluster/batch.h>
%include <libvcluster/resource.h>
%include <libvcluster/kubeconfig.h>
%include <libvcluster/release.h>
%include <libvcluster/check.h>
%include <libvcluster/sync.h>
%include <libvcluster/gitops.h>
%include <libvcluster/quota.h>
%include <libvcluster/budget.h>
%include <libvcluster/preflight.h>
%include <libvcluster/rights.h>
%include <libvcluster/tunnel.h>
%include <libvcluster/connection.h>
%include <libvcluster/run.h>
%include <libvcluster/endpoint.h>
%include <libvcluster/description.h>
%include <libvcluster/pod.h>
%include <libvcluster/version.h>
