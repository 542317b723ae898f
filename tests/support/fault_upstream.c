/* SPDX-License-Identifier: Apache-2.0 */
/* Address and credentials of the real API server; see fault_upstream.h. */
#include "fault_upstream.h"

#include <netdb.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "fault_upstream: %s failed\n", what);
        abort();
    }
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;

    must(file != NULL, path);
    must(getdelim(&text, &size, '\0', file) > 0, path);
    (void)fclose(file);
    return text;
}

/* The first value of a key, whatever it is nested in: enough for the kubeconfigs of test hosts.
 * NULL when there is none. */
static char *value_of(const char *text, const char *key)
{
    const char *found = strstr(text, key);

    while (found && found > text && !strchr(" {\n", found[-1]))
        found = strstr(found + 1, key);
    if (!found)
        return NULL;
    found += strlen(key);
    found += strspn(found, " \"'");
    char *value = strndup(found, strcspn(found, " \"',}\n"));
    must(value != NULL, "strndup");
    return value;
}

static char *decode(const char *encoded)
{
    size_t size = strlen(encoded);
    unsigned char *text = calloc(1, size + 1);

    must(text != NULL, "calloc");
    must(EVP_DecodeBlock(text, (const unsigned char *)encoded, (int)size) >= 0, "base64");
    return (char *)text;
}

char *fault_base64(const char *text)
{
    size_t size = strlen(text);
    unsigned char *encoded = calloc(1, size * 2 + 8);

    must(encoded != NULL, "calloc");
    (void)EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)size);
    return (char *)encoded;
}

/* PEM from "KEY-data: base64" or from the file of "KEY: path"; NULL when there is neither. */
static char *pem_of(const char *text, const char *data_key, const char *file_key)
{
    char *encoded = value_of(text, data_key);
    char *path = encoded ? NULL : value_of(text, file_key);
    char *pem = encoded ? decode(encoded) : path ? read_file(path) : NULL;

    free(encoded);
    free(path);
    return pem;
}

static void use_ca(SSL_CTX *context, const char *pem)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);
    X509 *ca = PEM_read_bio_X509(memory, NULL, NULL, NULL);

    must(ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca), "the host's CA");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    X509_free(ca);
    BIO_free(memory);
}

static void use_identity(SSL_CTX *context, const char *cert_pem, const char *key_pem)
{
    BIO *cert_text = BIO_new_mem_buf(cert_pem, -1);
    BIO *key_text = BIO_new_mem_buf(key_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_text, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);

    must(cert && key && SSL_CTX_use_certificate(context, cert) == 1 &&
             SSL_CTX_use_PrivateKey(context, key) == 1,
         "the host's client certificate");
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_text);
    BIO_free(key_text);
}

static void read_server(fault_upstream *upstream, const char *text)
{
    char *server = value_of(text, "server:");

    must(server && strncmp(server, "https://", 8) == 0, "the host's server URL");
    (void)snprintf(upstream->host, sizeof(upstream->host), "%s", server + 8);
    upstream->host[strcspn(upstream->host, "/")] = '\0';
    char *colon = strrchr(upstream->host, ':');
    (void)snprintf(upstream->port, sizeof(upstream->port), "%s", colon ? colon + 1 : "443");
    if (colon)
        *colon = '\0';
    free(server);
}

void fault_upstream_init(fault_upstream *upstream, const char *kubeconfig_path)
{
    char *text = read_file(kubeconfig_path);
    char *ca = pem_of(text, "certificate-authority-data:", "certificate-authority:");
    char *cert = pem_of(text, "client-certificate-data:", "client-certificate:");
    char *key = pem_of(text, "client-key-data:", "client-key:");

    *upstream = (fault_upstream){ .token = value_of(text, "token:"),
                                  .context = SSL_CTX_new(TLS_client_method()) };
    must(upstream->context != NULL, "SSL_CTX_new");
    read_server(upstream, text);
    if (ca)
        use_ca(upstream->context, ca);
    if (cert && key)
        use_identity(upstream->context, cert, key);
    free(text);
    free(ca);
    free(cert);
    free(key);
}

void fault_upstream_done(fault_upstream *upstream)
{
    SSL_CTX_free(upstream->context);
    free(upstream->token);
}

int fault_upstream_connect(const fault_upstream *upstream)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;

    if (getaddrinfo(upstream->host, upstream->port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}
