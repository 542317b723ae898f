/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text. In: str or None, as UTF-8 that lives as long as the str does; a NUL inside is refused rather
 * than cut. Out: `char **` is copied and given back to vcluster_free(), which wipes it.
 */
%{
/* UTF-8 of a str, NULL for None; returns 0, or -1 with an exception. */
static int capi_text(PyObject *object, const char *what, const char **out_text)
{
    Py_ssize_t size = 0;
    const char *text = NULL;

    if (object == Py_None) {
        *out_text = NULL;
        return 0;
    }
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s must be str or None", what);
        return -1;
    }
    text = PyUnicode_AsUTF8AndSize(object, &size);
    if (!text)
        return -1;
    if (strlen(text) != (size_t)size) {
        PyErr_Format(PyExc_ValueError, "%s contains a null character", what);
        return -1;
    }
    *out_text = text;
    return 0;
}

/* A str of borrowed text, None for NULL. Bytes that are no UTF-8 are shown, never refused. */
static PyObject *capi_str(const char *text)
{
    if (!text)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
}
%}

%typemap(in) const char * (const char *text = NULL)
{
    if (capi_text($input, "$1_name", &text) < 0)
        SWIG_fail;
    $1 = ($1_ltype)text;
}
%typemap(freearg) const char * ""
%typemap(out) const char *
{
    $result = capi_str($1);
    if (!$result)
        SWIG_fail;
}

%typemap(in, numinputs=0) char ** (char *text = NULL)
{
    $1 = &text;
}
%typemap(argout) char **
{
    if (*$1) {
        Py_XDECREF($result);
        $result = PyErr_Occurred() ? NULL : capi_str(*$1);
        vcluster_free(*$1);
    }
}
/* Taken from Python as a string, these would be freed twice or never: see strings.i. */
%ignore vcluster_free;

/* Bytes in: borrowed for the call. */
%typemap(in) (const void *data, size_t size) (char *bytes = NULL, Py_ssize_t length = 0)
{
    if (PyBytes_AsStringAndSize($input, &bytes, &length) < 0)
        SWIG_fail;
    $1 = bytes;
    $2 = (size_t)length;
}
