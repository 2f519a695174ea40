/*
 * store_fixture: a store in a directory of its own, and ways to fill, look at and
 * mutilate it.  Included by the tests of the store, each of which is one program.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#ifdef FIXTURE_OUTSIDE /* for layers above, which have a struct table of their own */
#include "base/random.h"
#include "store/store.h"
#else
#include "store/internal.h"
#endif

struct fixture {
	char root[64];   /* removed at the end */
	char *directory; /* of the store */
	struct error error;
};

static inline int
fixture_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int
fixture_setup_in(void **state, const char *directory)
{
	struct fixture *fixture = memory_new(sizeof *fixture);

	snprintf(fixture->root, sizeof fixture->root, "%s/bo-test-XXXXXX", directory);
	if (mkdtemp(fixture->root) == NULL)
		return -1;
	fixture->directory = memory_format("%s/store", fixture->root);
	setenv("XDG_STATE_HOME", fixture->root, 1);
	unsetenv("BO_STORE");
	unsetenv("SUDO_USER");
	if (store_create(fixture->directory, &fixture->error) != STATUS_OK)
		return -1;
	*state = fixture;
	return 0;
}

static inline int
fixture_setup(void **state)
{
	return fixture_setup_in(state, "/tmp");
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	nftw(fixture->root, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture->directory);
	error_release(&fixture->error);
	free(fixture);
	return 0;
}

/* --- the store's own ways -------------------------------------------------- */

static inline void
assert_status(struct fixture *fixture, enum status status, enum status wanted)
{
	if (status != wanted)
		fail_msg("status %d, not %d: %s", status, wanted,
		    fixture->error.count > 0 ? fixture->error.faults[0].reason : "no reason given");
}

static inline void
assert_reason(struct fixture *fixture, const char *part)
{
	assert_true(fixture->error.count > 0);
	if (strstr(fixture->error.faults[0].reason, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", fixture->error.faults[0].reason, part);
}

static inline struct store *
fixture_open(struct fixture *fixture)
{
	struct store *store;

	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_OK);
	return store;
}

static inline struct snapshot *
fixture_snapshot(struct fixture *fixture, struct store *store)
{
	struct snapshot *snapshot;

	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_OK);
	return snapshot;
}

/*
 * One transaction up to and with the append: a line "R<tx>,<tx>,<payload>" for each
 * of the tables in the NULL-ended list of TABLE, PAYLOAD pairs.
 */
static inline enum status
fixture_append(struct fixture *fixture, struct store *store, uint64_t *tx, const char *const *pairs)
{
	struct chunk chunks[8];
	struct buffer bytes[8] = { BUFFER_INIT };
	struct snapshot *snapshot = NULL;
	struct transaction transaction = { .command = "test add", .key = "", .reason = "", .chunks = chunks };
	enum status status = snapshot_open(store, &snapshot, &fixture->error);

	if (status == STATUS_OK)
		status = store_lock(store, clock_monotonic() + 30000, &fixture->error);
	if (status == STATUS_OK)
		status = snapshot_to_head(snapshot, &fixture->error);
	for (; status == STATUS_OK && *pairs != NULL; pairs += 2) {
		struct chunk *chunk = &chunks[transaction.count];
		struct buffer *buffer = &bytes[transaction.count++];
		bool sealed = strncmp(pairs[0], "person", 6) == 0;
		struct slice log;

		status = snapshot_log(snapshot, pairs[0], &log, &fixture->error);
		if (log.length == 0)
			buffer_add_text(buffer,
			    sealed ? "id,tx,seal,name,town\n"
				: strcmp(pairs[0], STORE_ERASURE) == 0
				? "id,tx,table,record,offset,length,columns,digest\n"
				: "id,tx,text\n");
		buffer_format(buffer, "R%" PRIu64 ",%" PRIu64 ",%s\n", snapshot_tx(snapshot) + 1,
		    snapshot_tx(snapshot) + 1, pairs[1]);
		*chunk = (struct chunk){ .table = pairs[0], .bytes = buffer_slice(buffer), .offset = log.length };
		chunk_digest(chunk, slice_cut(&log, '\n'));
	}
	if (status == STATUS_OK)
		status = store_append(store, snapshot, &transaction, tx, &fixture->error);
	store_unlock(store);
	for (size_t i = 0; i < transaction.count; i++)
		buffer_release(&bytes[i]);
	snapshot_close(snapshot);
	return status;
}

static inline enum status
fixture_add(struct fixture *fixture, struct store *store, const char *const *pairs)
{
	uint64_t tx;
	enum status status = fixture_append(fixture, store, &tx, pairs);

	if (status == STATUS_OK)
		status = store_settle(store, tx, clock_monotonic() + 30000, &fixture->error);
	return status;
}

#define PAIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A store with n transactions in "note", each followed by its number. */
static inline void
fixture_fill(struct fixture *fixture, size_t count)
{
	struct store *store = fixture_open(fixture);

	for (size_t i = 0; i < count; i++) {
		char text[32];

		snprintf(text, sizeof text, "text %zu", i + 1);
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	}
	store_close(store);
}

/* What the erasure of the line at offset of log says; free() it. */
static inline char *
fixture_erasure(const struct buffer *log, const char *table, size_t offset)
{
	struct slice rest = { log->data + offset, log->length - offset }, line = slice_cut(&rest, '\n'), parts;
	char *sealed = memory_copy(line.data, line.length), *text;
	struct slice id, digest;

	line_seal(line, sealed);
	parts = (struct slice){ sealed, line.length };
	id = slice_cut(&parts, ',');
	(void)slice_cut(&parts, ',');
	digest = slice_cut(&parts, ',');
	text = memory_format("%s,%.*s,%zu,%zu,2,%.*s", table, (int)id.length, id.data, offset, line.length,
	    (int)digest.length, digest.data);
	free(sealed);
	return text;
}

/* The newest transaction that a reader who comes now is shown; checks that it verifies. */
static inline uint64_t
fixture_tx(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct verify_report report;
	uint64_t tx = snapshot_tx(snapshot);

	assert_status(fixture, store_verify(snapshot, &report, &fixture->error), STATUS_OK);
	assert_int_equal(report.transactions, tx);
	snapshot_close(snapshot);
	store_close(store);
	return tx;
}

/* What verify says to one who comes now. */
static inline enum status
fixture_verify(struct fixture *fixture)
{
	struct store *store;
	struct snapshot *snapshot = NULL;
	struct verify_report report;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = snapshot_open(store, &snapshot, &fixture->error);
	if (status == STATUS_OK)
		status = store_verify(snapshot, &report, &fixture->error);
	snapshot_close(snapshot);
	store_close(store);
	return status;
}

/* --- files, behind the store's back ------------------------------------------ */

static inline char *
fixture_path(const struct fixture *fixture, const char *name)
{
	return memory_format("%s/%s", fixture->directory, name);
}

static inline void
fixture_read(const struct fixture *fixture, const char *name, struct buffer *out)
{
	char *path = fixture_path(fixture, name);

	buffer_clear(out);
	assert_true(file_load(path, out, SIZE_MAX - 1));
	free(path);
}

static inline void
fixture_append_text(const struct fixture *fixture, const char *name, const char *text)
{
	char *path = fixture_path(fixture, name);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0660);

	assert_true(fd >= 0);
	assert_true(file_write(fd, text, strlen(text)));
	close(fd);
	free(path);
}

/* Replaces the content in place, so that the inode stays. */
static inline void
fixture_write(const struct fixture *fixture, const char *name, struct slice bytes)
{
	char *path = fixture_path(fixture, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);

	assert_true(fd >= 0);
	assert_true(file_write(fd, bytes.data, bytes.length));
	close(fd);
	free(path);
}

static inline void
fixture_flip(const struct fixture *fixture, const char *name, off_t offset)
{
	char *path = fixture_path(fixture, name), byte;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(file_read_at(fd, &byte, 1, offset), 1);
	byte ^= 1;
	assert_true(file_write_at(fd, &byte, 1, offset));
	close(fd);
	free(path);
}

static inline off_t
fixture_size(const struct fixture *fixture, const char *name)
{
	char *path = fixture_path(fixture, name);
	struct stat status;
	off_t size = stat(path, &status) == 0 ? status.st_size : -1;

	free(path);
	return size;
}

static inline void
fixture_truncate(const struct fixture *fixture, const char *name, off_t size)
{
	char *path = fixture_path(fixture, name);

	assert_int_equal(truncate(path, size), 0);
	free(path);
}

static inline void
fixture_unlink(const struct fixture *fixture, const char *name)
{
	char *path = fixture_path(fixture, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

/* As if the head had never been seen by this user. */
static inline void
fixture_forget_head(const struct fixture *fixture)
{
	char *path = memory_format("%s/bo", fixture->root);

	nftw(path, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

/* As if the machine had been restarted: the watermark is of another boot. */
static inline void
fixture_reboot(const struct fixture *fixture)
{
	struct buffer text = BUFFER_INIT;
	char digest[HASH_HEX + 1];
	struct slice line, rest;

	fixture_read(fixture, "watermark", &text);
	rest = buffer_slice(&text);
	line = slice_cut(&rest, '\n');
	if (line.length > 60) {
		memset(text.data + strlen("bo-watermark 1 "), '0', UUID_SIZE - 1);
		hash_text((struct slice){ line.data, line.length - 17 }, digest);
		memcpy(text.data + line.length - 16, digest, 16);
		fixture_write(fixture, "watermark", buffer_slice(&text));
	}
	buffer_release(&text);
}

/* Runs body in a child; its exit status, or 128 and the signal. */
static inline int
fixture_child(void (*body)(struct fixture *), struct fixture *fixture)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		body(fixture);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
