/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options and callbacks. An options struct is filled from a dict whose keys are the members' names:
 * strings and handles in it are borrowed from the dict, which lives as long as the call.
 *
 * Every call with options gets a progress callback, whether Python gave one or not: the library
 * ticks several times a second, and that is where Ctrl-C is noticed. An exception in a callback is
 * set aside, the library is told to stop, and the same exception object is raised at the end.
 */
%{
/* One call: what its callbacks need, and the exception one of them raised. */
typedef struct {
    PyObject *callable; /* borrowed; may be NULL */
    PyObject *terminal; /* the same, for the size of a terminal */
    PyObject *type;
    PyObject *value;
    PyObject *traceback;
    const char **texts[2]; /* the lists of CAPI_TEXTS; their strings are borrowed */
    size_t text_count;
} capi_call;

/*
 * Callbacks come from any thread, even while the interpreter ends; a thread that asks for the
 * interpreter lock then is ended on the spot, inside a call, whose stack others still use. So
 * capi_stop_callbacks(), which runs at exit, lets those that are under way finish and keeps all
 * others out of Python.
 */
static atomic_int capi_callbacks_running;
static atomic_bool capi_callbacks_stopped;

/* False: Python must not be entered any more. */
static bool capi_enter(PyGILState_STATE *state)
{
    atomic_fetch_add(&capi_callbacks_running, 1);
    if (atomic_load(&capi_callbacks_stopped)) {
        atomic_fetch_sub(&capi_callbacks_running, 1);
        return false;
    }
    *state = PyGILState_Ensure();
    return true;
}

static void capi_leave(PyGILState_STATE state)
{
    PyGILState_Release(state);
    atomic_fetch_sub(&capi_callbacks_running, 1);
}

/* One that hangs does not keep the interpreter from ending: two seconds are enough. */
static void capi_stop_callbacks(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };

    atomic_store(&capi_callbacks_stopped, true);
    for (int i = 0; i < 2000 && atomic_load(&capi_callbacks_running) > 0; i++)
        (void)nanosleep(&pause, NULL);
}

/* Set the pending exception aside; the library unwinds without Python noticing. */
static int capi_set_aside(capi_call *call)
{
    PyErr_Fetch(&call->type, &call->value, &call->traceback);
    return 1;
}

/* Raise again what was set aside, unless something is raised already. */
static void capi_raise_again(capi_call *call)
{
    if (call->type && !PyErr_Occurred()) {
        PyErr_Restore(call->type, call->value, call->traceback);
    } else {
        Py_XDECREF(call->type);
        Py_XDECREF(call->value);
        Py_XDECREF(call->traceback);
    }
    call->type = call->value = call->traceback = NULL;
}

static int capi_on_progress(const vcluster_progress *progress, void *user_data)
{
    capi_call *call = user_data;
    PyGILState_STATE state;
    int stop = 1;

    if (call->type)
        return 1;
    if (!capi_enter(&state))
        return 0;
    if (PyErr_CheckSignals() < 0) {
        stop = capi_set_aside(call);
    } else if (!call->callable) {
        stop = 0;
    } else {
        PyObject *handle =
            SWIG_NewPointerObj((void *)progress, SWIGTYPE_p_vcluster_progress, 0);
        PyObject *answer =
            handle ? PyObject_CallFunctionObjArgs(call->callable, handle, NULL) : NULL;

        stop = answer ? 0 : capi_set_aside(call);
        Py_XDECREF(answer);
        Py_XDECREF(handle);
    }
    capi_leave(state);
    return stop;
}

/* A true answer ends the watch. */
static int capi_on_event(const char *type, const char *json, void *event_data)
{
    capi_call *call = event_data;
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return 1;
    PyObject *type_text = capi_str(type);
    PyObject *json_text = type_text ? capi_str(json) : NULL;
    PyObject *answer =
        json_text ? PyObject_CallFunctionObjArgs(call->callable, type_text, json_text, NULL) : NULL;
    int stop = answer ? PyObject_IsTrue(answer) : -1;

    if (stop < 0)
        stop = capi_set_aside(call);
    Py_XDECREF(answer);
    Py_XDECREF(json_text);
    Py_XDECREF(type_text);
    capi_leave(state);
    return stop;
}

/* The instance is borrowed: the callable copies what it wants of it. */
static int capi_on_instance(int event, const vcluster_instance *instance, void *event_data)
{
    capi_call *call = event_data;
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return 1;
    PyObject *handle = SWIG_NewPointerObj((void *)instance, SWIGTYPE_p_vcluster_instance, 0);
    PyObject *answer =
        handle ? PyObject_CallFunction(call->callable, "iO", event, handle) : NULL;
    int stop = answer ? PyObject_IsTrue(answer) : -1;

    if (stop < 0)
        stop = capi_set_aside(call);
    Py_XDECREF(answer);
    Py_XDECREF(handle);
    capi_leave(state);
    return stop;
}

/* The result is borrowed, too. */
static int capi_on_result(const vcluster_result *result, void *result_data)
{
    capi_call *call = result_data;
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return 1;
    PyObject *handle = SWIG_NewPointerObj((void *)result, SWIGTYPE_p_vcluster_result, 0);
    PyObject *answer =
        handle ? PyObject_CallFunctionObjArgs(call->callable, handle, NULL) : NULL;
    int stop = answer ? PyObject_IsTrue(answer) : -1;

    if (stop < 0)
        stop = capi_set_aside(call);
    Py_XDECREF(answer);
    Py_XDECREF(handle);
    capi_leave(state);
    return stop;
}

static int capi_on_output(int stream, const void *bytes, size_t size, void *output_data)
{
    capi_call *call = output_data;
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return 1;
    PyObject *answer = PyObject_CallFunction(call->callable, "iy#", stream, (const char *)bytes,
                                             (Py_ssize_t)size);
    int stop = answer ? PyObject_IsTrue(answer) : -1;

    if (stop < 0)
        stop = capi_set_aside(call);
    Py_XDECREF(answer);
    capi_leave(state);
    return stop;
}

/* The callable gives (columns, rows) or None. What goes wrong in it is as None: a call does not end
 * for the size of a window. */
static int capi_on_terminal(int64_t *out_columns, int64_t *out_rows, void *terminal_data)
{
    const capi_call *call = terminal_data;
    PyGILState_STATE state;
    long long columns = 0;
    long long rows = 0;

    if (!capi_enter(&state))
        return -1;
    PyObject *answer = PyObject_CallFunctionObjArgs(call->terminal, NULL);
    bool known = answer && PyTuple_Check(answer) &&
                 PyArg_ParseTuple(answer, "LL", &columns, &rows);
    PyErr_Clear();
    Py_XDECREF(answer);
    capi_leave(state);
    *out_columns = columns;
    *out_rows = rows;
    return known ? 0 : -1;
}

static void capi_on_log(int level, const char *message, void *user_data)
{
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return;
    capi_in_log++;
    PyObject *text = capi_str(message);
    PyObject *answer =
        text ? PyObject_CallFunction((PyObject *)user_data, "iO", level, text) : NULL;
    if (!answer)
        PyErr_WriteUnraisable((PyObject *)user_data);
    Py_XDECREF(answer);
    Py_XDECREF(text);
    capi_in_log--;
    capi_leave(state);
}

static void capi_on_warning(const char *request, const char *text, void *user_data)
{
    PyGILState_STATE state;

    if (!capi_enter(&state))
        return;
    capi_in_log++;
    PyObject *about = capi_str(request);
    PyObject *said = capi_str(text);
    PyObject *answer = about && said ? PyObject_CallFunctionObjArgs((PyObject *)user_data, about,
                                                                    said, (PyObject *)NULL)
                                     : NULL;
    if (!answer)
        PyErr_WriteUnraisable((PyObject *)user_data);
    Py_XDECREF(answer);
    Py_XDECREF(about);
    Py_XDECREF(said);
    capi_in_log--;
    capi_leave(state);
}

static void capi_log_destroy(void *user_data)
{
    PyGILState_STATE state;

    if (!user_data || !capi_enter(&state))
        return;
    capi_in_log++;
    Py_DECREF((PyObject *)user_data);
    capi_in_log--;
    capi_leave(state);
}

/* The three members that stand one behind the other wherever there is a log. */
typedef struct {
    vcluster_log_fn log;
    void *log_user_data;
    void (*log_destroy)(void *user_data);
} capi_log;

/* One member of an options struct: its name, what it is, and where. */
typedef struct {
    const char *name;
    enum {
        CAPI_TEXT,
        CAPI_TEXTS,
        CAPI_INT,
        CAPI_FLAG,
        CAPI_CANCEL,
        CAPI_CHART,
    CAPI_TOKEN,
        CAPI_PROGRESS,
        CAPI_BYTES,
        CAPI_DESCRIPTOR,
        CAPI_TERMINAL,
        CAPI_LOG,
        CAPI_WARNING
    } kind;
    size_t offset;
} capi_member;

/* The pointer in a handle; returns 0, or -1 with an exception. */
static int capi_pointer(PyObject *value, const char *name, swig_type_info *type, void **out)
{
    if (SWIG_IsOK(SWIG_ConvertPtr(value, out, type, 0)))
        return 0;
    PyErr_Format(PyExc_TypeError, "option '%s' has the wrong type", name);
    return -1;
}

/* A list of str as an array that ends with NULL; it lives until the call is done. */
static int capi_set_texts(const char *name, PyObject *list, const char *const **out,
                          capi_call *call)
{
    Py_ssize_t count = PyList_Check(list) ? PyList_Size(list) : -1;

    if (count < 0) {
        PyErr_Format(PyExc_TypeError, "option '%s' must be a list", name);
        return -1;
    }
    if (call->text_count == sizeof(call->texts) / sizeof(call->texts[0])) {
        PyErr_Format(PyExc_SystemError, "no room for the list '%s'", name);
        return -1;
    }
    const char **texts = calloc((size_t)count + 1, sizeof(*texts));
    if (!texts) {
        PyErr_NoMemory();
        return -1;
    }
    call->texts[call->text_count++] = texts;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (capi_text(PyList_GetItem(list, i), name, &texts[i]) < 0)
            return -1;
    }
    *out = texts;
    return 0;
}

/* The input of a command: bytes, or a descriptor. */
static int capi_set_input(PyObject *value, vcluster_pod_exec_options *options)
{
    char *bytes = NULL;
    Py_ssize_t size = 0;

    if (PyBytes_AsStringAndSize(value, &bytes, &size) < 0)
        return -1;
    options->input = bytes;
    options->input_size = size;
    return 0;
}

static int capi_set_descriptor(PyObject *value, vcluster_pod_exec_options *options)
{
    options->input_fd = PyLong_AsLongLong(value);
    options->use_input_fd = 1;
    return PyErr_Occurred() ? -1 : 0;
}

static int capi_set_member(const capi_member *member, PyObject *value, void *options,
                           capi_call *call)
{
    void *place = (char *)options + member->offset;

    switch (member->kind) {
    case CAPI_TEXT:
        return capi_text(value, member->name, place);
    case CAPI_TEXTS:
        return capi_set_texts(member->name, value, place, call);
    case CAPI_INT:
        *(int64_t *)place = PyLong_AsLongLong(value);
        return PyErr_Occurred() ? -1 : 0;
    case CAPI_FLAG: {
        int truth = PyObject_IsTrue(value);
        *(uint64_t *)place = truth > 0;
        return truth < 0 ? -1 : 0;
    }
    case CAPI_CANCEL:
        return capi_pointer(value, member->name, SWIGTYPE_p_vcluster_cancel, place);
    case CAPI_CHART:
        return capi_pointer(value, member->name, SWIGTYPE_p_vcluster_chart, place);
    case CAPI_TOKEN:
        return capi_pointer(value, member->name, SWIGTYPE_p_vcluster_token, place);
    case CAPI_PROGRESS:
        call->callable = value;
        return 0;
    case CAPI_BYTES:
        return capi_set_input(value, options);
    case CAPI_DESCRIPTOR:
        return capi_set_descriptor(value, options);
    case CAPI_TERMINAL:
        call->terminal = value;
        ((vcluster_pod_exec_options *)options)->terminal_size = capi_on_terminal;
        ((vcluster_pod_exec_options *)options)->terminal_data = call;
        return 0;
    case CAPI_LOG:
        *(capi_log *)place = (capi_log){ capi_on_log, value, capi_log_destroy };
        return 0; /* its reference is taken by the typemap */
    case CAPI_WARNING:
        ((vcluster_client_options *)options)->warning = capi_on_warning;
        ((vcluster_client_options *)options)->warning_user_data = value;
        ((vcluster_client_options *)options)->warning_destroy = capi_log_destroy;
        return 0; /* likewise */
    }
    return 0;
}

/* Fill an options struct from a dict (None: nothing); returns 0, or -1 with an exception. */
static int capi_fill(PyObject *dict, const capi_member *members, void *options, capi_call *call)
{
    PyObject *key = NULL;
    PyObject *value = NULL;
    Py_ssize_t position = 0;

    if (dict == Py_None)
        return 0;
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "options must be a dict or None");
        return -1;
    }
    while (PyDict_Next(dict, &position, &key, &value)) {
        const capi_member *member = members;
        const char *name = NULL;

        if (capi_text(key, "option name", &name) < 0)
            return -1;
        while (member->name && (!name || strcmp(member->name, name) != 0))
            member++;
        if (!member->name) {
            PyErr_Format(PyExc_TypeError, "unknown option '%s'", name ? name : "None");
            return -1;
        }
        if (value != Py_None && capi_set_member(member, value, options, call) < 0)
            return -1;
    }
    return 0;
}

#define MEMBER(type, name, kind) { #name, kind, offsetof(vcluster_##type##_options, name) }
#define TEXT(type, name) MEMBER(type, name, CAPI_TEXT)
#define INT(type, name) MEMBER(type, name, CAPI_INT)
#define FLAG(type, name) MEMBER(type, name, CAPI_FLAG)
#define COMMON(type) \
    INT(type, timeout_ms), MEMBER(type, cancel, CAPI_CANCEL), MEMBER(type, progress, CAPI_PROGRESS)
#define OPTIONS(type, ...) static const capi_member capi_##type##_members[] = { __VA_ARGS__, { 0 } }

OPTIONS(client, INT(client, timeout_ms), TEXT(client, kubeconfig_path),
        TEXT(client, kubeconfig_text), TEXT(client, context), TEXT(client, user_agent),
        MEMBER(client, log, CAPI_LOG), TEXT(client, server), TEXT(client, namespace_name),
        TEXT(client, impersonate_user), MEMBER(client, impersonate_groups, CAPI_TEXTS),
        INT(client, exec_policy), MEMBER(client, exec_allowlist, CAPI_TEXTS),
        FLAG(client, allow_file_references), MEMBER(client, warning, CAPI_WARNING));
OPTIONS(fake, INT(fake, timeout_ms), TEXT(fake, kubernetes_version), TEXT(fake, objects),
        TEXT(fake, faults), TEXT(fake, namespace_name), MEMBER(fake, log, CAPI_LOG));
OPTIONS(check, TEXT(check, name), TEXT(check, namespace_name), TEXT(check, kubernetes_version),
        TEXT(check, licence), TEXT(check, text), TEXT(check, file));
OPTIONS(template, TEXT(template, namespace_name), TEXT(template, kubernetes_version),
        MEMBER(template, api_versions, CAPI_TEXTS), FLAG(template, is_upgrade),
        FLAG(template, include_crds), FLAG(template, no_hooks), FLAG(template, skip_tests),
        FLAG(template, skip_schema));
OPTIONS(chart_fetch, COMMON(chart_fetch), TEXT(chart_fetch, repository), TEXT(chart_fetch, version),
        TEXT(chart_fetch, username), TEXT(chart_fetch, password), TEXT(chart_fetch, ca_file),
        TEXT(chart_fetch, client_cert_file), TEXT(chart_fetch, client_key_file),
        TEXT(chart_fetch, registry_config), TEXT(chart_fetch, cache_directory),
        FLAG(chart_fetch, no_cache), FLAG(chart_fetch, prereleases), FLAG(chart_fetch, plain_http),
        FLAG(chart_fetch, pass_credentials), FLAG(chart_fetch, insecure_skip_tls_verify));
OPTIONS(call, COMMON(call));
OPTIONS(ensure, COMMON(ensure), TEXT(ensure, namespace_name), TEXT(ensure, distribution),
        MEMBER(ensure, chart, CAPI_CHART), FLAG(ensure, no_wait), FLAG(ensure, take_over),
        TEXT(ensure, chart_source), TEXT(ensure, chart_version), TEXT(ensure, kubernetes_version),
        TEXT(ensure, profile), FLAG(ensure, reset_values), FLAG(ensure, atomic),
        FLAG(ensure, resume), FLAG(ensure, preflight), FLAG(ensure, unchecked),
        INT(ensure, ttl_s), INT(ensure, expires_at), TEXT(ensure, owner));
OPTIONS(pause, COMMON(pause), TEXT(pause, namespace_name), FLAG(pause, no_wait));
OPTIONS(instance, COMMON(instance), TEXT(instance, namespace_name));
OPTIONS(list, COMMON(list), TEXT(list, namespace_name));
OPTIONS(delete, COMMON(delete), TEXT(delete, namespace_name), FLAG(delete, missing_ok),
        FLAG(delete, keep_volumes), FLAG(delete, keep_namespace), FLAG(delete, no_wait),
        FLAG(delete, gitops_too), FLAG(delete, leftovers_too));
OPTIONS(snapshot, COMMON(snapshot), TEXT(snapshot, namespace_name), FLAG(snapshot, use_fd),
        INT(snapshot, fd));
OPTIONS(snapshot_request, COMMON(snapshot_request), TEXT(snapshot_request, namespace_name),
        FLAG(snapshot_request, no_wait));
OPTIONS(extend, COMMON(extend), TEXT(extend, namespace_name), INT(extend, ttl_s),
        INT(extend, expires_at), FLAG(extend, never), FLAG(extend, only_later), TEXT(extend, owner));
OPTIONS(reap, COMMON(reap), TEXT(reap, namespace_name), TEXT(reap, owner), INT(reap, grace_s),
        INT(reap, parallel), INT(reap, interval_ms), FLAG(reap, dry_run));
OPTIONS(adopt, COMMON(adopt), TEXT(adopt, namespace_name), MEMBER(adopt, chart, CAPI_CHART),
        TEXT(adopt, chart_source), TEXT(adopt, chart_version), INT(adopt, ttl_s),
        INT(adopt, expires_at), TEXT(adopt, owner), FLAG(adopt, dry_run), FLAG(adopt, take_over),
        FLAG(adopt, align));
OPTIONS(audit, COMMON(audit), TEXT(audit, namespace_name), INT(audit, grace_s), FLAG(audit, remove),
        FLAG(audit, volumes_too));
OPTIONS(rights, TEXT(rights, namespace_name), TEXT(rights, role_name),
        MEMBER(rights, chart, CAPI_CHART), TEXT(rights, service_account),
        TEXT(rights, service_account_namespace));
OPTIONS(reap_manifest, TEXT(reap_manifest, namespace_name), TEXT(reap_manifest, image),
        TEXT(reap_manifest, schedule), INT(reap_manifest, grace_s),
        TEXT(reap_manifest, only_namespace));
OPTIONS(batch, COMMON(batch), INT(batch, parallel), FLAG(batch, stop_on_error));
OPTIONS(kubeconfig, COMMON(kubeconfig), TEXT(kubeconfig, namespace_name), TEXT(kubeconfig, server),
        TEXT(kubeconfig, tls_server_name), TEXT(kubeconfig, context_name),
        FLAG(kubeconfig, insecure), FLAG(kubeconfig, unverified),
        MEMBER(kubeconfig, token, CAPI_TOKEN), FLAG(kubeconfig, exec_plugin),
        TEXT(kubeconfig, exec_command), TEXT(kubeconfig, service_account),
        TEXT(kubeconfig, service_account_namespace), TEXT(kubeconfig, cluster_role),
        INT(kubeconfig, expiration_s));
OPTIONS(token, COMMON(token), TEXT(token, namespace_name), TEXT(token, service_account),
        TEXT(token, service_account_namespace), FLAG(token, create), TEXT(token, cluster_role),
        TEXT(token, role), TEXT(token, role_namespace), INT(token, expiration_s),
        MEMBER(token, audiences, CAPI_TEXTS));
OPTIONS(token_revoke, COMMON(token_revoke), TEXT(token_revoke, namespace_name),
        TEXT(token_revoke, service_account), TEXT(token_revoke, service_account_namespace),
        FLAG(token_revoke, missing_ok));
OPTIONS(endpoint, COMMON(endpoint), TEXT(endpoint, namespace_name), TEXT(endpoint, server),
        TEXT(endpoint, tls_server_name), FLAG(endpoint, insecure), FLAG(endpoint, exposed_only),
        FLAG(endpoint, unverified));
OPTIONS(connection_start, COMMON(connection_start), TEXT(connection_start, namespace_name),
        TEXT(connection_start, program), INT(connection_start, local_port),
        TEXT(connection_start, context_name), TEXT(connection_start, state_directory));
OPTIONS(connection, COMMON(connection), TEXT(connection, state_directory));
OPTIONS(budget, COMMON(budget), TEXT(budget, budget), INT(budget, overcommit_percent),
        TEXT(budget, name), TEXT(budget, namespace_name));
OPTIONS(fits, COMMON(fits), TEXT(fits, namespace_name), INT(fits, nodes));
OPTIONS(kubeconfig_merge, COMMON(kubeconfig_merge), TEXT(kubeconfig_merge, path),
        TEXT(kubeconfig_merge, context_name), FLAG(kubeconfig_merge, set_current),
        FLAG(kubeconfig_merge, replace));
OPTIONS(kubeconfig_remove, COMMON(kubeconfig_remove), TEXT(kubeconfig_remove, path),
        TEXT(kubeconfig_remove, context_name), TEXT(kubeconfig_remove, name),
        TEXT(kubeconfig_remove, namespace_name), TEXT(kubeconfig_remove, host_context),
        FLAG(kubeconfig_remove, missing_ok));
OPTIONS(tunnel, COMMON(tunnel), TEXT(tunnel, namespace_name), INT(tunnel, local_port),
        INT(tunnel, remote_port), FLAG(tunnel, unix_socket), TEXT(tunnel, socket_path),
        INT(tunnel, wait_ms));
OPTIONS(run, COMMON(run), TEXT(run, namespace_name), MEMBER(run, environment, CAPI_TEXTS),
        INT(run, kill_after_ms));
OPTIONS(resource_list, COMMON(resource_list), TEXT(resource_list, namespace_name),
        TEXT(resource_list, label_selector), TEXT(resource_list, field_selector),
        FLAG(resource_list, metadata_only), INT(resource_list, page_size));
OPTIONS(resource_apply, COMMON(resource_apply), TEXT(resource_apply, namespace_name),
        TEXT(resource_apply, field_manager), FLAG(resource_apply, force),
        FLAG(resource_apply, dry_run));
OPTIONS(resource_delete, COMMON(resource_delete), TEXT(resource_delete, propagation),
        TEXT(resource_delete, uid), FLAG(resource_delete, wait));
OPTIONS(release, COMMON(release), TEXT(release, namespace_name), FLAG(release, create_namespace),
        FLAG(release, install), FLAG(release, wait), FLAG(release, wait_for_jobs),
        FLAG(release, atomic), FLAG(release, dry_run), FLAG(release, no_hooks),
        FLAG(release, skip_crds), FLAG(release, skip_schema), INT(release, value_policy),
        FLAG(release, take_over), FLAG(release, take_ownership), FLAG(release, force_conflicts),
        FLAG(release, keep_history), FLAG(release, missing_ok), INT(release, history_max),
        TEXT(release, description));
OPTIONS(pod_logs, COMMON(pod_logs), TEXT(pod_logs, namespace_name), TEXT(pod_logs, container),
        FLAG(pod_logs, follow), FLAG(pod_logs, previous), FLAG(pod_logs, timestamps),
        FLAG(pod_logs, tail), INT(pod_logs, tail_lines), INT(pod_logs, since_seconds),
        TEXT(pod_logs, since_time), INT(pod_logs, limit_bytes));
OPTIONS(pod_exec, COMMON(pod_exec), TEXT(pod_exec, namespace_name), TEXT(pod_exec, container),
        FLAG(pod_exec, tty), MEMBER(pod_exec, input, CAPI_BYTES),
        MEMBER(pod_exec, input_fd, CAPI_DESCRIPTOR),
        MEMBER(pod_exec, terminal_size, CAPI_TERMINAL));
OPTIONS(pod_forward, COMMON(pod_forward), TEXT(pod_forward, namespace_name),
        TEXT(pod_forward, label_selector), INT(pod_forward, local_port));
OPTIONS(release_query, COMMON(release_query), TEXT(release_query, namespace_name));
%}

/* A struct filled from a dict; FINISH is what else has to be set. */
%define CAPI_OPTIONS(NAME, FINISH)
%typemap(in) const vcluster_##NAME##_options *options
    (vcluster_##NAME##_options value, capi_call call = { 0 })
{
    memset(&value, 0, sizeof(value));
    value.struct_size = sizeof(value);
    if (capi_fill($input, capi_##NAME##_members, &value, &call) < 0)
        SWIG_fail;
    FINISH
    $1 = &value;
}
%typemap(freearg) const vcluster_##NAME##_options *options
{
    for (size_t i = 0; i < call$argnum.text_count; i++)
        free(call$argnum.texts[i]);
}
%enddef

/* Options of a call that waits, with a progress callback in any case. */
%define CAPI_CALL_OPTIONS(NAME)
CAPI_OPTIONS(NAME, value.progress = capi_on_progress; value.user_data = &call;)
%typemap(argout) const vcluster_##NAME##_options *options
{
    capi_raise_again($1->user_data);
}
%enddef

CAPI_OPTIONS(check, )
CAPI_OPTIONS(template, )
CAPI_CALL_OPTIONS(call)
CAPI_CALL_OPTIONS(chart_fetch)
CAPI_CALL_OPTIONS(ensure)
CAPI_CALL_OPTIONS(pause)
CAPI_CALL_OPTIONS(instance)
CAPI_CALL_OPTIONS(list)
CAPI_CALL_OPTIONS(delete)
CAPI_CALL_OPTIONS(snapshot)
CAPI_CALL_OPTIONS(snapshot_request)
CAPI_CALL_OPTIONS(extend)
CAPI_CALL_OPTIONS(reap)
CAPI_CALL_OPTIONS(adopt)
CAPI_CALL_OPTIONS(audit)
CAPI_OPTIONS(rights, )
CAPI_OPTIONS(reap_manifest, )
CAPI_CALL_OPTIONS(batch)
CAPI_CALL_OPTIONS(kubeconfig)
CAPI_CALL_OPTIONS(endpoint)
CAPI_CALL_OPTIONS(connection_start)
CAPI_CALL_OPTIONS(connection)
CAPI_CALL_OPTIONS(budget)
CAPI_CALL_OPTIONS(fits)
CAPI_CALL_OPTIONS(token)
CAPI_CALL_OPTIONS(token_revoke)
CAPI_CALL_OPTIONS(kubeconfig_merge)
CAPI_CALL_OPTIONS(kubeconfig_remove)
CAPI_CALL_OPTIONS(tunnel)
CAPI_CALL_OPTIONS(run)
CAPI_CALL_OPTIONS(resource_list)
CAPI_CALL_OPTIONS(resource_apply)
CAPI_CALL_OPTIONS(resource_delete)
CAPI_CALL_OPTIONS(pod_logs)
CAPI_CALL_OPTIONS(pod_exec)
CAPI_CALL_OPTIONS(pod_forward)
CAPI_CALL_OPTIONS(release)
CAPI_CALL_OPTIONS(release_query)

/* The client owns its callbacks; one that was not made leaves them to us. */
CAPI_OPTIONS(client, Py_XINCREF((PyObject *)value.log_user_data);
             Py_XINCREF((PyObject *)value.warning_user_data);)
%typemap(argout) const vcluster_client_options *options
{
    if (result < 0) {
        capi_log_destroy($1->log_user_data);
        capi_log_destroy($1->warning_user_data);
    }
}

CAPI_OPTIONS(fake, Py_XINCREF((PyObject *)value.log_user_data);)
%typemap(argout) const vcluster_fake_options *options
{
    if (result < 0)
        capi_log_destroy($1->log_user_data);
}

%typemap(in) (vcluster_resource_event_fn on_event, void *event_data) (capi_call watch)
{
    memset(&watch, 0, sizeof(watch));
    watch.callable = $input;
    $1 = capi_on_event;
    $2 = &watch;
}
%typemap(argout) (vcluster_resource_event_fn on_event, void *event_data)
{
    capi_raise_again($2);
}

%typemap(in) (vcluster_instance_event_fn on_event, void *event_data) (capi_call watch)
{
    memset(&watch, 0, sizeof(watch));
    watch.callable = $input;
    $1 = capi_on_instance;
    $2 = &watch;
}
%typemap(argout) (vcluster_instance_event_fn on_event, void *event_data)
{
    capi_raise_again($2);
}

%typemap(in) (vcluster_result_fn on_result, void *result_data) (capi_call results)
{
    memset(&results, 0, sizeof(results));
    results.callable = $input;
    $1 = capi_on_result;
    $2 = &results;
}
%typemap(argout) (vcluster_result_fn on_result, void *result_data)
{
    capi_raise_again($2);
}

%typemap(in) (vcluster_pod_output_fn on_output, void *output_data) (capi_call output)
{
    memset(&output, 0, sizeof(output));
    output.callable = $input;
    $1 = capi_on_output;
    $2 = &output;
}
%typemap(argout) (vcluster_pod_output_fn on_output, void *output_data)
{
    capi_raise_again($2);
}

/* A list of str that ends with NULL. */
%typemap(in) const char *const *command (capi_call words = { 0 })
{
    const char *const *list = NULL;
    if (capi_set_texts("command", $input, &list, &words) < 0)
        SWIG_fail;
    $1 = ($1_ltype)list;
}
%typemap(argout) const char *const *command "" /* char ** is an output otherwise */
%typemap(freearg) const char *const *command
{
    free(words$argnum.texts[0]);
}

%typemap(in, numinputs=0) int *out_exit_code (int code = 0)
{
    $1 = &code;
}
%typemap(argout) int *out_exit_code
{
    if (result == 0 && !PyErr_Occurred()) {
        Py_XDECREF($result);
        $result = PyLong_FromLong(*$1);
    }
}

%threadallow capi_stop_callbacks;
%rename(stop_callbacks) capi_stop_callbacks;
void capi_stop_callbacks(void);
