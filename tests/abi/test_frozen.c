/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What callers have compiled in and what therefore never changes: the values of enums, and the
 * place of each member of the options structs (on 64-bit machines). A new value or member is added
 * at the end of its table here; a line that is there stays as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <libvcluster/vcluster.h>

static void values_of_vcluster_status_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_OK, 0);
    assert_int_equal(VCLUSTER_E_INVALID_ARGUMENT, -1);
    assert_int_equal(VCLUSTER_E_CONFIG, -2);
    assert_int_equal(VCLUSTER_E_NOT_FOUND, -3);
    assert_int_equal(VCLUSTER_E_ALREADY_EXISTS, -4);
    assert_int_equal(VCLUSTER_E_CONFLICT, -5);
    assert_int_equal(VCLUSTER_E_PERMISSION, -6);
    assert_int_equal(VCLUSTER_E_UNAUTHENTICATED, -7);
    assert_int_equal(VCLUSTER_E_UNAVAILABLE, -8);
    assert_int_equal(VCLUSTER_E_TIMEOUT, -9);
    assert_int_equal(VCLUSTER_E_CANCELLED, -10);
    assert_int_equal(VCLUSTER_E_UNSUPPORTED, -11);
    assert_int_equal(VCLUSTER_E_NO_MEMORY, -12);
    assert_int_equal(VCLUSTER_E_PROTOCOL, -13);
    assert_int_equal(VCLUSTER_E_INTERNAL, -14);
    assert_int_equal(VCLUSTER_E_QUOTA, -15);
    assert_int_equal(VCLUSTER_E_PRECONDITION, -16);
}

static void values_of_vcluster_severity_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_SEVERITY_ERROR, 1);
    assert_int_equal(VCLUSTER_SEVERITY_WARNING, 2);
    assert_int_equal(VCLUSTER_SEVERITY_INFO, 3);
}

static void values_and_names_of_vcluster_sync_state_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_SYNC_OFF, 1);
    assert_int_equal(VCLUSTER_SYNC_ON, 2);
    assert_int_equal(VCLUSTER_SYNC_AUTO, 3);
    assert_string_equal(vcluster_sync_state_name(VCLUSTER_SYNC_OFF), "off");
    assert_string_equal(vcluster_sync_state_name(VCLUSTER_SYNC_ON), "on");
    assert_string_equal(vcluster_sync_state_name(VCLUSTER_SYNC_AUTO), "auto");
    assert_string_equal(vcluster_sync_state_name(0), "");
}

static void values_of_vcluster_reason_and_certainty_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_REASON_NONE, 0);
    assert_int_equal(VCLUSTER_REASON_NOT_FOUND, 1);
    assert_int_equal(VCLUSTER_REASON_NAMESPACE_MISSING, 2);
    assert_int_equal(VCLUSTER_REASON_NAMESPACE_GOING, 3);
    assert_int_equal(VCLUSTER_REASON_DELETING, 4);
    assert_int_equal(VCLUSTER_REASON_PAUSED, 5);
    assert_int_equal(VCLUSTER_REASON_SLEEPING, 6);
    assert_int_equal(VCLUSTER_REASON_SCALED_DOWN, 7);
    assert_int_equal(VCLUSTER_REASON_UNFINISHED, 8);
    assert_int_equal(VCLUSTER_REASON_STARTING, 9);
    assert_int_equal(VCLUSTER_REASON_UNSCHEDULABLE, 20);
    assert_int_equal(VCLUSTER_REASON_NO_CPU, 21);
    assert_int_equal(VCLUSTER_REASON_NO_MEMORY, 22);
    assert_int_equal(VCLUSTER_REASON_NO_RESOURCE, 23);
    assert_int_equal(VCLUSTER_REASON_TAINT, 24);
    assert_int_equal(VCLUSTER_REASON_NODE_SELECTOR, 25);
    assert_int_equal(VCLUSTER_REASON_POD_AFFINITY, 26);
    assert_int_equal(VCLUSTER_REASON_HOST_PORT, 27);
    assert_int_equal(VCLUSTER_REASON_TOO_MANY_PODS, 28);
    assert_int_equal(VCLUSTER_REASON_VOLUME_NODE, 29);
    assert_int_equal(VCLUSTER_REASON_CORDONED, 30);
    assert_int_equal(VCLUSTER_REASON_SCHEDULING_GATED, 31);
    assert_int_equal(VCLUSTER_REASON_NO_SCHEDULER, 32);
    assert_int_equal(VCLUSTER_REASON_NODE_NOT_READY, 40);
    assert_int_equal(VCLUSTER_REASON_NODE_PRESSURE, 41);
    assert_int_equal(VCLUSTER_REASON_EVICTED, 42);
    assert_int_equal(VCLUSTER_REASON_POD_FAILED, 43);
    assert_int_equal(VCLUSTER_REASON_QUOTA_EXCEEDED, 50);
    assert_int_equal(VCLUSTER_REASON_QUOTA_UNSPECIFIED, 51);
    assert_int_equal(VCLUSTER_REASON_LIMIT_RANGE, 52);
    assert_int_equal(VCLUSTER_REASON_ADMISSION_DENIED, 53);
    assert_int_equal(VCLUSTER_REASON_WEBHOOK_UNREACHABLE, 54);
    assert_int_equal(VCLUSTER_REASON_POD_SECURITY, 55);
    assert_int_equal(VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING, 56);
    assert_int_equal(VCLUSTER_REASON_PRIORITY_CLASS_MISSING, 57);
    assert_int_equal(VCLUSTER_REASON_POD_REFUSED, 58);
    assert_int_equal(VCLUSTER_REASON_POD_NOT_MADE, 59);
    assert_int_equal(VCLUSTER_REASON_IMAGE_NOT_FOUND, 70);
    assert_int_equal(VCLUSTER_REASON_IMAGE_AUTH, 71);
    assert_int_equal(VCLUSTER_REASON_IMAGE_REGISTRY, 72);
    assert_int_equal(VCLUSTER_REASON_IMAGE_RATE_LIMIT, 73);
    assert_int_equal(VCLUSTER_REASON_IMAGE_NAME, 74);
    assert_int_equal(VCLUSTER_REASON_IMAGE_NEVER_PULL, 75);
    assert_int_equal(VCLUSTER_REASON_IMAGE_PLATFORM, 76);
    assert_int_equal(VCLUSTER_REASON_IMAGE_PULL, 77);
    assert_int_equal(VCLUSTER_REASON_VOLUME_NO_CLASS, 90);
    assert_int_equal(VCLUSTER_REASON_VOLUME_CLASS_MISSING, 91);
    assert_int_equal(VCLUSTER_REASON_VOLUME_PROVISIONER, 92);
    assert_int_equal(VCLUSTER_REASON_VOLUME_UNBOUND, 93);
    assert_int_equal(VCLUSTER_REASON_VOLUME_LOST, 94);
    assert_int_equal(VCLUSTER_REASON_VOLUME_MOUNT, 95);
    assert_int_equal(VCLUSTER_REASON_CLAIM_MISSING, 96);
    assert_int_equal(VCLUSTER_REASON_CONFIG_MISSING, 110);
    assert_int_equal(VCLUSTER_REASON_CONTAINER_CREATE, 111);
    assert_int_equal(VCLUSTER_REASON_SANDBOX, 112);
    assert_int_equal(VCLUSTER_REASON_CRASH, 113);
    assert_int_equal(VCLUSTER_REASON_OUT_OF_MEMORY, 114);
    assert_int_equal(VCLUSTER_REASON_INIT_FAILED, 115);
    assert_int_equal(VCLUSTER_REASON_PROBE_FAILING, 116);
    assert_int_equal(VCLUSTER_REASON_LICENCE, 130);
    assert_int_equal(VCLUSTER_REASON_RBAC, 131);
    assert_int_equal(VCLUSTER_REASON_DNS, 132);
    assert_int_equal(VCLUSTER_REASON_CONFIG_INVALID, 133);
    assert_int_equal(VCLUSTER_REASON_CERTIFICATE_EXPIRED, 134);
    assert_int_equal(VCLUSTER_REASON_CERTIFICATE_INVALID, 135);
    assert_int_equal(VCLUSTER_REASON_PORT_IN_USE, 136);
    assert_int_equal(VCLUSTER_REASON_STORE_UNREACHABLE, 137);
    assert_int_equal(VCLUSTER_REASON_DISK_FULL, 138);
    assert_int_equal(VCLUSTER_CERTAINTY_POSSIBLE, 1);
    assert_int_equal(VCLUSTER_CERTAINTY_LIKELY, 2);
    assert_int_equal(VCLUSTER_CERTAINTY_CERTAIN, 3);
}

static void values_of_vcluster_step_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_STEP_TICK, 0);
    assert_int_equal(VCLUSTER_STEP_NAMESPACE, 1);
    assert_int_equal(VCLUSTER_STEP_RELEASE, 2);
    assert_int_equal(VCLUSTER_STEP_OBJECT, 3);
    assert_int_equal(VCLUSTER_STEP_POD, 4);
    assert_int_equal(VCLUSTER_STEP_IMAGE, 5);
    assert_int_equal(VCLUSTER_STEP_CONTAINER, 6);
    assert_int_equal(VCLUSTER_STEP_API, 7);
    assert_int_equal(VCLUSTER_STEP_KUBECONFIG, 8);
    assert_int_equal(VCLUSTER_STEP_READY, 9);
    assert_int_equal(VCLUSTER_STEP_DELETE, 10);
    assert_int_equal(VCLUSTER_STEP_LOCK, 11);
    assert_int_equal(VCLUSTER_STEP_PLAN, 12);
    assert_int_equal(VCLUSTER_STEP_SCALE, 13);
    assert_int_equal(VCLUSTER_INSTANCE_ADDED, 1);
    assert_int_equal(VCLUSTER_INSTANCE_CHANGED, 2);
    assert_int_equal(VCLUSTER_INSTANCE_REMOVED, 3);
    assert_int_equal(VCLUSTER_POD_OUTPUT, 1);
    assert_int_equal(VCLUSTER_POD_ERROR_OUTPUT, 2);
}

static void values_of_a_plan_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_ACTION_ADD, 1);
    assert_int_equal(VCLUSTER_ACTION_MODIFY, 2);
    assert_int_equal(VCLUSTER_ACTION_REMOVE, 3);
    assert_int_equal(VCLUSTER_ACTION_KEEP, 4);
    assert_int_equal(VCLUSTER_ACTION_LEAK, 5);
    assert_int_equal(VCLUSTER_IMPACT_NONE, 1);
    assert_int_equal(VCLUSTER_IMPACT_LIVE, 2);
    assert_int_equal(VCLUSTER_IMPACT_RESTART, 3);
    assert_int_equal(VCLUSTER_IMPACT_DATALOSS, 4);
    assert_int_equal(VCLUSTER_IMPACT_REFUSED, 5);
}

static void values_of_vcluster_log_level_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_LOG_DEBUG, 1);
    assert_int_equal(VCLUSTER_LOG_INFO, 2);
    assert_int_equal(VCLUSTER_LOG_WARNING, 3);
}

static void values_of_vcluster_exec_policy_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_EXEC_DEFAULT, 0);
    assert_int_equal(VCLUSTER_EXEC_ALLOW, 1);
    assert_int_equal(VCLUSTER_EXEC_DENY, 2);
    assert_int_equal(VCLUSTER_EXEC_ALLOWLIST, 3);
}

static void values_and_names_of_vcluster_endpoint_kind_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_ENDPOINT_GIVEN, 1);
    assert_int_equal(VCLUSTER_ENDPOINT_PUBLISHED, 2);
    assert_int_equal(VCLUSTER_ENDPOINT_LOAD_BALANCER, 3);
    assert_int_equal(VCLUSTER_ENDPOINT_NODE_PORT, 4);
    assert_int_equal(VCLUSTER_ENDPOINT_INGRESS, 5);
    assert_int_equal(VCLUSTER_ENDPOINT_TLS_ROUTE, 6);
    assert_int_equal(VCLUSTER_ENDPOINT_SERVICE, 7);
    assert_int_equal(VCLUSTER_ENDPOINT_TUNNEL, 8);
    assert_string_equal(vcluster_endpoint_kind_name(1), "given");
    assert_string_equal(vcluster_endpoint_kind_name(2), "published");
    assert_string_equal(vcluster_endpoint_kind_name(3), "load-balancer");
    assert_string_equal(vcluster_endpoint_kind_name(4), "node-port");
    assert_string_equal(vcluster_endpoint_kind_name(5), "ingress");
    assert_string_equal(vcluster_endpoint_kind_name(6), "tls-route");
    assert_string_equal(vcluster_endpoint_kind_name(7), "service");
    assert_string_equal(vcluster_endpoint_kind_name(8), "tunnel");
    assert_string_equal(vcluster_endpoint_kind_name(9), "unknown");
}

static void values_of_vcluster_value_policy_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_VALUES_DEFAULT, 0);
    assert_int_equal(VCLUSTER_VALUES_RESET, 1);
    assert_int_equal(VCLUSTER_VALUES_REUSE, 2);
    assert_int_equal(VCLUSTER_VALUES_RESET_THEN_REUSE, 3);
}

/* Names travel in logs and in the bindings. */
static void names_of_status_values_are_frozen(void **state)
{
    (void)state;
    assert_string_equal(vcluster_status_name(0), "OK");
    assert_string_equal(vcluster_status_name(-1), "INVALID_ARGUMENT");
    assert_string_equal(vcluster_status_name(-2), "CONFIG");
    assert_string_equal(vcluster_status_name(-3), "NOT_FOUND");
    assert_string_equal(vcluster_status_name(-4), "ALREADY_EXISTS");
    assert_string_equal(vcluster_status_name(-5), "CONFLICT");
    assert_string_equal(vcluster_status_name(-6), "PERMISSION");
    assert_string_equal(vcluster_status_name(-7), "UNAUTHENTICATED");
    assert_string_equal(vcluster_status_name(-8), "UNAVAILABLE");
    assert_string_equal(vcluster_status_name(-9), "TIMEOUT");
    assert_string_equal(vcluster_status_name(-10), "CANCELLED");
    assert_string_equal(vcluster_status_name(-11), "UNSUPPORTED");
    assert_string_equal(vcluster_status_name(-12), "NO_MEMORY");
    assert_string_equal(vcluster_status_name(-13), "PROTOCOL");
    assert_string_equal(vcluster_status_name(-14), "INTERNAL");
    assert_string_equal(vcluster_status_name(-15), "QUOTA");
    assert_string_equal(vcluster_status_name(-16), "PRECONDITION");
    assert_string_equal(vcluster_status_name(1), "UNKNOWN");
    assert_string_equal(vcluster_status_name(-17), "UNKNOWN");
}

static void names_of_steps_are_frozen(void **state)
{
    (void)state;
    assert_string_equal(vcluster_step_name(0), "tick");
    assert_string_equal(vcluster_step_name(1), "namespace");
    assert_string_equal(vcluster_step_name(2), "release");
    assert_string_equal(vcluster_step_name(3), "object");
    assert_string_equal(vcluster_step_name(4), "pod");
    assert_string_equal(vcluster_step_name(5), "image");
    assert_string_equal(vcluster_step_name(6), "container");
    assert_string_equal(vcluster_step_name(7), "api");
    assert_string_equal(vcluster_step_name(8), "kubeconfig");
    assert_string_equal(vcluster_step_name(9), "ready");
    assert_string_equal(vcluster_step_name(10), "delete");
    assert_string_equal(vcluster_step_name(11), "lock");
    assert_string_equal(vcluster_step_name(12), "plan");
    assert_string_equal(vcluster_step_name(13), "scale");
    assert_string_equal(vcluster_step_name(14), "unknown");
    assert_string_equal(vcluster_step_name(-1), "unknown");
}

/* Members are pointers or 64-bit integers, so that number N stands at 8 * N. */
#define AT(type, member, number) assert_int_equal(offsetof(type, member), 8 * (number))

static void members_of_vcluster_call_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_call_options, struct_size, 0);
    AT(vcluster_call_options, timeout_ms, 1);
    AT(vcluster_call_options, cancel, 2);
    AT(vcluster_call_options, progress, 3);
    AT(vcluster_call_options, user_data, 4);
    assert_int_equal(sizeof(vcluster_call_options), 8 * 5);
}

static void members_of_vcluster_fake_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_fake_options, struct_size, 0);
    AT(vcluster_fake_options, timeout_ms, 1);
    AT(vcluster_fake_options, kubernetes_version, 2);
    AT(vcluster_fake_options, objects, 3);
    AT(vcluster_fake_options, faults, 4);
    AT(vcluster_fake_options, namespace_name, 5);
    AT(vcluster_fake_options, log, 6);
    AT(vcluster_fake_options, log_user_data, 7);
    AT(vcluster_fake_options, log_destroy, 8);
}

static void members_of_vcluster_client_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_client_options, struct_size, 0);
    AT(vcluster_client_options, timeout_ms, 1);
    AT(vcluster_client_options, kubeconfig_path, 2);
    AT(vcluster_client_options, kubeconfig_text, 3);
    AT(vcluster_client_options, context, 4);
    AT(vcluster_client_options, user_agent, 5);
    AT(vcluster_client_options, log, 6);
    AT(vcluster_client_options, log_user_data, 7);
    AT(vcluster_client_options, log_destroy, 8);
    AT(vcluster_client_options, server, 9);
    AT(vcluster_client_options, namespace_name, 10);
    AT(vcluster_client_options, impersonate_user, 11);
    AT(vcluster_client_options, impersonate_groups, 12);
    AT(vcluster_client_options, exec_policy, 13);
    AT(vcluster_client_options, exec_allowlist, 14);
    AT(vcluster_client_options, allow_file_references, 15);
    AT(vcluster_client_options, warning, 16);
    AT(vcluster_client_options, warning_user_data, 17);
    AT(vcluster_client_options, warning_destroy, 18);
    assert_int_equal(sizeof(vcluster_client_options), 8 * 19);
}

static void members_of_vcluster_check_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_check_options, struct_size, 0);
    AT(vcluster_check_options, name, 1);
    AT(vcluster_check_options, namespace_name, 2);
    AT(vcluster_check_options, kubernetes_version, 3);
    AT(vcluster_check_options, licence, 4);
    AT(vcluster_check_options, text, 5);
    AT(vcluster_check_options, file, 6);
    assert_int_equal(sizeof(vcluster_check_options), 8 * 7);
}

static void members_of_vcluster_template_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_template_options, struct_size, 0);
    AT(vcluster_template_options, namespace_name, 1);
    AT(vcluster_template_options, kubernetes_version, 2);
    AT(vcluster_template_options, api_versions, 3);
    AT(vcluster_template_options, is_upgrade, 4);
    AT(vcluster_template_options, include_crds, 5);
    AT(vcluster_template_options, no_hooks, 6);
    AT(vcluster_template_options, skip_tests, 7);
    AT(vcluster_template_options, skip_schema, 8);
    assert_int_equal(sizeof(vcluster_template_options), 8 * 9);
}

static void members_of_vcluster_ensure_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_ensure_options, struct_size, 0);
    AT(vcluster_ensure_options, timeout_ms, 1);
    AT(vcluster_ensure_options, cancel, 2);
    AT(vcluster_ensure_options, progress, 3);
    AT(vcluster_ensure_options, user_data, 4);
    AT(vcluster_ensure_options, namespace_name, 5);
    AT(vcluster_ensure_options, distribution, 6);
    AT(vcluster_ensure_options, chart, 7);
    AT(vcluster_ensure_options, no_wait, 8);
    AT(vcluster_ensure_options, take_over, 9);
    AT(vcluster_ensure_options, chart_source, 10);
    AT(vcluster_ensure_options, chart_version, 11);
    AT(vcluster_ensure_options, kubernetes_version, 12);
    AT(vcluster_ensure_options, profile, 13);
    AT(vcluster_ensure_options, reset_values, 14);
    AT(vcluster_ensure_options, atomic, 15);
    AT(vcluster_ensure_options, resume, 16);
    AT(vcluster_ensure_options, ttl_s, 17);
    AT(vcluster_ensure_options, expires_at, 18);
    AT(vcluster_ensure_options, owner, 19);
    AT(vcluster_ensure_options, preflight, 20);
    AT(vcluster_ensure_options, unchecked, 21);
    assert_int_equal(sizeof(vcluster_ensure_options), 8 * 22);
}

static void members_of_vcluster_pause_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_pause_options, struct_size, 0);
    AT(vcluster_pause_options, namespace_name, 5);
    AT(vcluster_pause_options, no_wait, 6);
    assert_int_equal(sizeof(vcluster_pause_options), 8 * 7);
}

static void members_of_vcluster_instance_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_instance_options, struct_size, 0);
    AT(vcluster_instance_options, timeout_ms, 1);
    AT(vcluster_instance_options, cancel, 2);
    AT(vcluster_instance_options, progress, 3);
    AT(vcluster_instance_options, user_data, 4);
    AT(vcluster_instance_options, namespace_name, 5);
    assert_int_equal(sizeof(vcluster_instance_options), 8 * 6);
}

static void members_of_vcluster_list_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_list_options, struct_size, 0);
    AT(vcluster_list_options, timeout_ms, 1);
    AT(vcluster_list_options, cancel, 2);
    AT(vcluster_list_options, progress, 3);
    AT(vcluster_list_options, user_data, 4);
    AT(vcluster_list_options, namespace_name, 5);
    assert_int_equal(sizeof(vcluster_list_options), 8 * 6);
}

static void members_of_vcluster_delete_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_delete_options, struct_size, 0);
    AT(vcluster_delete_options, timeout_ms, 1);
    AT(vcluster_delete_options, cancel, 2);
    AT(vcluster_delete_options, progress, 3);
    AT(vcluster_delete_options, user_data, 4);
    AT(vcluster_delete_options, namespace_name, 5);
    AT(vcluster_delete_options, missing_ok, 6);
    AT(vcluster_delete_options, keep_volumes, 7);
    AT(vcluster_delete_options, keep_namespace, 8);
    AT(vcluster_delete_options, no_wait, 9);
    AT(vcluster_delete_options, gitops_too, 10);
    AT(vcluster_delete_options, leftovers_too, 11);
    assert_int_equal(sizeof(vcluster_delete_options), 8 * 12);
}

static void members_of_vcluster_extend_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_extend_options, struct_size, 0);
    AT(vcluster_extend_options, timeout_ms, 1);
    AT(vcluster_extend_options, cancel, 2);
    AT(vcluster_extend_options, progress, 3);
    AT(vcluster_extend_options, user_data, 4);
    AT(vcluster_extend_options, namespace_name, 5);
    AT(vcluster_extend_options, ttl_s, 6);
    AT(vcluster_extend_options, expires_at, 7);
    AT(vcluster_extend_options, never, 8);
    AT(vcluster_extend_options, only_later, 9);
    AT(vcluster_extend_options, owner, 10);
    assert_int_equal(sizeof(vcluster_extend_options), 8 * 11);
}

static void members_of_vcluster_adopt_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_adopt_options, struct_size, 0);
    AT(vcluster_adopt_options, timeout_ms, 1);
    AT(vcluster_adopt_options, cancel, 2);
    AT(vcluster_adopt_options, progress, 3);
    AT(vcluster_adopt_options, user_data, 4);
    AT(vcluster_adopt_options, namespace_name, 5);
    AT(vcluster_adopt_options, chart, 6);
    AT(vcluster_adopt_options, chart_source, 7);
    AT(vcluster_adopt_options, chart_version, 8);
    AT(vcluster_adopt_options, ttl_s, 9);
    AT(vcluster_adopt_options, expires_at, 10);
    AT(vcluster_adopt_options, owner, 11);
    AT(vcluster_adopt_options, dry_run, 12);
    AT(vcluster_adopt_options, take_over, 13);
    AT(vcluster_adopt_options, align, 14);
    assert_int_equal(sizeof(vcluster_adopt_options), 8 * 15);
}

static void members_of_vcluster_audit_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_audit_options, struct_size, 0);
    AT(vcluster_audit_options, timeout_ms, 1);
    AT(vcluster_audit_options, cancel, 2);
    AT(vcluster_audit_options, progress, 3);
    AT(vcluster_audit_options, user_data, 4);
    AT(vcluster_audit_options, namespace_name, 5);
    AT(vcluster_audit_options, grace_s, 6);
    AT(vcluster_audit_options, remove, 7);
    AT(vcluster_audit_options, volumes_too, 8);
    assert_int_equal(sizeof(vcluster_audit_options), 8 * 9);
}

static void members_of_vcluster_reap_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_reap_options, struct_size, 0);
    AT(vcluster_reap_options, timeout_ms, 1);
    AT(vcluster_reap_options, cancel, 2);
    AT(vcluster_reap_options, progress, 3);
    AT(vcluster_reap_options, user_data, 4);
    AT(vcluster_reap_options, namespace_name, 5);
    AT(vcluster_reap_options, owner, 6);
    AT(vcluster_reap_options, grace_s, 7);
    AT(vcluster_reap_options, parallel, 8);
    AT(vcluster_reap_options, interval_ms, 9);
    AT(vcluster_reap_options, dry_run, 10);
    assert_int_equal(sizeof(vcluster_reap_options), 8 * 11);
}

static void members_of_vcluster_rights_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_rights_options, struct_size, 0);
    AT(vcluster_rights_options, namespace_name, 1);
    AT(vcluster_rights_options, role_name, 2);
    AT(vcluster_rights_options, chart, 3);
    AT(vcluster_rights_options, service_account, 4);
    AT(vcluster_rights_options, service_account_namespace, 5);
    assert_int_equal(sizeof(vcluster_rights_options), 8 * 6);
}

static void members_of_vcluster_reap_manifest_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_reap_manifest_options, struct_size, 0);
    AT(vcluster_reap_manifest_options, namespace_name, 1);
    AT(vcluster_reap_manifest_options, image, 2);
    AT(vcluster_reap_manifest_options, schedule, 3);
    AT(vcluster_reap_manifest_options, grace_s, 4);
    AT(vcluster_reap_manifest_options, only_namespace, 5);
    assert_int_equal(sizeof(vcluster_reap_manifest_options), 8 * 6);
}

static void members_of_vcluster_batch_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_batch_options, struct_size, 0);
    AT(vcluster_batch_options, timeout_ms, 1);
    AT(vcluster_batch_options, cancel, 2);
    AT(vcluster_batch_options, progress, 3);
    AT(vcluster_batch_options, user_data, 4);
    AT(vcluster_batch_options, parallel, 5);
    AT(vcluster_batch_options, stop_on_error, 6);
    assert_int_equal(sizeof(vcluster_batch_options), 8 * 7);
}

static void members_of_vcluster_resource_list_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_resource_list_options, struct_size, 0);
    AT(vcluster_resource_list_options, timeout_ms, 1);
    AT(vcluster_resource_list_options, cancel, 2);
    AT(vcluster_resource_list_options, progress, 3);
    AT(vcluster_resource_list_options, user_data, 4);
    AT(vcluster_resource_list_options, namespace_name, 5);
    AT(vcluster_resource_list_options, label_selector, 6);
    AT(vcluster_resource_list_options, field_selector, 7);
    AT(vcluster_resource_list_options, metadata_only, 8);
    AT(vcluster_resource_list_options, page_size, 9);
    assert_int_equal(sizeof(vcluster_resource_list_options), 8 * 10);
}

static void members_of_vcluster_resource_apply_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_resource_apply_options, struct_size, 0);
    AT(vcluster_resource_apply_options, timeout_ms, 1);
    AT(vcluster_resource_apply_options, cancel, 2);
    AT(vcluster_resource_apply_options, progress, 3);
    AT(vcluster_resource_apply_options, user_data, 4);
    AT(vcluster_resource_apply_options, namespace_name, 5);
    AT(vcluster_resource_apply_options, field_manager, 6);
    AT(vcluster_resource_apply_options, force, 7);
    AT(vcluster_resource_apply_options, dry_run, 8);
    assert_int_equal(sizeof(vcluster_resource_apply_options), 8 * 9);
}

static void members_of_vcluster_resource_delete_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_resource_delete_options, struct_size, 0);
    AT(vcluster_resource_delete_options, timeout_ms, 1);
    AT(vcluster_resource_delete_options, cancel, 2);
    AT(vcluster_resource_delete_options, progress, 3);
    AT(vcluster_resource_delete_options, user_data, 4);
    AT(vcluster_resource_delete_options, propagation, 5);
    AT(vcluster_resource_delete_options, uid, 6);
    AT(vcluster_resource_delete_options, wait, 7);
    assert_int_equal(sizeof(vcluster_resource_delete_options), 8 * 8);
}

static void members_of_vcluster_snapshot_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_snapshot_options, struct_size, 0);
    AT(vcluster_snapshot_options, timeout_ms, 1);
    AT(vcluster_snapshot_options, cancel, 2);
    AT(vcluster_snapshot_options, progress, 3);
    AT(vcluster_snapshot_options, user_data, 4);
    AT(vcluster_snapshot_options, namespace_name, 5);
    AT(vcluster_snapshot_options, use_fd, 6);
    AT(vcluster_snapshot_options, fd, 7);
    assert_int_equal(sizeof(vcluster_snapshot_options), 8 * 8);
}

static void members_of_vcluster_snapshot_request_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_snapshot_request_options, struct_size, 0);
    AT(vcluster_snapshot_request_options, timeout_ms, 1);
    AT(vcluster_snapshot_request_options, cancel, 2);
    AT(vcluster_snapshot_request_options, progress, 3);
    AT(vcluster_snapshot_request_options, user_data, 4);
    AT(vcluster_snapshot_request_options, namespace_name, 5);
    AT(vcluster_snapshot_request_options, no_wait, 6);
    assert_int_equal(sizeof(vcluster_snapshot_request_options), 7 * 8);
}

static void members_of_vcluster_tunnel_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_tunnel_options, struct_size, 0);
    AT(vcluster_tunnel_options, timeout_ms, 1);
    AT(vcluster_tunnel_options, cancel, 2);
    AT(vcluster_tunnel_options, progress, 3);
    AT(vcluster_tunnel_options, user_data, 4);
    AT(vcluster_tunnel_options, namespace_name, 5);
    AT(vcluster_tunnel_options, local_port, 6);
    AT(vcluster_tunnel_options, remote_port, 7);
    AT(vcluster_tunnel_options, unix_socket, 8);
    AT(vcluster_tunnel_options, socket_path, 9);
    AT(vcluster_tunnel_options, wait_ms, 10);
    assert_int_equal(sizeof(vcluster_tunnel_options), 11 * 8);
}

static void members_of_vcluster_run_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_run_options, struct_size, 0);
    AT(vcluster_run_options, timeout_ms, 1);
    AT(vcluster_run_options, cancel, 2);
    AT(vcluster_run_options, progress, 3);
    AT(vcluster_run_options, user_data, 4);
    AT(vcluster_run_options, namespace_name, 5);
    AT(vcluster_run_options, environment, 6);
    AT(vcluster_run_options, kill_after_ms, 7);
    AT(vcluster_run_options, out_pid, 8);
    assert_int_equal(sizeof(vcluster_run_options), 9 * 8);
}

static void values_of_vcluster_tunnel_stat_are_frozen(void **state)
{
    (void)state;
    assert_int_equal(VCLUSTER_TUNNEL_OPEN, 1);
    assert_int_equal(VCLUSTER_TUNNEL_TOTAL, 2);
    assert_int_equal(VCLUSTER_TUNNEL_FAILED, 3);
    assert_int_equal(VCLUSTER_TUNNEL_BYTES_IN, 4);
    assert_int_equal(VCLUSTER_TUNNEL_BYTES_OUT, 5);
    assert_int_equal(VCLUSTER_TUNNEL_RECONNECTS, 6);
}

static void members_of_vcluster_kubeconfig_merge_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_kubeconfig_merge_options, struct_size, 0);
    AT(vcluster_kubeconfig_merge_options, timeout_ms, 1);
    AT(vcluster_kubeconfig_merge_options, cancel, 2);
    AT(vcluster_kubeconfig_merge_options, progress, 3);
    AT(vcluster_kubeconfig_merge_options, user_data, 4);
    AT(vcluster_kubeconfig_merge_options, path, 5);
    AT(vcluster_kubeconfig_merge_options, context_name, 6);
    AT(vcluster_kubeconfig_merge_options, set_current, 7);
    AT(vcluster_kubeconfig_merge_options, replace, 8);
    assert_int_equal(sizeof(vcluster_kubeconfig_merge_options), 8 * 9);
}

static void members_of_vcluster_kubeconfig_remove_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_kubeconfig_remove_options, struct_size, 0);
    AT(vcluster_kubeconfig_remove_options, timeout_ms, 1);
    AT(vcluster_kubeconfig_remove_options, cancel, 2);
    AT(vcluster_kubeconfig_remove_options, progress, 3);
    AT(vcluster_kubeconfig_remove_options, user_data, 4);
    AT(vcluster_kubeconfig_remove_options, path, 5);
    AT(vcluster_kubeconfig_remove_options, context_name, 6);
    AT(vcluster_kubeconfig_remove_options, name, 7);
    AT(vcluster_kubeconfig_remove_options, namespace_name, 8);
    AT(vcluster_kubeconfig_remove_options, host_context, 9);
    AT(vcluster_kubeconfig_remove_options, missing_ok, 10);
    assert_int_equal(sizeof(vcluster_kubeconfig_remove_options), 8 * 11);
}

static void members_of_vcluster_token_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_token_options, struct_size, 0);
    AT(vcluster_token_options, timeout_ms, 1);
    AT(vcluster_token_options, cancel, 2);
    AT(vcluster_token_options, progress, 3);
    AT(vcluster_token_options, user_data, 4);
    AT(vcluster_token_options, namespace_name, 5);
    AT(vcluster_token_options, service_account, 6);
    AT(vcluster_token_options, service_account_namespace, 7);
    AT(vcluster_token_options, create, 8);
    AT(vcluster_token_options, cluster_role, 9);
    AT(vcluster_token_options, role, 10);
    AT(vcluster_token_options, role_namespace, 11);
    AT(vcluster_token_options, expiration_s, 12);
    AT(vcluster_token_options, audiences, 13);
    assert_int_equal(sizeof(vcluster_token_options), 8 * 14);
}

static void members_of_vcluster_token_revoke_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_token_revoke_options, struct_size, 0);
    AT(vcluster_token_revoke_options, timeout_ms, 1);
    AT(vcluster_token_revoke_options, cancel, 2);
    AT(vcluster_token_revoke_options, progress, 3);
    AT(vcluster_token_revoke_options, user_data, 4);
    AT(vcluster_token_revoke_options, namespace_name, 5);
    AT(vcluster_token_revoke_options, service_account, 6);
    AT(vcluster_token_revoke_options, service_account_namespace, 7);
    AT(vcluster_token_revoke_options, missing_ok, 8);
    assert_int_equal(sizeof(vcluster_token_revoke_options), 8 * 9);
}

static void members_of_vcluster_budget_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_budget_options, struct_size, 0);
    AT(vcluster_budget_options, timeout_ms, 1);
    AT(vcluster_budget_options, cancel, 2);
    AT(vcluster_budget_options, progress, 3);
    AT(vcluster_budget_options, user_data, 4);
    AT(vcluster_budget_options, budget, 5);
    AT(vcluster_budget_options, overcommit_percent, 6);
    AT(vcluster_budget_options, name, 7);
    AT(vcluster_budget_options, namespace_name, 8);
    assert_int_equal(sizeof(vcluster_budget_options), 8 * 9);
}

static void members_of_vcluster_fits_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_fits_options, struct_size, 0);
    AT(vcluster_fits_options, timeout_ms, 1);
    AT(vcluster_fits_options, cancel, 2);
    AT(vcluster_fits_options, progress, 3);
    AT(vcluster_fits_options, user_data, 4);
    AT(vcluster_fits_options, namespace_name, 5);
    AT(vcluster_fits_options, nodes, 6);
    assert_int_equal(sizeof(vcluster_fits_options), 8 * 7);
}

static void members_of_vcluster_kubeconfig_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_kubeconfig_options, struct_size, 0);
    AT(vcluster_kubeconfig_options, timeout_ms, 1);
    AT(vcluster_kubeconfig_options, cancel, 2);
    AT(vcluster_kubeconfig_options, progress, 3);
    AT(vcluster_kubeconfig_options, user_data, 4);
    AT(vcluster_kubeconfig_options, namespace_name, 5);
    AT(vcluster_kubeconfig_options, server, 6);
    AT(vcluster_kubeconfig_options, tls_server_name, 7);
    AT(vcluster_kubeconfig_options, context_name, 8);
    AT(vcluster_kubeconfig_options, insecure, 9);
    AT(vcluster_kubeconfig_options, unverified, 10);
    AT(vcluster_kubeconfig_options, token, 11);
    AT(vcluster_kubeconfig_options, exec_plugin, 12);
    AT(vcluster_kubeconfig_options, exec_command, 13);
    AT(vcluster_kubeconfig_options, service_account, 14);
    AT(vcluster_kubeconfig_options, service_account_namespace, 15);
    AT(vcluster_kubeconfig_options, cluster_role, 16);
    AT(vcluster_kubeconfig_options, expiration_s, 17);
    assert_int_equal(sizeof(vcluster_kubeconfig_options), 8 * 18);
}

static void members_of_vcluster_endpoint_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_endpoint_options, struct_size, 0);
    AT(vcluster_endpoint_options, timeout_ms, 1);
    AT(vcluster_endpoint_options, cancel, 2);
    AT(vcluster_endpoint_options, progress, 3);
    AT(vcluster_endpoint_options, user_data, 4);
    AT(vcluster_endpoint_options, namespace_name, 5);
    AT(vcluster_endpoint_options, server, 6);
    AT(vcluster_endpoint_options, tls_server_name, 7);
    AT(vcluster_endpoint_options, insecure, 8);
    AT(vcluster_endpoint_options, exposed_only, 9);
    AT(vcluster_endpoint_options, unverified, 10);
    assert_int_equal(sizeof(vcluster_endpoint_options), 8 * 11);
}

static void members_of_the_options_of_connections_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_connection_start_options, struct_size, 0);
    AT(vcluster_connection_start_options, timeout_ms, 1);
    AT(vcluster_connection_start_options, cancel, 2);
    AT(vcluster_connection_start_options, progress, 3);
    AT(vcluster_connection_start_options, user_data, 4);
    AT(vcluster_connection_start_options, namespace_name, 5);
    AT(vcluster_connection_start_options, program, 6);
    AT(vcluster_connection_start_options, local_port, 7);
    AT(vcluster_connection_start_options, context_name, 8);
    AT(vcluster_connection_start_options, state_directory, 9);
    assert_int_equal(sizeof(vcluster_connection_start_options), 8 * 10);
    AT(vcluster_connection_options, struct_size, 0);
    AT(vcluster_connection_options, timeout_ms, 1);
    AT(vcluster_connection_options, cancel, 2);
    AT(vcluster_connection_options, progress, 3);
    AT(vcluster_connection_options, user_data, 4);
    AT(vcluster_connection_options, state_directory, 5);
    assert_int_equal(sizeof(vcluster_connection_options), 8 * 6);
}

static void members_of_vcluster_chart_fetch_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_chart_fetch_options, struct_size, 0);
    AT(vcluster_chart_fetch_options, timeout_ms, 1);
    AT(vcluster_chart_fetch_options, cancel, 2);
    AT(vcluster_chart_fetch_options, progress, 3);
    AT(vcluster_chart_fetch_options, user_data, 4);
    AT(vcluster_chart_fetch_options, repository, 5);
    AT(vcluster_chart_fetch_options, version, 6);
    AT(vcluster_chart_fetch_options, username, 7);
    AT(vcluster_chart_fetch_options, password, 8);
    AT(vcluster_chart_fetch_options, ca_file, 9);
    AT(vcluster_chart_fetch_options, client_cert_file, 10);
    AT(vcluster_chart_fetch_options, client_key_file, 11);
    AT(vcluster_chart_fetch_options, registry_config, 12);
    AT(vcluster_chart_fetch_options, cache_directory, 13);
    AT(vcluster_chart_fetch_options, no_cache, 14);
    AT(vcluster_chart_fetch_options, prereleases, 15);
    AT(vcluster_chart_fetch_options, plain_http, 16);
    AT(vcluster_chart_fetch_options, pass_credentials, 17);
    AT(vcluster_chart_fetch_options, insecure_skip_tls_verify, 18);
    assert_int_equal(sizeof(vcluster_chart_fetch_options), 8 * 19);
}

static void members_of_vcluster_release_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_release_options, struct_size, 0);
    AT(vcluster_release_options, timeout_ms, 1);
    AT(vcluster_release_options, cancel, 2);
    AT(vcluster_release_options, progress, 3);
    AT(vcluster_release_options, user_data, 4);
    AT(vcluster_release_options, namespace_name, 5);
    AT(vcluster_release_options, create_namespace, 6);
    AT(vcluster_release_options, install, 7);
    AT(vcluster_release_options, wait, 8);
    AT(vcluster_release_options, wait_for_jobs, 9);
    AT(vcluster_release_options, atomic, 10);
    AT(vcluster_release_options, dry_run, 11);
    AT(vcluster_release_options, no_hooks, 12);
    AT(vcluster_release_options, skip_crds, 13);
    AT(vcluster_release_options, skip_schema, 14);
    AT(vcluster_release_options, value_policy, 15);
    AT(vcluster_release_options, take_over, 16);
    AT(vcluster_release_options, take_ownership, 17);
    AT(vcluster_release_options, force_conflicts, 18);
    AT(vcluster_release_options, keep_history, 19);
    AT(vcluster_release_options, missing_ok, 20);
    AT(vcluster_release_options, history_max, 21);
    AT(vcluster_release_options, description, 22);
    assert_int_equal(sizeof(vcluster_release_options), 8 * 23);
}

static void members_of_vcluster_release_query_options_are_frozen(void **state)
{
    (void)state;
    AT(vcluster_release_query_options, struct_size, 0);
    AT(vcluster_release_query_options, timeout_ms, 1);
    AT(vcluster_release_query_options, cancel, 2);
    AT(vcluster_release_query_options, progress, 3);
    AT(vcluster_release_query_options, user_data, 4);
    AT(vcluster_release_query_options, namespace_name, 5);
    assert_int_equal(sizeof(vcluster_release_query_options), 8 * 6);
}

static void blocking_calls_begin_with_the_members_of_call_options(void **state)
{
    (void)state;
#define COMMON(type)                                                                               \
    assert_int_equal(offsetof(type, struct_size), offsetof(vcluster_call_options, struct_size));   \
    assert_int_equal(offsetof(type, timeout_ms), offsetof(vcluster_call_options, timeout_ms));     \
    assert_int_equal(offsetof(type, cancel), offsetof(vcluster_call_options, cancel));             \
    assert_int_equal(offsetof(type, progress), offsetof(vcluster_call_options, progress));         \
    assert_int_equal(offsetof(type, user_data), offsetof(vcluster_call_options, user_data))
    COMMON(vcluster_ensure_options);
    COMMON(vcluster_pause_options);
    COMMON(vcluster_instance_options);
    COMMON(vcluster_list_options);
    COMMON(vcluster_delete_options);
    COMMON(vcluster_resource_list_options);
    COMMON(vcluster_resource_apply_options);
    COMMON(vcluster_resource_delete_options);
    COMMON(vcluster_tunnel_options);
    COMMON(vcluster_run_options);
    COMMON(vcluster_kubeconfig_options);
    COMMON(vcluster_endpoint_options);
    COMMON(vcluster_connection_start_options);
    COMMON(vcluster_connection_options);
    COMMON(vcluster_budget_options);
    COMMON(vcluster_fits_options);
    COMMON(vcluster_kubeconfig_merge_options);
    COMMON(vcluster_kubeconfig_remove_options);
    COMMON(vcluster_chart_fetch_options);
    COMMON(vcluster_release_options);
    COMMON(vcluster_release_query_options);
}

static void the_version_is_that_of_the_headers(void **state)
{
    (void)state;
    assert_string_equal(vcluster_version(), VCLUSTER_VERSION);
    assert_int_equal(vcluster_version_number(), VCLUSTER_VERSION_NUM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_vcluster_status_are_frozen),
        cmocka_unit_test(values_of_vcluster_severity_are_frozen),
        cmocka_unit_test(values_and_names_of_vcluster_sync_state_are_frozen),
        cmocka_unit_test(values_of_vcluster_reason_and_certainty_are_frozen),
        cmocka_unit_test(values_of_vcluster_step_are_frozen),
        cmocka_unit_test(values_of_a_plan_are_frozen),
        cmocka_unit_test(values_of_vcluster_log_level_are_frozen),
        cmocka_unit_test(values_of_vcluster_exec_policy_are_frozen),
        cmocka_unit_test(values_and_names_of_vcluster_endpoint_kind_are_frozen),
        cmocka_unit_test(values_of_vcluster_value_policy_are_frozen),
        cmocka_unit_test(names_of_status_values_are_frozen),
        cmocka_unit_test(names_of_steps_are_frozen),
        cmocka_unit_test(members_of_vcluster_call_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_client_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_fake_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_check_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_template_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_ensure_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_pause_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_instance_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_list_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_delete_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_extend_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_adopt_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_audit_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_reap_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_rights_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_reap_manifest_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_batch_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_resource_list_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_resource_apply_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_resource_delete_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_snapshot_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_snapshot_request_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_tunnel_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_token_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_token_revoke_options_are_frozen),
        cmocka_unit_test(values_of_vcluster_tunnel_stat_are_frozen),
        cmocka_unit_test(members_of_vcluster_run_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_kubeconfig_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_endpoint_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_budget_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_fits_options_are_frozen),
        cmocka_unit_test(members_of_the_options_of_connections_are_frozen),
        cmocka_unit_test(members_of_vcluster_kubeconfig_merge_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_kubeconfig_remove_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_chart_fetch_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_release_options_are_frozen),
        cmocka_unit_test(members_of_vcluster_release_query_options_are_frozen),
        cmocka_unit_test(blocking_calls_begin_with_the_members_of_call_options),
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
