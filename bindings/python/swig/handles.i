/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opaque objects. Each is owned by one Python object and freed when that one is dropped; a call
 * keeps its arguments alive, so closing a client or a tunnel from another thread is safe: it goes
 * when the last call on it returns. Borrowed ones (list_at, cause, finding_at) are never freed here.
 */
%{
/* How deep this thread stands in the log callback of a client. */
static _Thread_local int capi_in_log;

static void *capi_unref_thread(void *client)
{
    vcluster_client_unref(client);
    return NULL;
}

/*
 * Log lines may come on the client's own thread, and Python may drop any object while it runs the
 * callback. The last reference must not go there: the client would wait for the thread it is on.
 */
static void capi_client_unref(vcluster_client *client)
{
    pthread_t thread;

    if (capi_in_log == 0)
        vcluster_client_unref(client);
    else if (pthread_create(&thread, NULL, capi_unref_thread, client) == 0)
        (void)pthread_detach(thread);
}

%}

%define CAPI_HANDLE(NAME, FREE)
%nodefaultctor NAME;
typedef struct NAME { } NAME;
%extend NAME {
    ~NAME() { FREE($self); }
}
%typemap(in, numinputs=0) NAME ** (NAME *handle = NULL)
{
    $1 = &handle;
}
%typemap(argout) NAME **
{
    if (*$1) {
        Py_XDECREF($result);
        $result = NULL;
        if (PyErr_Occurred())
            FREE(*$1);
        else
            $result = SWIG_NewPointerObj(*$1, $*1_descriptor, SWIG_POINTER_OWN);
    }
}
%enddef

/* Ending connections waits for a thread that may want to log: never with the interpreter's lock. */
%threadallow vcluster_client::~vcluster_client;
%threadallow vcluster_tunnel::~vcluster_tunnel;

CAPI_HANDLE(vcluster_error, vcluster_error_free)
CAPI_HANDLE(vcluster_cancel, vcluster_cancel_free)
CAPI_HANDLE(vcluster_client, capi_client_unref)
CAPI_HANDLE(vcluster_config, vcluster_config_free)
CAPI_HANDLE(vcluster_chart, vcluster_chart_free)
CAPI_HANDLE(vcluster_instance, vcluster_instance_free)
CAPI_HANDLE(vcluster_instance_list, vcluster_instance_list_free)
CAPI_HANDLE(vcluster_batch, vcluster_batch_free)
CAPI_HANDLE(vcluster_description, vcluster_description_free)
CAPI_HANDLE(vcluster_diagnosis, vcluster_diagnosis_free)
CAPI_HANDLE(vcluster_tunnel, vcluster_tunnel_free)
CAPI_HANDLE(vcluster_plan, vcluster_plan_free)
CAPI_HANDLE(vcluster_connection, vcluster_connection_free)
CAPI_HANDLE(vcluster_connection_list, vcluster_connection_list_free)
CAPI_HANDLE(vcluster_endpoint, vcluster_endpoint_free)
CAPI_HANDLE(vcluster_token, vcluster_token_free)
CAPI_HANDLE(vcluster_release, vcluster_release_free)
CAPI_HANDLE(vcluster_release_list, vcluster_release_list_free)
CAPI_HANDLE(vcluster_report, vcluster_report_free)
CAPI_HANDLE(vcluster_lint, vcluster_lint_free)
CAPI_HANDLE(vcluster_usage, vcluster_usage_free)
CAPI_HANDLE(vcluster_budget, vcluster_budget_free)
CAPI_HANDLE(vcluster_sync_rules, vcluster_sync_rules_free)
CAPI_HANDLE(vcluster_files, vcluster_files_free)

/* One of several, borrowed from the object that was asked. */
%typemap(in, numinputs=0) const vcluster_sync_rule ** (const vcluster_sync_rule *found = NULL)
{
    $1 = &found;
}
%typemap(argout) const vcluster_sync_rule **
{
    if (*$1) {
        Py_XDECREF($result);
        $result = SWIG_NewPointerObj((void *)*$1, $*1_descriptor, 0);
    }
}

/* The destructors above call these; by name they would free twice. */
%ignore vcluster_error_free;
%ignore vcluster_cancel_free;
%ignore vcluster_client_ref;
%ignore vcluster_client_unref;
%ignore vcluster_config_free;
%ignore vcluster_chart_free;
%ignore vcluster_instance_free;
%ignore vcluster_instance_list_free;
%ignore vcluster_batch_free;
%ignore vcluster_description_free;
%ignore vcluster_diagnosis_free;
%ignore vcluster_tunnel_free;
%ignore vcluster_plan_free;
%ignore vcluster_connection_free;
%ignore vcluster_connection_list_free;
%ignore vcluster_endpoint_free;
%ignore vcluster_token_free;
%ignore vcluster_release_free;
%ignore vcluster_release_list_free;
%ignore vcluster_report_free;
%ignore vcluster_lint_free;
%ignore vcluster_usage_free;
%ignore vcluster_budget_free;
%ignore vcluster_sync_rules_free;
%ignore vcluster_files_free;
