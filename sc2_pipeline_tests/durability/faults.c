/* Counts what a process does to the files of one folder, keeps a record of it, and does harm at one of these operations.

   Loaded by LD_PRELOAD it stands before the C library, so that Python, Arrow, DuckDB and SQLite are seen alike. It sleeps
   until faults_arm is called. An operation is what changes the folder or makes a change last: create, truncate, write,
   mkdir, rename, link, remove, sync. What changes nothing (mkdir of what is there) is none, and what fails is not recorded. One is
   done at a time, so that the record's order is the order on the disk.

   Operations are counted in points: consecutive writes to one file are one, for how many a writer makes of the same rows
   depends on how it buffers them and on the length of numbers in them. Which of its writes is meant says a second number.

   Syncs are recorded and not done: what a power cut leaves is worked out from the record (disk.py), and tests end sooner.
   What would write past these functions (sendfile, copy_file_range, clones, fallocate) is refused as a kernel without it
   refuses it; callers then write. Only memory maps are not seen: of all that is written here, SQLite's -shm file, which
   means nothing after a crash. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The C library's own function. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char home[PATH_MAX];
static int record = -1, fault_signal, fault_error, is_lasting;
static long point, within, fault_point, fault_within; /* from 1; of a point, from 0 */
static int is_past_fault;
static char written[PATH_MAX];                         /* the file that the last operation wrote to */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* Watches `folder` from now on. At write number `in` of point number `at` (0: never) it raises `number`, or fails with
   `error`: that operation alone or, `lasting`, all from there on that need room. */
int faults_arm(const char *folder, const char *record_path, long at, long in, int number, int error, int lasting)
{
    record = open(record_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    fault_point = at, fault_within = in, fault_signal = number, fault_error = error, is_lasting = lasting;
    snprintf(home, sizeof home, "%s", folder);
    return record;
}

/* Whether a path, or an open file where `name` is NULL, lies in the folder; `path` then holds it, relative to the folder. */
static int is_ours(int fd, const char *name, char *path)
{
    char link[64], full[2 * PATH_MAX] = "";
    size_t length = strlen(home);
    ssize_t begun = 0;
    if (!length)
        return 0;
    if (!name || name[0] != '/') {
        snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
        begun = readlink(link, full, PATH_MAX - 2);
        if (begun < 0)
            return 0;
    }
    if (name)
        snprintf(full + begun, PATH_MAX, begun ? "/%s" : "%s", name);
    if (strncmp(full, home, length) || (full[length] && full[length] != '/') || strstr(full, " (deleted)"))
        return 0;
    snprintf(path, PATH_MAX, "%s", full + length + (full[length] == '/'));
    return 1;
}

/* Why an operation may fail on a full disk. */
enum { NEVER, SELDOM, FOR_ROOM };

/* Takes the turn for the next operation, a write to `file` where that is not NULL; not 0 where it is to fail. */
static int is_refused(int need, const char *file)
{
    pthread_mutex_lock(&turn);
    int is_same = file && !strcmp(file, written);
    within = is_same ? within + 1 : 0;
    point += !is_same;
    snprintf(written, sizeof written, "%s", file ? file : "");
    int is_here = point == fault_point && within == fault_within;
    if (is_here && fault_signal) {
        kill(getpid(), fault_signal);
        while (fault_signal == SIGKILL)
            pause();
    }
    int is_hit = is_here ? need : is_past_fault && is_lasting && need == FOR_ROOM;
    is_past_fault |= is_here;
    if (!fault_error || !is_hit)
        return 0;
    pthread_mutex_unlock(&turn);
    errno = fault_error;
    return 1;
}

/* Records an operation that was done, and gives the turn back. */
static long done(long result, const char *kind, const char *path, const char *other, long at, const void *data, size_t size)
{
    int error = errno;
    if (result >= 0) {
        char line[2 * PATH_MAX + 100];
        int length = snprintf(line, sizeof line, "%ld\t%ld\t%s\t%s\t%s\t%ld\t%zu\n", point, within, kind, path, other, at, size);
        struct iovec parts[] = {{line, length}, {(void *)data, size}};
        syscall(SYS_writev, record, parts, 2);
    }
    pthread_mutex_unlock(&turn);
    errno = error;
    return result;
}

static int opened(int dir, const char *name, int flags, int mode)
{
    char path[PATH_MAX];
    struct stat there;
    int is_new = fstatat(dir, name, &there, 0) != 0;
    int is_change = is_new ? flags & O_CREAT : (flags & O_TRUNC) && there.st_size;
    if (!is_change || !is_ours(dir, name, path))
        return REAL(openat)(dir, name, flags, mode);
    if (is_refused(is_new ? FOR_ROOM : NEVER, NULL))
        return -1;
    return done(REAL(openat)(dir, name, flags, mode), is_new ? "create" : "truncate", path, "", 0, NULL, 0);
}

#define MODE(last) ({ va_list more; va_start(more, last); int mode = va_arg(more, int); va_end(more); mode; })
int open(const char *name, int flags, ...) { return opened(AT_FDCWD, name, flags, MODE(flags)); }
int open64(const char *name, int flags, ...) { return opened(AT_FDCWD, name, flags, MODE(flags)); }
int openat(int dir, const char *name, int flags, ...) { return opened(dir, name, flags, MODE(flags)); }
int openat64(int dir, const char *name, int flags, ...) { return opened(dir, name, flags, MODE(flags)); }

ssize_t write(int fd, const void *data, size_t size)
{
    char path[PATH_MAX];
    if (!is_ours(fd, NULL, path))
        return REAL(write)(fd, data, size);
    if (is_refused(FOR_ROOM, path))
        return -1;
    ssize_t written = REAL(write)(fd, data, size);
    return done(written, "write", path, "", lseek(fd, 0, SEEK_CUR) - written, data, written > 0 ? written : 0);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    char path[PATH_MAX];
    if (!is_ours(fd, NULL, path))
        return REAL(pwrite)(fd, data, size, at);
    if (is_refused(FOR_ROOM, path))
        return -1;
    ssize_t written = REAL(pwrite)(fd, data, size, at);
    return done(written, "write", path, "", at, data, written > 0 ? written : 0);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) { return pwrite(fd, data, size, at); }

int ftruncate(int fd, off_t size)
{
    char path[PATH_MAX];
    struct stat there;
    if (!is_ours(fd, NULL, path))
        return REAL(ftruncate)(fd, size);
    if (is_refused(fstat(fd, &there) == 0 && there.st_size < size ? FOR_ROOM : NEVER, NULL))
        return -1;
    return done(REAL(ftruncate)(fd, size), "truncate", path, "", size, NULL, 0);
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

static int synced(int fd, int (*sync)(int))
{
    char path[PATH_MAX];
    if (!is_ours(fd, NULL, path))
        return sync(fd);
    return is_refused(SELDOM, NULL) ? -1 : done(0, "sync", path, "", 0, NULL, 0);
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

static int made(int dir, const char *name, mode_t mode)
{
    char path[PATH_MAX];
    if (!faccessat(dir, name, F_OK, 0) || !is_ours(dir, name, path))
        return REAL(mkdirat)(dir, name, mode);
    return is_refused(FOR_ROOM, NULL) ? -1 : done(REAL(mkdirat)(dir, name, mode), "mkdir", path, "", 0, NULL, 0);
}
int mkdir(const char *name, mode_t mode) { return made(AT_FDCWD, name, mode); }
int mkdirat(int dir, const char *name, mode_t mode) { return made(dir, name, mode); }

static int removed(int dir, const char *name, int flags)
{
    char path[PATH_MAX];
    if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) || !is_ours(dir, name, path))
        return REAL(unlinkat)(dir, name, flags);
    return is_refused(NEVER, NULL) ? -1 : done(REAL(unlinkat)(dir, name, flags), "remove", path, "", 0, NULL, 0);
}
int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int dir, const char *name, int flags) { return removed(dir, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name)
{
    int result = unlink(name);
    return result && errno == EISDIR ? rmdir(name) : result;
}

static int renamed(int from, const char *old, int to, const char *new, unsigned flags)
{
    char path[PATH_MAX], other[PATH_MAX];
    if (!is_ours(from, old, path) || !is_ours(to, new, other))
        return REAL(renameat2)(from, old, to, new, flags);
    return is_refused(SELDOM, NULL) ? -1 : done(REAL(renameat2)(from, old, to, new, flags), "rename", path, other, 0, NULL, 0);
}
int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return renamed(from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { return renamed(from, old, to, new, flags); }

int link(const char *old, const char *new)
{
    char path[PATH_MAX], other[PATH_MAX];
    if (!is_ours(AT_FDCWD, old, path) || !is_ours(AT_FDCWD, new, other))
        return REAL(link)(old, new);
    return is_refused(SELDOM, NULL) ? -1 : done(REAL(link)(old, new), "link", path, other, 0, NULL, 0);
}

/* Ways past the functions above. */
static int unsupported(int error) { errno = error; return -1; }
ssize_t sendfile(int to, int from, off_t *at, size_t size) { return unsupported(EINVAL); }
ssize_t sendfile64(int to, int from, off_t *at, size_t size) { return unsupported(EINVAL); }
ssize_t copy_file_range(int from, off_t *at, int to, off_t *there, size_t size, unsigned flags) { return unsupported(EXDEV); }
int fallocate(int fd, int mode, off_t at, off_t size) { return unsupported(EOPNOTSUPP); }
int fallocate64(int fd, int mode, off_t at, off_t size) { return unsupported(EOPNOTSUPP); }
int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    return request == 0x40049409 /* FICLONE */ ? unsupported(EOPNOTSUPP) : REAL(ioctl)(fd, request, argument);
}
