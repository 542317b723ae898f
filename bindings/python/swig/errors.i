/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures become exceptions. The error object goes to vcluster.errors, which reads it through the
 * accessors of error.h; an exception that a callback raised wins over the CANCELLED it led to.
 *
 * Output typemaps run in the order of the parameters and the error is always the last one: the
 * others do nothing on failure, where the library leaves outputs untouched.
 */
%{
/* Raise the exception for `error`, which is taken over. */
static void capi_raise(vcluster_error *error)
{
    PyObject *handle = SWIG_NewPointerObj(error, SWIGTYPE_p_vcluster_error, SWIG_POINTER_OWN);
    PyObject *module = handle ? PyImport_ImportModule("vcluster.errors") : NULL;
    PyObject *exception =
        module ? PyObject_CallMethod(module, "_from_native", "O", handle) : NULL;

    if (exception)
        PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_XDECREF(exception);
    Py_XDECREF(module);
    Py_XDECREF(handle);
}
%}

%typemap(in, numinputs=0) vcluster_error **error (vcluster_error *failure = NULL)
{
    $1 = &failure;
}
%typemap(argout) vcluster_error **error
{
    if (PyErr_Occurred()) {
        vcluster_error_free(*$1);
        Py_XDECREF($result);
        $result = NULL;
        SWIG_fail;
    }
    if (result < 0) {
        Py_XDECREF($result);
        $result = NULL;
        capi_raise(*$1);
        SWIG_fail;
    }
}
