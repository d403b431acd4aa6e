/* Volley: sends HTTP requests over many connections and writes down what becomes of each.
 *
 *     volley PORT CONNECTIONS SECONDS RATE REQUESTS RESULTS FIRST PATIENCE
 *
 * RATE 0 is a closed loop: each connection asks again when it is answered. Any other rate is an open loop: requests
 * fall due at Poisson times whether or not earlier ones are answered, wait for a free connection, and their time
 * counts from when they were due. REQUESTS holds whole requests, each after its length (uint32); they are sent in
 * turn, and eight '#' in one become a running number that starts at FIRST. RESULTS gets one record a request; what
 * was sent and not answered whole has status 0, what found nobody listening -1. PATIENCE is
 * how many seconds an answer may take. Prints the processor time it took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define HEADER 16384
#define WAITING (1 << 20)
#define MARK "########"

typedef struct { double due, took; int32_t status, hit; } Record;
typedef struct { char *text; size_t size; char *mark; } Request;
typedef struct {
    int fd, busy;
    size_t sent, size, held, left; /* of the request; of the answer: header bytes held, body bytes to come */
    double due, since;
    int status, hit, closes, in_body;
    char *text, header[HEADER + 1];
} Line;

static Request *requests;
static size_t count, longest, next_request;
static long number;
static Line *lines;
static int lines_count, epoll, keeps;
static double start, patience, due[WAITING];
static size_t due_head, due_tail;
static FILE *results;
static struct sockaddr_in address;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + 1e-9 * at.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    uint32_t size;
    while (fread(&size, sizeof size, 1, file) == 1) {
        requests = realloc(requests, (count + 1) * sizeof *requests);
        char *text = calloc(size + 1, 1);
        if (fread(text, 1, size, file) != size) fail("request cut short");
        requests[count++] = (Request){text, size, strstr(text, MARK)};
        if (size > longest) longest = size;
    }
    fclose(file);
    if (!count) fail("no request");
    keeps = !strcasestr(requests[0].text, "connection: close");
}

static void shut(Line *line) {
    if (line->fd >= 0) close(line->fd);
    line->fd = -1;
}

static void note(Line *line, int status) {
    double end = now();
    Record record = {line->due - start, end - line->due, status, line->hit};
    fwrite(&record, sizeof record, 1, results);
    line->busy = 0;
    if (status <= 0 || line->closes || !keeps) shut(line);
}

static void watch(Line *line, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = line};
    if (epoll_ctl(epoll, how, line->fd, &event)) fail("epoll_ctl");
}

static int open_line(Line *line) {
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (line->fd < 0) return 0;
    int one = 1;
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(line->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        shut(line);
        return 0;
    }
    watch(line, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    return 1;
}

static void push(Line *line) {
    while (line->sent < line->size) {
        ssize_t wrote = send(line->fd, line->text + line->sent, line->size - line->sent, MSG_NOSIGNAL);
        if (wrote < 0 && (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN)) return;
        if (wrote < 0) {
            note(line, line->sent ? 0 : -1);
            return;
        }
        line->sent += wrote;
    }
    watch(line, EPOLLIN, EPOLL_CTL_MOD);
}

static void ask(Line *line, double due_at) {
    Request *request = &requests[next_request++ % count];
    memcpy(line->text, request->text, request->size);
    if (request->mark) {
        char digits[16];
        snprintf(digits, sizeof digits, "%08ld", number++ % 100000000);
        memcpy(line->text + (request->mark - request->text), digits, 8);
    }
    line->size = request->size;
    line->sent = line->held = line->left = 0;
    line->status = line->hit = line->closes = line->in_body = 0;
    line->busy = 1;
    line->due = due_at;
    line->since = now();
    if (line->fd < 0 && !open_line(line)) {
        note(line, -1);
        return;
    }
    push(line);
}

static int heard_header(Line *line) {
    line->header[line->held] = 0;
    char *end = strstr(line->header, "\r\n\r\n");
    if (!end) return line->held < HEADER ? 0 : -1;
    *end = 0;
    char *length = strcasestr(line->header, "\r\ncontent-length:");
    line->status = line->held > 12 ? atoi(line->header + 9) : 0;
    line->hit = strcasestr(line->header, "\r\nx-cache: hit") != NULL;
    line->closes = strcasestr(line->header, "\r\nconnection: close") != NULL;
    if (!length && line->status != 204) return -1;
    size_t body = length ? strtoul(length + 17, NULL, 10) : 0, came = line->held - (end + 4 - line->header);
    line->left = body > came ? body - came : 0;
    line->in_body = 1;
    return 1;
}

static void hear(Line *line) {
    static char scrap[1 << 18];
    for (;;) {
        size_t room = line->in_body ? sizeof scrap : HEADER - line->held;
        ssize_t got = recv(line->fd, line->in_body ? scrap : line->header + line->held, room, 0);
        if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (got <= 0 && !line->busy) {
            shut(line);
            return;
        }
        if (got <= 0) {
            note(line, line->sent ? 0 : -1);
            return;
        }
        if (line->in_body)
            line->left -= (size_t)got < line->left ? (size_t)got : line->left;
        else {
            line->held += got;
            int told = heard_header(line);
            if (told < 0) {
                note(line, 0);
                return;
            }
            if (!told) continue;
        }
        if (!line->left) {
            note(line, line->status);
            return;
        }
    }
}

static double waited_for_core(void) {
    unsigned long long ran, waited = 0;
    FILE *file = fopen("/proc/self/schedstat", "r");
    if (file && fscanf(file, "%llu %llu", &ran, &waited) != 2) waited = 0;
    if (file) fclose(file);
    return 1e-9 * waited;
}

static void give_up(double at) {
    for (int i = 0; i < lines_count; i++)
        if (lines[i].busy && at - lines[i].since > patience) note(&lines[i], 0);
}

int main(int argc, char **argv) {
    if (argc != 9) return fprintf(stderr, "see the head of volley.c\n"), 2;
    lines_count = atoi(argv[2]);
    double seconds = atof(argv[3]), rate = atof(argv[4]);
    load(argv[5]);
    if (!(results = fopen(argv[6], "wb"))) fail(argv[6]);
    number = atol(argv[7]);
    patience = atof(argv[8]);
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    epoll = epoll_create1(0);
    lines = calloc(lines_count, sizeof *lines);
    for (int i = 0; i < lines_count; i++) lines[i].fd = -1, lines[i].text = malloc(longest);
    srand48(20261125);
    start = now();
    double falls = start, checked = start;
    struct epoll_event events[256];
    for (;;) {
        double at = now(), end = start + seconds;
        while (rate > 0 && falls <= at && falls < end && due_head - due_tail < WAITING) {
            due[due_head++ % WAITING] = falls;
            falls += -log(1.0 - drand48()) / rate;
        }
        int busy = 0;
        for (int i = 0; i < lines_count; i++) {
            if (!lines[i].busy && rate > 0 && due_tail < due_head) ask(&lines[i], due[due_tail++ % WAITING]);
            if (!lines[i].busy && rate == 0 && at < end) ask(&lines[i], now());
            busy += lines[i].busy;
        }
        if (at >= end && !busy && due_tail == due_head) break;
        if (at >= end + patience) break;
        double wait = rate > 0 && falls < end ? falls - now() : 0.05;
        struct timespec rest = {0, wait <= 0 ? 0 : (long)(1e9 * fmin(wait, 0.05))};
        int ready = epoll_pwait2(epoll, events, 256, &rest, NULL);
        for (int i = 0; i < ready; i++) {
            Line *line = events[i].data.ptr;
            if (line->fd >= 0 && line->busy && events[i].events & EPOLLOUT && line->sent < line->size) push(line);
            if (line->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) hear(line);
        }
        if (at - checked > 0.1) give_up(checked = at);
    }
    for (int i = 0; i < lines_count; i++)
        if (lines[i].busy) note(&lines[i], 0);
    while (due_tail < due_head) {
        Line unsent = {.fd = -1, .due = due[due_tail++ % WAITING]};
        note(&unsent, 0);
    }
    fclose(results);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1e-6 * (used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("{\"cpu_s\": %.6f, \"waited_s\": %.6f, \"wall_s\": %.6f}\n", cpu, waited_for_core(), now() - start);
    return 0;
}
