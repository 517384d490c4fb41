/* wolfSSL with its defaults. Arguments: jobs, identity. */
#include "jobs.h"
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/version.h>

static void attempt(const struct job *job, const char *identity) {
    char error[WOLFSSL_MAX_ERROR_SZ + 64] = "", path[1024], text[WOLFSSL_MAX_ERROR_SZ];
    int server = is_server(job), descriptor = connected(job), status;
    WOLFSSL_CTX *context = wolfSSL_CTX_new(server ? wolfSSLv23_client_method() : wolfSSLv23_server_method());
    WOLFSSL *ssl = NULL;
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    status = wolfSSL_CTX_load_verify_locations_ex(context, job->store, NULL, WOLFSSL_LOAD_FLAG_NONE);
    if (status != WOLFSSL_SUCCESS) {
        snprintf(error, sizeof error, "the store: %d %s", status, wolfSSL_ERR_error_string(status, text));
        goto out;
    }
    if (!server) {
        snprintf(path, sizeof path, "%s.pem", identity);
        wolfSSL_CTX_use_certificate_chain_file(context, path);
        snprintf(path, sizeof path, "%s.key", identity);
        wolfSSL_CTX_use_PrivateKey_file(context, path, WOLFSSL_FILETYPE_PEM);
    }
    ssl = wolfSSL_new(context);
    if (server) {
        if (wolfSSL_check_domain_name(ssl, job->host) != WOLFSSL_SUCCESS) {
            snprintf(error, sizeof error, "wolfSSL_check_domain_name does not take %s", job->host);
            goto out;
        }
        if (!is_address(job->host)) wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, job->host, strlen(job->host));
    }
    wolfSSL_set_fd(ssl, descriptor);
    status = server ? wolfSSL_connect(ssl) : wolfSSL_accept(ssl);
    if (status == WOLFSSL_SUCCESS) {
        answer(job, 1, "");
        wolfSSL_shutdown(ssl);
        goto close;
    }
    status = wolfSSL_get_error(ssl, status);
    snprintf(error, sizeof error, "%d %s", status, wolfSSL_ERR_error_string(status, text));
out:
    answer(job, 0, error);
close:
    wolfSSL_free(ssl);
    wolfSSL_CTX_free(context);
    close(descriptor);
}

int main(int count, char **arguments) {
    struct job job;
    FILE *jobs = count == 3 ? fopen(arguments[1], "r") : NULL;
    if (!jobs) return 2;
    wolfSSL_Init();
    printf("version\t%s\n", wolfSSL_lib_version());
    while (next_job(jobs, &job)) attempt(&job, arguments[2]);
    return 0;
}
