/* Mbed TLS as its own ssl_client2 sets it up: verification required, the default profile. Arguments: jobs, identity. */
#include "jobs.h"
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

static mbedtls_ctr_drbg_context numbers;
static mbedtls_entropy_context entropy;

static void code(char *out, size_t length, const char *what, int status) {
    char text[256];
    mbedtls_strerror(status, text, sizeof text);
    snprintf(out, length, "%s: -0x%04x %s", what, (unsigned)-status, text);
}

static void attempt(const struct job *job, const char *identity) {
    char error[1024] = "", path[1024];
    mbedtls_x509_crt roots, own;
    mbedtls_pk_context key;
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;
    mbedtls_net_context net = {.fd = connected(job)};
    mbedtls_x509_crt_init(&roots);
    mbedtls_x509_crt_init(&own);
    mbedtls_pk_init(&key);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);
    int server = is_server(job);
    mbedtls_ssl_config_defaults(&config, server ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &numbers);
    int status = mbedtls_x509_crt_parse_file(&roots, job->store);
    /* Above zero: so many could not be read, and others could; its client goes on with those. */
    if (status < 0) {
        code(error, sizeof error, "the store", status);
        goto out;
    }
    mbedtls_ssl_conf_ca_chain(&config, &roots, NULL);
    if (!server) {
        snprintf(path, sizeof path, "%s.pem", identity);
        mbedtls_x509_crt_parse_file(&own, path);
        snprintf(path, sizeof path, "%s.key", identity);
#if MBEDTLS_VERSION_MAJOR >= 3
        mbedtls_pk_parse_keyfile(&key, path, NULL, mbedtls_ctr_drbg_random, &numbers);
#else
        mbedtls_pk_parse_keyfile(&key, path, NULL);
#endif
        mbedtls_ssl_conf_own_cert(&config, &own, &key);
    }
    mbedtls_ssl_setup(&ssl, &config);
    if (server) mbedtls_ssl_set_hostname(&ssl, job->host);
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    status = mbedtls_ssl_handshake(&ssl);
    if (status == 0) {
        answer(job, 1, "");
        mbedtls_ssl_close_notify(&ssl);
        goto close;
    }
    unsigned flags = mbedtls_ssl_get_verify_result(&ssl);
    if (flags != 0 && flags != (unsigned)-1) {
        mbedtls_x509_crt_verify_info(error, sizeof error, "", flags);
    } else {
        code(error, sizeof error, "handshake", status);
    }
out:
    answer(job, 0, error);
close:
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config);
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&own);
    mbedtls_x509_crt_free(&roots);
    mbedtls_net_free(&net);
}

int main(int count, char **arguments) {
    struct job job;
    char version[32];
    FILE *jobs = count == 3 ? fopen(arguments[1], "r") : NULL;
    if (!jobs) return 2;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&numbers);
    mbedtls_ctr_drbg_seed(&numbers, mbedtls_entropy_func, &entropy, NULL, 0);
    mbedtls_version_get_string(version);
    printf("version\t%s\n", version);
    while (next_job(jobs, &job)) attempt(&job, arguments[2]);
    return 0;
}
