/* What the consumers written in C share: the jobs, a connection, the answer. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct job {
    char *name, *role, *host, *port, *store, *served;
};

static int next_job(FILE *jobs, struct job *job) {
    static char line[4096];
    if (!fgets(line, sizeof line, jobs)) return 0;
    char *rest = line;
    char **fields[] = {&job->name, &job->role, &job->host, &job->port, &job->store, &job->served};
    line[strcspn(line, "\n")] = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) *fields[i] = strsep(&rest, "\t");
    return 1;
}

static int is_server(const struct job *job) { return strcmp(job->role, "server") == 0; }

static __attribute__((unused)) int is_address(const char *host) {
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static int connected(const struct job *job) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(job->port))};
    struct timeval patience = {.tv_sec = 20};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(descriptor, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    return descriptor;
}

/* An answer is one line: case, 1 or 0, the error. */
static void answer(const struct job *job, int accepts, const char *error) {
    printf("%s\t%d\t", job->name, accepts);
    for (const char *c = accepts ? "" : error; *c; c++) putchar(*c == '\n' || *c == '\t' ? ' ' : *c);
    putchar('\n');
    fflush(stdout);
}
