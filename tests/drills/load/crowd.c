/* A crowd of clients too many for Python: posts at a rate whether or not the service keeps up, over connections
 * that are kept as a proxy keeps them. The request is read from standard input; where it has @@@@@@@@ stands a
 * number that grows, so that no two requests are alike. Times count from when a request was due. It never sleeps,
 * so that what it takes from a core beside the service is the same at any rate.
 *
 *     crowd PORT RATE SECONDS FIRST_NUMBER IN_TIME_MS <request       prints one line of JSON
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 1000, LONGEST = 1 << 20, HEAD = 4096 };

struct line {
    int fd, busy;
    double due;
    long written, got, whole; /* bytes of the request, of the answer, and of the whole answer once it is known */
    char head[HEAD + 1];
};

static struct line lines[LINES];
static struct line *idle[LINES];
static int idles, opened, poll_fd, port;
static char request[LONGEST], drop[1 << 18];
static long length, number;
static char *place;
static long ok, late, busy, hopeless, other, failed, unsent;
static double *answered, *refused, in_time_s;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(double *seconds, long count, double share) {
    if (!count) return 0;
    qsort(seconds, count, sizeof *seconds, by_size);
    long at = share * count;
    return 1e3 * seconds[at < count ? at : count - 1];
}

static void hang_up(struct line *line) {
    close(line->fd);
    line->fd = line->busy = 0;
    idle[idles++] = line;
}

static void push(struct line *line) {
    while (line->written < length) {
        long n = send(line->fd, request + line->written, length - line->written, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINPROGRESS)) return;
        if (n < 0) { failed++; hang_up(line); return; }
        line->written += n;
    }
}

static void ask(double due) {
    if (!idles) { unsent++; return; }
    struct line *line = idle[--idles];
    if (!line->fd) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct epoll_event want = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = line};
        int one = 1;
        line->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (line->fd < 0 || connect(line->fd, (struct sockaddr *)&to, sizeof to)) { failed++; hang_up(line); return; }
        fcntl(line->fd, F_SETFL, O_NONBLOCK);
        setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, line->fd, &want);
        opened++;
    }
    char digits[24];
    snprintf(digits, sizeof digits, "%08ld", number++ % 100000000);
    memcpy(place, digits, 8);
    line->busy = 1;
    line->due = due;
    line->written = line->got = line->whole = 0;
    push(line); /* a loopback socket takes a request at once; one that did not would fail by time */
}

static void judge(struct line *line) {
    double seconds = now() - line->due;
    int status = atoi(line->head + 9), again = !strcasestr(line->head, "\r\nconnection: close");
    if (status == 200 && seconds <= in_time_s) answered[ok++] = seconds;
    else if (status == 200) late++;
    else if (status == 503) { refused[busy++] = seconds; hopeless += !strcasestr(line->head, "\r\nretry-after: "); }
    else other++;
    line->busy = 0;
    if (again) idle[idles++] = line;
    else hang_up(line);
}

static void hear(struct line *line) {
    for (;;) {
        char *into = line->got < HEAD ? line->head + line->got : drop;
        long n = recv(line->fd, into, line->got < HEAD ? HEAD - line->got : (long)sizeof drop, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            failed += line->busy;
            if (!line->busy) /* closed while idle: take it off the idle ones, to be opened again */
                for (int i = 0; i < idles; i++)
                    if (idle[i] == line) { idle[i] = idle[--idles]; break; }
            hang_up(line);
            return;
        }
        line->got += n;
        line->head[line->got < HEAD ? line->got : HEAD] = 0;
        char *end = strstr(line->head, "\r\n\r\n"), *size = strcasestr(line->head, "\r\ncontent-length: ");
        if (!line->whole && end) line->whole = end + 4 - line->head + (size ? atol(size + 18) : 0);
        if (line->whole && line->got >= line->whole) { judge(line); return; }
    }
}

int main(int count, char **told) {
    if (count != 6) return 2;
    port = atoi(told[1]);
    double rate = atof(told[2]), seconds = atof(told[3]);
    number = atol(told[4]);
    in_time_s = atof(told[5]) / 1e3;
    length = fread(request, 1, LONGEST, stdin);
    place = memmem(request, length, "@@@@@@@@", 8);
    if (!place) return 2;
    long planned = rate * seconds, sent = 0;
    answered = malloc((planned + 1) * sizeof *answered);
    refused = malloc((planned + 1) * sizeof *refused);
    poll_fd = epoll_create1(0);
    for (int i = LINES; i--;) idle[idles++] = &lines[i];
    double start = now(), lag = 0;
    struct epoll_event events[256];
    while (sent < planned || (now() - start < seconds + 2 && idles < LINES)) {
        double passed = now() - start;
        while (sent < planned && sent / rate <= passed) {
            lag = passed - sent / rate > lag ? passed - sent / rate : lag;
            ask(start + sent++ / rate);
        }
        int heard = epoll_wait(poll_fd, events, 256, 0);
        for (int i = 0; i < heard; i++) hear(events[i].data.ptr);
    }
    failed += LINES - idles;
    printf("{\"sent\": %ld, \"ok\": %ld, \"late\": %ld, \"busy\": %ld, \"hopeless\": %ld, \"other\": %ld, \"failed\": %ld, "
           "\"unsent\": %ld, \"opened\": %d, \"lag_ms\": %.1f, \"ok_p50_ms\": %.2f, \"ok_p99_ms\": %.2f, \"busy_p50_ms\": %.2f, \"busy_p99_ms\": %.2f}\n",
           sent, ok, late, busy, hopeless, other, failed, unsent, opened, 1e3 * lag, percentile(answered, ok, 0.5),
           percentile(answered, ok, 0.99), percentile(refused, busy, 0.5), percentile(refused, busy, 0.99));
    return 0;
}
