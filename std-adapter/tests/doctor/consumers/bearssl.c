/* BearSSL with br_ssl_client_init_full and its minimal X.509 engine. Arguments: jobs, identity. */
#include "jobs.h"
#include <bearssl.h>

static const char *const ERRORS[] = {
    [BR_ERR_WRONG_KEY_USAGE] = "BR_ERR_WRONG_KEY_USAGE The key usage of the server's certificate does not fit the suite.",
    [BR_ERR_IO] = "BR_ERR_IO I/O error.",
    [BR_ERR_X509_INVALID_VALUE] = "BR_ERR_X509_INVALID_VALUE Invalid value in an ASN.1 structure.",
    [BR_ERR_X509_TRUNCATED] = "BR_ERR_X509_TRUNCATED Truncated certificate or other ASN.1 object.",
    [BR_ERR_X509_EMPTY_CHAIN] = "BR_ERR_X509_EMPTY_CHAIN Empty certificate chain (no certificate at all).",
    [BR_ERR_X509_INNER_TRUNC] = "BR_ERR_X509_INNER_TRUNC Decoding error: inner element extends beyond outer element size.",
    [BR_ERR_X509_BAD_TAG_CLASS] = "BR_ERR_X509_BAD_TAG_CLASS Decoding error: unsupported tag class.",
    [BR_ERR_X509_BAD_TAG_VALUE] = "BR_ERR_X509_BAD_TAG_VALUE Decoding error: unsupported tag value.",
    [BR_ERR_X509_INDEFINITE_LENGTH] = "BR_ERR_X509_INDEFINITE_LENGTH Decoding error: indefinite length.",
    [BR_ERR_X509_EXTRA_ELEMENT] = "BR_ERR_X509_EXTRA_ELEMENT Decoding error: extraneous element.",
    [BR_ERR_X509_UNEXPECTED] = "BR_ERR_X509_UNEXPECTED Decoding error: unexpected element.",
    [BR_ERR_X509_NOT_CONSTRUCTED] = "BR_ERR_X509_NOT_CONSTRUCTED Decoding error: expected constructed element.",
    [BR_ERR_X509_NOT_PRIMITIVE] = "BR_ERR_X509_NOT_PRIMITIVE Decoding error: expected primitive element.",
    [BR_ERR_X509_PARTIAL_BYTE] = "BR_ERR_X509_PARTIAL_BYTE Decoding error: BIT STRING length is not multiple of 8.",
    [BR_ERR_X509_BAD_BOOLEAN] = "BR_ERR_X509_BAD_BOOLEAN Decoding error: BOOLEAN value has invalid length.",
    [BR_ERR_X509_OVERFLOW] = "BR_ERR_X509_OVERFLOW Decoding error: value is off-limits.",
    [BR_ERR_X509_BAD_DN] = "BR_ERR_X509_BAD_DN Invalid distinguished name.",
    [BR_ERR_X509_BAD_TIME] = "BR_ERR_X509_BAD_TIME Invalid date/time representation.",
    [BR_ERR_X509_UNSUPPORTED] = "BR_ERR_X509_UNSUPPORTED Certificate contains unsupported features that cannot be ignored.",
    [BR_ERR_X509_LIMIT_EXCEEDED] = "BR_ERR_X509_LIMIT_EXCEEDED Key or signature size exceeds internal limits.",
    [BR_ERR_X509_WRONG_KEY_TYPE] = "BR_ERR_X509_WRONG_KEY_TYPE Key type does not match that which was expected.",
    [BR_ERR_X509_BAD_SIGNATURE] = "BR_ERR_X509_BAD_SIGNATURE Signature is invalid.",
    [BR_ERR_X509_TIME_UNKNOWN] = "BR_ERR_X509_TIME_UNKNOWN Validation time is unknown.",
    [BR_ERR_X509_EXPIRED] = "BR_ERR_X509_EXPIRED Certificate is expired or not yet valid.",
    [BR_ERR_X509_DN_MISMATCH] = "BR_ERR_X509_DN_MISMATCH Issuer/Subject DN mismatch in the chain.",
    [BR_ERR_X509_BAD_SERVER_NAME] = "BR_ERR_X509_BAD_SERVER_NAME Expected server name was not found in the chain.",
    [BR_ERR_X509_CRITICAL_EXTENSION] = "BR_ERR_X509_CRITICAL_EXTENSION Unknown critical extension in certificate.",
    [BR_ERR_X509_NOT_CA] = "BR_ERR_X509_NOT_CA Not a CA, or path length constraint violation.",
    [BR_ERR_X509_FORBIDDEN_KEY_USAGE] = "BR_ERR_X509_FORBIDDEN_KEY_USAGE Key Usage extension prohibits intended usage.",
    [BR_ERR_X509_WEAK_PUBLIC_KEY] = "BR_ERR_X509_WEAK_PUBLIC_KEY Public key found in certificate is too small.",
    [BR_ERR_X509_NOT_TRUSTED] = "BR_ERR_X509_NOT_TRUSTED Chain could not be linked to a trust anchor.",
};

/* A trust anchor is a name and a key; an anchor that is no authority is trusted as a server's own certificate. */
struct anchors {
    br_x509_trust_anchor anchor[16];
    unsigned char name[16][4096];
    br_x509_decoder_context decoder[16];
    size_t count, length;
};

static void keep_name(void *context, const void *data, size_t length) {
    struct anchors *anchors = context;
    if (anchors->length + length > sizeof anchors->name[0]) return;
    memcpy(anchors->name[anchors->count] + anchors->length, data, length);
    anchors->length += length;
}

static unsigned char certificate[1 << 16];
static size_t certificate_length;

static void keep_certificate(void *context, const void *data, size_t length) {
    (void)context;
    if (certificate_length + length > sizeof certificate) return;
    memcpy(certificate + certificate_length, data, length);
    certificate_length += length;
}

/* Zero, or what is wrong with one of the certificates. */
static int read_store(const char *path, struct anchors *anchors) {
    static char file[1 << 20];
    FILE *in = fopen(path, "r");
    size_t length = fread(file, 1, sizeof file, in), done = 0;
    br_pem_decoder_context pem;
    fclose(in);
    br_pem_decoder_init(&pem);
    anchors->count = 0;
    while (done < length) {
        done += br_pem_decoder_push(&pem, file + done, length - done);
        int event = br_pem_decoder_event(&pem);
        if (event == BR_PEM_BEGIN_OBJ) {
            certificate_length = 0;
            br_pem_decoder_setdest(&pem, keep_certificate, NULL);
        } else if (event == BR_PEM_END_OBJ) {
            br_x509_decoder_context *decoder = &anchors->decoder[anchors->count];
            anchors->length = 0;
            br_x509_decoder_init(decoder, keep_name, anchors);
            br_x509_decoder_push(decoder, certificate, certificate_length);
            br_x509_pkey *key = br_x509_decoder_get_pkey(decoder);
            if (!key) return br_x509_decoder_last_error(decoder);
            br_x509_trust_anchor *anchor = &anchors->anchor[anchors->count];
            anchor->dn.data = anchors->name[anchors->count];
            anchor->dn.len = anchors->length;
            anchor->flags = br_x509_decoder_isCA(decoder) ? BR_X509_TA_CA : 0;
            anchor->pkey = *key;
            anchors->count++;
        }
    }
    return 0;
}

static int take(void *context, unsigned char *data, size_t length) {
    ssize_t n = read(*(int *)context, data, length);
    return n > 0 ? (int)n : -1;
}

static int give(void *context, const unsigned char *data, size_t length) {
    ssize_t n = send(*(int *)context, data, length, MSG_NOSIGNAL);
    return n > 0 ? (int)n : -1;
}

static void attempt(const struct job *job) {
    static struct anchors anchors;
    static unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
    br_ssl_client_context client;
    br_x509_minimal_context x509;
    br_sslio_context io;
    char error[256];
    int descriptor = connected(job), status = read_store(job->store, &anchors);
    const char *where = "the store: ";
    if (status == 0) {
        where = "";
        br_ssl_client_init_full(&client, &x509, anchors.anchor, anchors.count);
        br_ssl_engine_set_buffer(&client.eng, buffer, sizeof buffer, 1);
        br_ssl_client_reset(&client, job->host, 0);
        br_sslio_init(&io, &client.eng, take, &descriptor, give, &descriptor);
        br_sslio_write_all(&io, "GET / HTTP/1.0\r\n\r\n", 18);
        br_sslio_flush(&io);
        status = br_ssl_engine_last_error(&client.eng);
    }
    const char *text = status > 0 && (size_t)status < sizeof ERRORS / sizeof *ERRORS ? ERRORS[status] : NULL;
    snprintf(error, sizeof error, "%s%d %s", where, status, text ? text : "");
    answer(job, status == 0, error);
    close(descriptor);
}

int main(int count, char **arguments) {
    struct job job;
    FILE *jobs = count == 3 ? fopen(arguments[1], "r") : NULL;
    if (!jobs) return 2;
    printf("version\t0.6\n");
    while (next_job(jobs, &job)) {
        if (is_server(&job)) attempt(&job);
    }
    return 0;
}
