#include "shared/io/http_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 128,
};

static int translate(int code) {
    if (code == EADDRINUSE) {
        return ERR_LOCKED;
    }
    return code == EACCES || code == EPERM ? ERR_DENIED : ERR_NETWORK;
}

static int bind_and_listen(int fd, const struct sockaddr *address, socklen_t length) {
    if (bind(fd, address, length) < 0 || listen(fd, BACKLOG) < 0) {
        return translate(errno);
    }
    return 0;
}

static uint16_t port_of(int fd) {
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        return 0;
    }
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

int http_listen_tcp(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port) {
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", port);
    if (getaddrinfo(address, service, &hints, &found) != 0) {
        return ERR_CONFIG;
    }
    const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r = fd < 0 ? ERR_NETWORK : 0;
    if (r == 0) {
        const int one = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        r = bind_and_listen(fd, found->ai_addr, found->ai_addrlen);
    }
    freeaddrinfo(found);
    if (r < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return r;
    }
    *ret_fd = fd;
    *ret_port = port_of(fd);
    return 0;
}

/* Somebody who answers there is another daemon; a path that nobody answers at is a crash's rest. */
static int make_way(const struct sockaddr_un *address) {
    struct stat there;
    if (lstat(address->sun_path, &there) < 0) {
        return 0;
    }
    if (!S_ISSOCK(there.st_mode)) {
        return ERR_EXISTS;
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_NETWORK;
    }
    const int connected = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    const int code = errno;
    close(fd);
    if (connected == 0 || code == EAGAIN) {
        return ERR_LOCKED;
    }
    if (code != ECONNREFUSED) {
        return translate(code);
    }
    return unlink(address->sun_path) < 0 ? translate(errno) : 0;
}

int http_listen_unix(const char *path, int *ret_fd) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return ERR_TOO_LARGE;
    }
    memcpy(address.sun_path, path, strlen(path));
    int r = make_way(&address);
    if (r < 0) {
        return r;
    }
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ERR_NETWORK;
    }
    /* Before the bind: on Linux the file is made with the socket's mode, so it's never wider. */
    r = fchmod(fd, 0600) < 0
            ? ERR_NETWORK
            : bind_and_listen(fd, (const struct sockaddr *)&address, sizeof(address));
    if (r < 0) {
        close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}
