#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/io/daemon.h"

static void a_hardened_process_leaves_no_core_and_no_file_for_others(void **state) {
    struct rlimit limit;
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_true(files.rlim_max > 32);
    files.rlim_cur = 32;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(daemon_harden(), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_true(files.rlim_cur == files.rlim_max);
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    assert_int_equal(umask(022), 077);
}

static void a_stop_is_told_from_a_hangup(void **state) {
    int fd;
    assert_int_equal(daemon_signals(&fd), 0);
    assert_int_equal(daemon_stop_asked(fd), 0);
    raise(SIGHUP);
    assert_int_equal(daemon_stop_asked(fd), 0);
    raise(SIGHUP);
    raise(SIGTERM);
    assert_int_equal(daemon_stop_asked(fd), SIGTERM);
    assert_int_equal(daemon_stop_asked(fd), 0);
    close(fd);
}

static void the_supervisor_hears_the_word(void **state) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char directory[] = "/tmp/vangnet-daemon-XXXXXX";
    assert_non_null(mkdtemp(directory));
    strcpy(at.sun_path, directory);
    strcat(at.sun_path, "/notify");
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    daemon_notify(NULL, "READY=1");
    daemon_notify("relative", "READY=1");
    daemon_notify(at.sun_path, "READY=1");
    char heard[32] = "";
    assert_int_equal(recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT), 7);
    assert_string_equal(heard, "READY=1");
    close(fd);
    unlink(at.sun_path);
    rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hardened_process_leaves_no_core_and_no_file_for_others),
        cmocka_unit_test(a_stop_is_told_from_a_hangup),
        cmocka_unit_test(the_supervisor_hears_the_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
