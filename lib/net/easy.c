/* SPDX-License-Identifier: Apache-2.0 */
/* curl options that follow from an endpoint; see easy.h. */
#include "net/easy.h"

#include <libvcluster/version.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/client.h"

enum { CONNECT_TIMEOUT_MS = 30000, KEEPALIVE_IDLE_S = 30, KEEPALIVE_INTERVAL_S = 15 };

#if defined(__linux__)
#define SYSTEM_NAME "linux"
#elif defined(__APPLE__)
#define SYSTEM_NAME "darwin"
#elif defined(__FreeBSD__)
#define SYSTEM_NAME "freebsd"
#else
#define SYSTEM_NAME "unix"
#endif
#if defined(__x86_64__)
#define MACHINE_NAME "amd64"
#elif defined(__aarch64__)
#define MACHINE_NAME "arm64"
#else
#define MACHINE_NAME "other"
#endif

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
/* Written by the once function only. */
static CURLcode global_result = CURLE_FAILED_INIT;
static unsigned global_version;
static bool global_http2;
static bool global_same_openssl;

/* curl names the TLS library that it uses, and in parentheses those that it could use. */
static bool names_our_openssl(const char *ssl_version)
{
    static const char name[] = "OpenSSL/";
    const char *version = OpenSSL_version(OPENSSL_VERSION_STRING);
    size_t size = strlen(version);

    return ssl_version && vcl_starts_with(ssl_version, name) &&
           strncmp(ssl_version + strlen(name), version, size) == 0 &&
           strchr(" ", ssl_version[strlen(name) + size]);
}

/* OpenSSL takes its tables down when the process calls exit(), and the threads of clients that are
 * open then still use them: so it shall not, unless somebody else has set it up before us. */
static void global_init(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    global_version = info->version_num;
    global_http2 = (info->features & CURL_VERSION_HTTP2) != 0;
    global_same_openssl = names_our_openssl(info->ssl_version);
}

/* Certificates from memory need OpenSSL or a fork of it. curl names the TLS libraries that it was
 * built with but does not use in parentheses. */
static bool uses_openssl(const char *ssl_version)
{
    static const char *const names[] = { "OpenSSL/", "LibreSSL/", "BoringSSL", "quictls/",
                                         "AWS-LC/" };

    for (size_t i = 0; ssl_version && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *at = strstr(ssl_version, names[i]);
        if (at && (at == ssl_version || at[-1] != '('))
            return true;
    }
    return false;
}

int vcl_easy_check_library(vcluster_error **error)
{
    (void)pthread_once(&global_once, global_init);
    if (global_result != CURLE_OK)
        return vcl_fail(error, VCLUSTER_E_INTERNAL, "libcurl cannot be initialised: %s",
                        curl_easy_strerror(global_result));

    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (!uses_openssl(info->ssl_version))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "libcurl %s uses '%s' for TLS: install the OpenSSL flavour of libcurl",
                        info->version, vcl_str(info->ssl_version));
    return VCLUSTER_OK;
}

unsigned vcl_easy_curl_version(void)
{
    return global_version;
}

bool vcl_easy_has_http2(void)
{
    return global_http2;
}

bool vcl_easy_has_our_openssl(void)
{
    return global_same_openssl;
}

const char *vcl_easy_user_agent(const vcl_http *http)
{
    if (!vcl_str_empty(http->endpoint.user_agent))
        return http->endpoint.user_agent;
    return "libvcluster/" VCLUSTER_VERSION " (" SYSTEM_NAME "/" MACHINE_NAME ")";
}

/* A proxy of the kubeconfig is always used, one of the environment never for this machine. */
static void set_proxy(CURLcode *first, CURL *easy, const vcl_http *http)
{
    const char *proxy = http->endpoint.proxy_url;

    if (http->endpoint.dialer || !vcl_str_empty(http->endpoint.unix_socket)) {
        /* A name that nothing has: with a path, curl looks up no address. */
        const char *path = http->endpoint.dialer ? "dialer" : http->endpoint.unix_socket;
        VCL_SET(first, easy, CURLOPT_UNIX_SOCKET_PATH, path);
        VCL_SET(first, easy, CURLOPT_PROXY, "");
    } else if (vcl_str_empty(proxy)) {
        if (http->server.loopback)
            VCL_SET(first, easy, CURLOPT_PROXY, "");
    } else {
        /* Names are resolved by the proxy, as Go's clients have it. */
        bool socks5 = vcl_starts_with(proxy, "socks5://");
        char *url = vcl_format("%s%s", socks5 ? "socks5h://" : "", socks5 ? proxy + 9 : proxy);
        if (!url) {
            *first = CURLE_OUT_OF_MEMORY;
            return;
        }
        VCL_SET(first, easy, CURLOPT_PROXY, url);
        vcl_free_secret(url); /* may hold a password */
        VCL_SET(first, easy, CURLOPT_NOPROXY, "");
    }
    /* What is meant for the server must not be told to the proxy. */
    VCL_SET(first, easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    VCL_SET(first, easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_connection(CURLcode *first, CURL *easy, vcl_http *http)
{
    VCL_SET(first, easy, CURLOPT_NOSIGNAL, 1L);
    VCL_SET(first, easy, CURLOPT_OPENSOCKETFUNCTION, vcl_sockets_open);
    VCL_SET(first, easy, CURLOPT_OPENSOCKETDATA, &http->reactor.sockets);
    VCL_SET(first, easy, CURLOPT_CLOSESOCKETFUNCTION, vcl_sockets_close);
    VCL_SET(first, easy, CURLOPT_CLOSESOCKETDATA, &http->reactor.sockets);
    VCL_SET(first, easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    VCL_SET(first, easy, CURLOPT_TCP_KEEPALIVE, 1L);
    VCL_SET(first, easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE_S);
    VCL_SET(first, easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL_S);
    VCL_SET(first, easy, CURLOPT_PROTOCOLS_STR, "http,https");
    VCL_SET(first, easy, CURLOPT_FOLLOWLOCATION, 0L);
    VCL_SET(first, easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    VCL_SET(first, easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    VCL_SET(first, easy, CURLOPT_PATH_AS_IS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* A call that is given up must not wait for a name that is still being looked up. */
    VCL_SET(first, easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_url(CURLcode *first, CURL *easy, const vcl_http *http, const char *path)
{
    vcl_auto_free char *url = vcl_format("%s%s", http->server.base, path);

    if (url)
        VCL_SET(first, easy, CURLOPT_URL, url);
    else
        *first = CURLE_OUT_OF_MEMORY;
}

static int check_path(const char *path, vcluster_error **error)
{
    if (!path || path[0] != '/' || !vcl_is_header_token(path) || strchr(path, '#'))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%s' is not a request path",
                        vcl_str(path));
    return VCLUSTER_OK;
}

int vcl_easy_reuse(vcl_http *http, const char *path, CURL **out_easy, vcluster_error **error)
{
    CURLcode first = CURLE_OK;
    int status = check_path(path, error);

    if (status < 0)
        return status;
    *out_easy = vcl_easy_pool_take(&http->easies);
    if (!*out_easy)
        return VCLUSTER_OK;
    set_url(&first, *out_easy, http, path);
    if (!vcl_easy_resumes(http))
        vcl_easy_set_sessions(&first, *out_easy, http);
    return first == CURLE_OK ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_easy_new(vcl_http *http,
                 const vcl_identity *identity,
                 const char *path,
                 CURL **out_easy,
                 vcluster_error **error)
{
    int status = check_path(path, error);
    if (status < 0)
        return status;

    CURL *easy = curl_easy_init();
    CURLcode first = easy ? CURLE_OK : CURLE_OUT_OF_MEMORY;

    if (first == CURLE_OK) {
        set_url(&first, easy, http, path);
        VCL_SET(&first, easy, CURLOPT_USERAGENT, vcl_easy_user_agent(http));
        set_connection(&first, easy, http);
        vcl_easy_set_tls(&first, easy, http, identity);
        set_proxy(&first, easy, http);
    }
    if (first != CURLE_OK) {
        curl_easy_cleanup(easy);
        if (first == CURLE_OUT_OF_MEMORY)
            return vcl_no_memory(error);
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "libcurl refused an option: %s",
                        curl_easy_strerror(first));
    }
    *out_easy = easy;
    return VCLUSTER_OK;
}

/* "Basic " and the base64 text of "name:password". */
static char *basic_authorization(const vcl_endpoint *endpoint)
{
    VCL_AUTO_BUF pair = { 0 };

    vcl_buf_init(&pair, 64 << 10);
    vcl_buf_add(&pair, endpoint->username);
    vcl_buf_add(&pair, ":");
    vcl_buf_add(&pair, vcl_str(endpoint->password));
    if (vcl_buf_failed(&pair))
        return NULL;

    static const char prefix[] = "Basic ";
    char *value = calloc(1, sizeof(prefix) + 4 * ((pair.size + 2) / 3));
    if (!value)
        return NULL;
    memcpy(value, prefix, sizeof(prefix));
    (void)EVP_EncodeBlock((unsigned char *)value + sizeof(prefix) - 1,
                          (const unsigned char *)pair.data, (int)pair.size);
    return value;
}

int vcl_easy_identity(vcl_http *http,
                      vcl_call *call,
                      vcl_identity **out_identity,
                      vcluster_error **error)
{
    if (http->server.tls)
        return vcl_logins_get(&http->logins, call, out_identity, error);
    *out_identity = NULL; /* it would not be sent: no program runs for it */
    return VCLUSTER_OK;
}

int vcl_easy_authorization(vcl_http *http,
                           const vcl_identity *identity,
                           char **out_value,
                           uint64_t *out_edition,
                           vcluster_error **error)
{
    char *token = NULL;

    *out_edition = 0;
    *out_value = NULL;
    if (!http->server.tls)
        return VCLUSTER_OK;

    if (identity && identity->login.token) {
        *out_value = vcl_format("Bearer %s", identity->login.token);
        return *out_value ? VCLUSTER_OK : vcl_no_memory(error);
    }
    int status = vcl_token_get(&http->token, &token, out_edition, error);
    if (status < 0)
        return status;
    if (token) {
        *out_value = vcl_format("Bearer %s", token);
        vcl_free_secret(token);
    } else if (!vcl_str_empty(http->endpoint.username)) {
        *out_value = basic_authorization(&http->endpoint);
    } else {
        return VCLUSTER_OK;
    }
    return *out_value ? VCLUSTER_OK : vcl_no_memory(error);
}
