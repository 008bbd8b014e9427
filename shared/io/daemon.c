#include "shared/io/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int daemon_harden(void) {
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    struct rlimit files;
    if (setrlimit(RLIMIT_CORE, &none) < 0) {
        return ERR_DENIED;
    }
    if (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
        return ERR_DENIED;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return 0;
}

int daemon_signals(int *ret_fd) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return ERR_IO;
    }
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return ERR_IO;
    }
    *ret_fd = fd;
    return 0;
}

int daemon_stop_asked(int fd) {
    int stop = 0;
    struct signalfd_siginfo info;
    for (;;) {
        ssize_t got = read(fd, &info, sizeof(info));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got != (ssize_t)sizeof(info)) {
            return stop;
        }
        if (stop == 0 && (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM)) {
            stop = (int)info.ssi_signo;
        }
    }
}

void daemon_notify(const char *socket_path, const char *state) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (socket_path == NULL || (socket_path[0] != '/' && socket_path[0] != '@') ||
        strlen(socket_path) >= sizeof(to.sun_path)) {
        return;
    }
    memcpy(to.sun_path, socket_path, strlen(socket_path));
    if (to.sun_path[0] == '@') {
        to.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(socket_path));
    ssize_t sent =
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, length);
    (void)sent;
    close(fd);
}
