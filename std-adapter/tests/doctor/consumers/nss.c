/* NSS with the checks of SSL_AuthCertificate, which are those of its tools (Firefox has mozpkix instead). Arguments:
 * jobs, identity. Each case in a process of its own: NSS remembers certificates. */
#include "jobs.h"
#include <sys/wait.h>
#include <nspr.h>
#include <nss.h>
#include <cert.h>
#include <certdb.h>
#include <nssb64.h>
#include <private/pprio.h>
#include <secerr.h>
#include <ssl.h>
#include <sslproto.h>

static void fail(const struct job *job, const char *what) {
    char error[1024];
    PRErrorCode code = PR_GetError();
    const char *name = PR_ErrorToName(code);
    snprintf(error, sizeof error, "%s%s: %s", what, name ? name : "?", PR_ErrorToString(code, 0));
    answer(job, 0, error);
    _exit(0); /* exit() would move the parent's place in the jobs */
}

static void trust(const struct job *job) {
    static char file[1 << 20];
    CERTCertTrust trusted;
    FILE *in = fopen(job->store, "r");
    file[fread(file, 1, sizeof file - 1, in)] = 0;
    fclose(in);
    CERT_DecodeTrustString(&trusted, "CT,C,C");
    for (char *rest = file, *begin; (begin = strstr(rest, "-----BEGIN CERTIFICATE-----")); rest = begin + 1) {
        begin += strlen("-----BEGIN CERTIFICATE-----");
        char *end = strstr(begin, "-----END");
        SECItem der = {siBuffer, NULL, 0};
        if (!NSSBase64_DecodeBuffer(NULL, &der, begin, end - begin)) fail(job, "the store: ");
        CERTCertificate *root = CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &der, NULL, PR_FALSE, PR_TRUE);
        if (!root) fail(job, "the store: ");
        if (CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root, &trusted) != SECSuccess) fail(job, "the store: ");
    }
}

static void attempt(const struct job *job) {
    NSS_NoDB_Init(NULL);
    NSS_SetDomesticPolicy();
    trust(job);
    PRFileDesc *fd = SSL_ImportFD(NULL, PR_ImportTCPSocket(connected(job)));
    SSL_OptionSet(fd, SSL_SECURITY, PR_TRUE);
    SSL_AuthCertificateHook(fd, SSL_AuthCertificate, CERT_GetDefaultCertDB());
    SSL_ResetHandshake(fd, PR_FALSE);
    SSL_SetURL(fd, job->host);
    if (SSL_ForceHandshake(fd) != SECSuccess) fail(job, "");
    answer(job, 1, "");
    PR_Close(fd);
    _exit(0);
}

int main(int count, char **arguments) {
    struct job job;
    FILE *jobs = count == 3 ? fopen(arguments[1], "r") : NULL;
    if (!jobs) return 2;
    printf("version\t%s\n", NSS_GetVersion());
    fflush(stdout);
    while (next_job(jobs, &job)) {
        if (!is_server(&job)) continue;
        pid_t child = fork();
        if (child == 0) attempt(&job);
        int status;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status)) answer(&job, 0, "it crashed");
    }
    return 0;
}
