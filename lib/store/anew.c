/*
 * anew: bytes that a failed sync may have lost, written once more.
 *
 * A failed sync is never repeated into a success: the kernel takes what never reached the
 * disk for written, and a second sync speaks of nothing.  This is another matter.  The
 * bytes are known, by their digests, and are written again where they are, so that the
 * kernel has to bring them to the disk, and a sync that succeeds after that speaks of
 * them.  What was there already is there at every moment: it is overwritten with itself.
 *
 *	1. The bytes are put aside, and the cache of them is dropped: its pages may stand for
 *	   places which the failed write was to make good, and which are not (seen with ext4:
 *	   the extents stay unwritten, and what is written through such a page is not read
 *	   again).
 *	2. They are written, and synced through the same descriptor, opened before, so that no
 *	   failure is told to anybody else.
 *	3. The cache is dropped again, and they are proved as the disk has them.
 *
 * What a running reader has mapped can't be dropped; for such a page the sync has to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/file.h"
#include "store/internal.h"

enum { PIECE = 1 << 16 };

static bool
copy_range(int from, uint64_t offset, int to, uint64_t target, uint64_t length)
{
	char piece[PIECE];

	while (length > 0) {
		size_t want = length < sizeof piece ? (size_t)length : sizeof piece;

		errno = EIO; /* should it have become shorter */
		if (file_read_at(from, piece, want, (off_t)offset) != (ssize_t)want ||
		    !file_write_at(to, piece, want, (off_t)target))
			return false;
		offset += want;
		target += want;
		length -= want;
	}
	return true;
}

static void
drop_cache(int fd, uint64_t from)
{
	posix_fadvise(fd, (off_t)(from - from % PIECE), 0, POSIX_FADV_DONTNEED);
}

/* What lies in a file from one offset to another, once more. */
static bool
write_range(int fd, uint64_t from, uint64_t to)
{
	int number, aside = file_spool();
	bool good = aside >= 0 && copy_range(fd, from, aside, 0, to - from);

	if (good)
		drop_cache(fd, from);
	/* Without a journal a length may have got lost as well: the inode is to be written, too. */
	good = good && futimens(fd, NULL) == 0 && copy_range(aside, 0, fd, from, to - from);
	number = errno;
	if (aside >= 0)
		close(aside);
	errno = number;
	return good;
}

static enum status
write_file(struct store *store, int fd, const char *name, uint64_t from, uint64_t to, struct error *error)
{
	if (!write_range(fd, from, to))
		return file_fault(store, error, name, "write it anew");
	if (fdatasync(fd) != 0)
		return error_set(error, STATUS_UNKNOWN, "%s/%s: can't sync:", store->path, name);
	drop_cache(fd, from);
	return STATUS_OK;
}

static enum status
write_log(struct store *store, const struct table *table, uint64_t from, struct error *error)
{
	char name[LOG_NAME_SIZE];
	struct stat file;
	enum status status;
	int fd;

	log_name((struct slice){ table->name, table->name_length }, name);
	fd = plain_open(store->directory, name, O_RDWR, &file);
	if (fd < 0)
		return file_fault(store, error, name, "open");
	status = write_file(store, fd, name, from, table->length, error);
	close(fd);
	return status;
}

static enum status
write_all(struct store *store, const struct state *from, const struct state *to, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < to->count && status == STATUS_OK; i++) {
		const struct table *table = &to->tables[i];
		uint64_t length = state_length(from, (struct slice){ table->name, table->name_length });

		if (length != table->length)
			status = write_log(store, table, length, error);
	}
	if (status == STATUS_OK)
		status = write_file(store, store->audit, AUDIT_NAME, from->audit_length, to->audit_length, error);
	return status;
}

enum status
write_anew(struct store *store, const struct watermark *mark, const struct state *from,
    const struct state *to, struct error *error)
{
	struct recovery found = { .head = { .tx = 0 } };
	enum status status;

	if (from->tx == to->tx)
		return STATUS_OK;
	status = write_all(store, from, to, error);
	if (status == STATUS_OK)
		status = recover_find(store, mark, to->audit_length, &found, error);
	if (status == STATUS_OK && found.head.tx < to->tx)
		status = store_damage(store, error, AUDIT_NAME,
		    "transaction %" PRIu64 " was written anew, and is not there", found.head.tx + 1);
	recovery_release(&found);
	return status;
}
