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
    PyObject *type;
    PyObject *value;
    PyObject *traceback;
} capi_call;

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
    state = PyGILState_Ensure();
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
    PyGILState_Release(state);
    return stop;
}

/* A true answer ends the watch. */
static int capi_on_event(const char *type, const char *json, void *event_data)
{
    capi_call *call = event_data;
    PyGILState_STATE state = PyGILState_Ensure();
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
    PyGILState_Release(state);
    return stop;
}

/*
 * Log lines come from any thread, even while the interpreter ends: capi_stop_logging(), which runs
 * at exit, lets those that are under way finish and keeps all others out of Python.
 */
static atomic_int capi_log_running;
static atomic_bool capi_log_stopped;

static bool capi_log_enter(void)
{
    atomic_fetch_add(&capi_log_running, 1);
    if (!atomic_load(&capi_log_stopped))
        return true;
    atomic_fetch_sub(&capi_log_running, 1);
    return false;
}

static void capi_on_log(int level, const char *message, void *user_data)
{
    PyGILState_STATE state;

    if (!capi_log_enter())
        return;
    state = PyGILState_Ensure();
    capi_in_log++;
    PyObject *text = capi_str(message);
    PyObject *answer =
        text ? PyObject_CallFunction((PyObject *)user_data, "iO", level, text) : NULL;
    if (!answer)
        PyErr_WriteUnraisable((PyObject *)user_data);
    Py_XDECREF(answer);
    Py_XDECREF(text);
    capi_in_log--;
    PyGILState_Release(state);
    atomic_fetch_sub(&capi_log_running, 1);
}

static void capi_log_destroy(void *user_data)
{
    if (!user_data || !capi_log_enter())
        return;

    PyGILState_STATE state = PyGILState_Ensure();
    capi_in_log++;
    Py_DECREF((PyObject *)user_data);
    capi_in_log--;
    PyGILState_Release(state);
    atomic_fetch_sub(&capi_log_running, 1);
}

static void capi_stop_logging(void)
{
    const struct timespec pause = { .tv_nsec = 1000000 };

    atomic_store(&capi_log_stopped, true);
    while (atomic_load(&capi_log_running) > 0)
        (void)nanosleep(&pause, NULL);
}

/* One member of an options struct: its name, what it is, and where. */
typedef struct {
    const char *name;
    enum { CAPI_TEXT, CAPI_INT, CAPI_FLAG, CAPI_CANCEL, CAPI_CHART, CAPI_PROGRESS, CAPI_LOG } kind;
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

static int capi_set_member(const capi_member *member, PyObject *value, void *options,
                           capi_call *call)
{
    void *place = (char *)options + member->offset;

    switch (member->kind) {
    case CAPI_TEXT:
        return capi_text(value, member->name, place);
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
    case CAPI_PROGRESS:
        call->callable = value;
        return 0;
    case CAPI_LOG:
        ((vcluster_client_options *)options)->log = capi_on_log;
        ((vcluster_client_options *)options)->log_user_data = value;
        ((vcluster_client_options *)options)->log_destroy = capi_log_destroy;
        return 0; /* its reference is taken by the typemap */
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
        MEMBER(client, log, CAPI_LOG));
OPTIONS(template, TEXT(template, namespace_name), TEXT(template, kubernetes_version));
OPTIONS(call, COMMON(call));
OPTIONS(ensure, COMMON(ensure), TEXT(ensure, namespace_name), TEXT(ensure, distribution),
        MEMBER(ensure, chart, CAPI_CHART), FLAG(ensure, no_wait), FLAG(ensure, take_over));
OPTIONS(instance, COMMON(instance), TEXT(instance, namespace_name));
OPTIONS(list, COMMON(list), TEXT(list, namespace_name));
OPTIONS(delete, COMMON(delete), TEXT(delete, namespace_name), FLAG(delete, missing_ok),
        FLAG(delete, keep_volumes), FLAG(delete, keep_namespace), FLAG(delete, no_wait));
OPTIONS(kubeconfig, COMMON(kubeconfig), TEXT(kubeconfig, namespace_name), TEXT(kubeconfig, server),
        TEXT(kubeconfig, tls_server_name), TEXT(kubeconfig, context_name));
OPTIONS(tunnel, COMMON(tunnel), TEXT(tunnel, namespace_name), INT(tunnel, local_port),
        INT(tunnel, remote_port));
OPTIONS(resource_list, COMMON(resource_list), TEXT(resource_list, namespace_name),
        TEXT(resource_list, label_selector), TEXT(resource_list, field_selector),
        FLAG(resource_list, metadata_only), INT(resource_list, page_size));
OPTIONS(resource_apply, COMMON(resource_apply), TEXT(resource_apply, namespace_name),
        TEXT(resource_apply, field_manager), FLAG(resource_apply, force),
        FLAG(resource_apply, dry_run));
OPTIONS(resource_delete, COMMON(resource_delete), TEXT(resource_delete, propagation),
        TEXT(resource_delete, uid), FLAG(resource_delete, wait));
%}

/* A struct filled from a dict; FINISH is what else has to be set. */
%define CAPI_OPTIONS(NAME, FINISH)
%typemap(in) const vcluster_##NAME##_options *options
    (vcluster_##NAME##_options value, capi_call call)
{
    memset(&value, 0, sizeof(value));
    memset(&call, 0, sizeof(call));
    value.struct_size = sizeof(value);
    if (capi_fill($input, capi_##NAME##_members, &value, &call) < 0)
        SWIG_fail;
    FINISH
    $1 = &value;
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

CAPI_OPTIONS(template, )
CAPI_CALL_OPTIONS(call)
CAPI_CALL_OPTIONS(ensure)
CAPI_CALL_OPTIONS(instance)
CAPI_CALL_OPTIONS(list)
CAPI_CALL_OPTIONS(delete)
CAPI_CALL_OPTIONS(kubeconfig)
CAPI_CALL_OPTIONS(tunnel)
CAPI_CALL_OPTIONS(resource_list)
CAPI_CALL_OPTIONS(resource_apply)
CAPI_CALL_OPTIONS(resource_delete)

/* The client owns the log callback; one that was not made leaves it to us. */
CAPI_OPTIONS(client, Py_XINCREF((PyObject *)value.log_user_data);)
%typemap(argout) const vcluster_client_options *options
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

%threadallow capi_stop_logging;
%rename(stop_logging) capi_stop_logging;
void capi_stop_logging(void);
