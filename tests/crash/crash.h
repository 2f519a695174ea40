/*
 * crash: what the programs here share: a directory to work in, files copied about,
 * and the questions every store must answer after whatever happened to it.
 */
#ifndef CRASH_H
#define CRASH_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/store.h"

static inline _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

static inline int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A directory to work in: in memory if possible, as everything here syncs a lot. */
static inline char *
make_work(void)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char *path = memory_format("%s/bo-crash-XXXXXX", base);

	if (mkdtemp(path) == NULL)
		die(path);
	/* Remembered heads would complain of every store that comes back from the past. */
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	return path;
}

static inline void
write_file(const char *directory, const char *name, struct slice bytes)
{
	char *path = memory_format("%s/%s", directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);

	if (fd < 0 || !file_write(fd, bytes.data, bytes.length))
		die(path);
	close(fd);
	free(path);
}

/* The plain files of a directory, copied to another, which is made anew. */
static inline void
copy_store(const char *from, const char *to)
{
	DIR *list = opendir(from);
	const struct dirent *entry;

	remove_tree(to);
	if (list == NULL || mkdir(to, 0770) != 0)
		die(to);
	while ((entry = readdir(list)) != NULL) {
		char *path = memory_format("%s/%s", from, entry->d_name);
		struct buffer bytes = BUFFER_INIT;
		struct stat status;

		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			if (!file_load(path, &bytes, 1 << 24))
				die(path);
			write_file(to, entry->d_name, buffer_slice(&bytes));
		}
		buffer_release(&bytes);
		free(path);
	}
	closedir(list);
}

/*
 * The newest transaction that a text printed by a command tells of: "OK 3", "tx 3"
 * (writer.c), or CSV whose first columns are tx, or id and tx.
 */
static inline uint64_t
promised_tx(struct slice text)
{
	struct slice line = slice_cut(&text, '\n');
	bool with_id = slice_starts(line, "id,tx"), with_tx = slice_is(line, "tx") || slice_starts(line, "tx,");
	uint64_t newest = 0;

	if (slice_starts(line, "OK ") || slice_starts(line, "tx "))
		return strtoull(line.data + 3, NULL, 10);
	while ((with_id || with_tx) && text.length > 0) {
		uint64_t tx;

		line = slice_cut(&text, '\n');
		if (with_id)
			(void)slice_cut(&line, ',');
		tx = line.length > 0 ? strtoull(line.data, NULL, 10) : 0;
		newest = tx > newest ? tx : newest;
	}
	return newest;
}

/* The first reason in error, or nothing. */
static inline const char *
reason(const struct error *error)
{
	return error->count > 0 ? error->faults[0].reason : "no reason given";
}

/* Whether both have the same lines, but that some may be blank in one of them. */
static inline bool
same_lines_but_blanks(struct slice one, struct slice other)
{
	bool same = one.length == other.length;

	while (same && one.length > 0) {
		struct slice a = slice_cut(&one, '\n'), b = slice_cut(&other, '\n');
		char *sealed = memory_new(2 * a.length + 1);

		same = a.length == b.length;
		if (same) {
			line_seal(a, sealed);
			line_seal(b, sealed + a.length);
			same = memcmp(sealed, sealed + a.length, a.length) == 0;
		}
		free(sealed);
	}
	return same;
}

typedef bool same_bytes(struct slice one, struct slice other);

/* Whether both snapshots show the same in every table of either. */
static inline bool
same_by(struct snapshot *one, struct snapshot *other, same_bytes *same_log)
{
	struct error error = ERROR_INIT;
	bool same = true;

	for (int turn = 0; turn < 2 && same; turn++) {
		size_t count;
		const char *const *names = snapshot_tables(turn == 0 ? one : other, &count);

		for (size_t i = 0; i < count && same; i++) {
			struct slice a, b;

			same = snapshot_log(one, names[i], &a, &error) == STATUS_OK &&
			    snapshot_log(other, names[i], &b, &error) == STATUS_OK && same_log(a, b);
		}
	}
	error_release(&error);
	return same;
}

static inline bool
same_logs(struct snapshot *one, struct snapshot *other)
{
	return same_by(one, other, slice_equal);
}

static inline bool
same_but_blanks(struct snapshot *one, struct snapshot *other)
{
	return same_by(one, other, same_lines_but_blanks);
}

/* Adds one line to the table "note"; the transaction in *tx. */
static inline enum status
add_note(struct store *store, uint64_t *tx, struct error *error)
{
	struct buffer bytes = BUFFER_INIT;
	struct chunk chunk = { .table = "note" };
	struct transaction transaction = { "crash add", "", "", &chunk, 1 };
	struct snapshot *snapshot = NULL;
	struct slice log;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status == STATUS_OK)
		status = store_lock(store, clock_monotonic() + 2000, error);
	if (status == STATUS_OK)
		status = snapshot_to_head(snapshot, error);
	if (status == STATUS_OK)
		status = snapshot_log(snapshot, "note", &log, error);
	if (status == STATUS_OK) {
		buffer_format(&bytes, "%sR0,%" PRIu64 ",after\n", log.length == 0 ? "id,tx,text\n" : "",
		    snapshot_tx(snapshot) + 1);
		chunk.bytes = buffer_slice(&bytes);
		chunk.offset = log.length;
		chunk_digest(&chunk, slice_cut(&log, '\n'));
		status = store_append(store, snapshot, &transaction, tx, error);
	}
	store_unlock(store);
	if (status == STATUS_OK)
		status = store_settle(store, *tx, clock_monotonic() + 2000, error);
	snapshot_close(snapshot);
	buffer_release(&bytes);
	return status;
}

/* What a newcomer is shown proves; its transaction in *tx. */
static inline enum status
prove_store(struct store *store, uint64_t *tx, struct error *error)
{
	struct snapshot *snapshot;
	struct verify_report report;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status != STATUS_OK)
		return status;
	status = store_verify(snapshot, &report, error);
	*tx = snapshot_tx(snapshot);
	snapshot_close(snapshot);
	return status;
}

#endif
