/*
 * file: system calls that finish what they began.
 *
 * Every function restarts after EINTR and goes on after short reads and writes;
 * on failure errno tells why.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"

bool file_write(int fd, const void *data, size_t length);
bool file_write_at(int fd, const void *data, size_t length, off_t offset);
/* Up to length bytes; fewer only at the end of the file; -1 on error. */
ssize_t file_read_at(int fd, void *data, size_t length, off_t offset);
/* Adds all of a descriptor up to limit bytes; E2BIG when there are more. */
bool file_read(int fd, struct buffer *out, size_t limit);
/* A whole file by name, likewise; not one of /proc, which may come in pieces. */
bool file_load(const char *path, struct buffer *out, size_t limit);
/*
 * Before anything is written that may be large: a file that grows over the limit (ulimit -f)
 * is an error from then on, which can be undone, and not the end of the process.
 */
void file_size_is_error(void);
/* A file that has no name, in $TMPDIR (else /tmp), to write and read; -1 on error. */
int file_spool(void);
/*
 * Descriptors 0–2 are open: those that were not now are /dev/null, opened so that
 * reading 0 or writing 1 and 2 fails, and no output is lost without notice.
 */
bool file_standard_descriptors(void);

#endif
