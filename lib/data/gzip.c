/* SPDX-License-Identifier: Apache-2.0 */
/* gzip streams in memory, with a limit on what comes out; see encoding.h. */
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/str.h"
#include "data/encoding.h"

enum { CHUNK = 64 << 10, GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

int vcl_gzip(
    const void *data, size_t size, char **out_data, size_t *out_size, vcluster_error **error)
{
    z_stream stream = { 0 };

    if (size > UINT_MAX / 2)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "too much data for one gzip stream");
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return vcl_no_memory(error);

    size_t bound = deflateBound(&stream, size);
    Bytef *packed = malloc(bound);
    if (!packed) {
        (void)deflateEnd(&stream);
        return vcl_no_memory(error);
    }
    /* zlib's input pointer is not const, but it only reads. */
    memcpy(&stream.next_in, &data, sizeof(data));
    stream.avail_in = (uInt)size;
    stream.next_out = packed;
    stream.avail_out = (uInt)bound;
    int result = deflate(&stream, Z_FINISH);
    size_t used = stream.total_out;
    (void)deflateEnd(&stream);
    if (result != Z_STREAM_END) {
        free(packed);
        return vcl_fail(error, VCLUSTER_E_INTERNAL, "zlib could not pack the data");
    }
    *out_data = (char *)packed;
    *out_size = used;
    return VCLUSTER_OK;
}

/* Unpack all members of the stream into buf, whose maximum is the limit. Z_STREAM_END when all is
 * there, Z_BUF_ERROR when the limit or the input ends first. */
static int inflate_all(z_stream *stream, vcl_buf *buf)
{
    vcl_auto_free unsigned char *chunk = malloc(CHUNK);
    int result = Z_OK;

    if (!chunk)
        return Z_MEM_ERROR;
    while (result == Z_OK) {
        stream->next_out = chunk;
        stream->avail_out = CHUNK;
        result = inflate(stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END)
            break;
        if (!vcl_buf_append(buf, chunk, CHUNK - stream->avail_out))
            result = buf->state == VCL_BUF_NO_MEMORY ? Z_MEM_ERROR : Z_BUF_ERROR;
        else if (result == Z_STREAM_END && stream->avail_in > 0)
            result = inflateReset(stream);
    }
    vcl_wipe(chunk, CHUNK);
    return result;
}

int vcl_gunzip(const void *data,
               size_t size,
               size_t max,
               char **out_data,
               size_t *out_size,
               vcluster_error **error)
{
    z_stream stream = { 0 };
    VCL_AUTO_BUF buf = { 0 };

    vcl_buf_init(&buf, max);
    if (size > UINT_MAX)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the gzip stream is too large");
    memcpy(&stream.next_in, &data, sizeof(data));
    stream.avail_in = (uInt)size;
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return vcl_no_memory(error);

    int result = inflate_all(&stream, &buf);
    (void)inflateEnd(&stream);
    if (result == Z_MEM_ERROR)
        return vcl_no_memory(error);
    if (buf.state == VCL_BUF_TOO_LARGE)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the gzip stream unpacks to more than the limit of %zu bytes", max);
    if (result != Z_STREAM_END)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the gzip stream is cut off or damaged");

    size_t used = buf.size;
    char *text = vcl_buf_steal(&buf);
    if (!text)
        return vcl_no_memory(error);
    *out_data = text;
    *out_size = used;
    return VCLUSTER_OK;
}
