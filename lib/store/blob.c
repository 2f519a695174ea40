/*
 * blob: documents and raw mail by their SHA-256, blob/ab/ab12….
 *
 * A blob is written and synced under a name of its own and then renamed, so that a
 * name never stands for half of a document; its directory is synced before the line
 * that names it can be written.  Names come from digests, never from data.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "store/internal.h"

enum { TOKEN_BYTES = 8 };

static const size_t blob_largest = (size_t)1 << 40;

/* The directory blob/ab of a blob's name; -1 with errno. */
static int
open_shelf(const struct store *store, const char *name, bool make)
{
	char shelf[3] = { name[0], name[1], '\0' };
	int blobs = plain_directory(store->directory, "blob", make), fd, number;

	if (blobs < 0)
		return -1;
	fd = plain_directory(blobs, shelf, make);
	number = errno;
	close(blobs);
	errno = number;
	return fd;
}

static enum status
fault(const struct store *store, const char *name, const char *what, struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "%s/blob/%.2s/%s: can't %s:", store->path, name, name, what);
}

/* STATUS_OK when the whole blob is there, STATUS_NO when it is missing or not what its name says. */
static enum status
read_blob(int shelf, const char *name, struct buffer *out)
{
	struct stat status;
	char digest[HASH_HEX + 1];
	size_t start = out->length;
	int number, fd = plain_open(shelf, name, O_RDONLY, &status);
	bool good;

	if (fd < 0)
		return errno == ENOENT ? STATUS_NO : STATUS_SYSTEM;
	good = file_read(fd, out, blob_largest);
	number = errno;
	close(fd);
	errno = number;
	if (!good)
		return STATUS_SYSTEM;
	hash_text((struct slice){ out->data + start, out->length - start }, digest);
	if (strcmp(digest, name) == 0)
		return STATUS_OK;
	errno = EBADMSG;
	return STATUS_NO;
}

/* A name that no other writer takes. */
static bool
temporary_name(char *out, size_t size)
{
	unsigned char bytes[TOKEN_BYTES];
	char digits[2 * TOKEN_BYTES + 1];

	if (!random_bytes(bytes, sizeof bytes))
		return false;
	hash_to_hex(bytes, sizeof bytes, digits);
	snprintf(out, size, "new-%s", digits);
	return true;
}

static bool
write_new(int shelf, const char *name, struct slice bytes)
{
	char temporary[32];
	bool good;
	int fd, number;

	if (!temporary_name(temporary, sizeof temporary))
		return false;
	fd = plain_create(shelf, temporary);
	if (fd < 0)
		return false;
	good = file_write(fd, bytes.data, bytes.length) && fsync(fd) == 0 &&
	    renameat(shelf, temporary, shelf, name) == 0;
	number = errno;
	if (!good)
		unlinkat(shelf, temporary, 0);
	close(fd);
	errno = number;
	return good;
}

enum status
blob_put(struct store *store, struct slice bytes, char name[HASH_HEX + 1], struct error *error)
{
	struct buffer there = BUFFER_INIT;
	enum status status = STATUS_OK;
	int shelf;

	hash_text(bytes, name);
	shelf = open_shelf(store, name, true);
	if (shelf < 0)
		return fault(store, name, "open its directory", error);
	/* One that is there was synced by whoever renamed it; one that is damaged is mended. */
	if (read_blob(shelf, name, &there) != STATUS_OK && !write_new(shelf, name, bytes))
		status = fault(store, name, "write", error);
	if (status == STATUS_OK && fsync(shelf) != 0)
		status = fault(store, name, "sync its directory", error);
	close(shelf);
	buffer_release(&there);
	return status;
}

enum status
blob_get(struct store *store, const char *name, struct buffer *out, struct error *error)
{
	size_t start = out->length;
	enum status status;
	int shelf;

	if (!hash_is_hex(slice_of(name)))
		return error_set(error, STATUS_NO, "no such blob: \"%s\"", name);
	shelf = open_shelf(store, name, false);
	if (shelf < 0 && errno != ENOENT)
		return fault(store, name, "open its directory", error);
	status = STATUS_NO;
	errno = ENOENT;
	if (shelf >= 0)
		status = read_blob(shelf, name, out);
	if (status == STATUS_NO && errno == EBADMSG)
		status = error_set(error, STATUS_SYSTEM, "%s/blob/%.2s/%s: damaged, its digest differs",
		    store->path, name, name);
	else if (status == STATUS_NO)
		error_set(error, STATUS_NO, "no such blob: \"%s\"", name);
	else if (status == STATUS_SYSTEM)
		fault(store, name, "read", error);
	if (status != STATUS_OK)
		out->length = start;
	if (shelf >= 0)
		close(shelf);
	return status;
}

bool
blob_exists(struct store *store, struct slice name)
{
	char text[HASH_HEX + 1];
	struct stat status;
	int shelf, fd = -1;

	if (!hash_is_hex(name))
		return false;
	memcpy(text, name.data, HASH_HEX);
	text[HASH_HEX] = '\0';
	shelf = open_shelf(store, text, false);
	if (shelf >= 0)
		fd = plain_open(shelf, text, O_RDONLY, &status);
	if (fd >= 0)
		close(fd);
	if (shelf >= 0)
		close(shelf);
	return fd >= 0;
}

/* Of one directory; takes it over. */
static enum status
prove_shelf(int shelf, void *context, struct error *error)
{
	struct store *store = context;
	struct buffer bytes = BUFFER_INIT;
	DIR *list = fdopendir(shelf);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (list == NULL) {
		close(shelf);
		return file_fault(store, error, "blob", "read");
	}
	for (errno = 0; status == STATUS_OK && (entry = readdir(list)) != NULL; errno = 0) {
		const char *name = entry->d_name;

		if (!hash_is_hex(slice_of(name)))
			continue; /* what a killed writer left */
		buffer_clear(&bytes);
		status = read_blob(shelf, name, &bytes);
		if (status == STATUS_NO && errno == EBADMSG)
			error_set(error, STATUS_NO, "blob/%.2s/%s: is not what its name says", name, name);
		else if (status == STATUS_NO)
			status = STATUS_OK; /* erased meanwhile */
		else if (status == STATUS_SYSTEM)
			fault(store, name, "read", error);
	}
	if (status == STATUS_OK && errno != 0)
		status = file_fault(store, error, "blob", "read");
	closedir(list);
	buffer_release(&bytes);
	return status;
}

enum status
blobs_prove(struct store *store, struct error *error)
{
	return shelves_visit(store, prove_shelf, store, error);
}

enum status
blob_remove(struct store *store, struct slice name, struct error *error)
{
	char text[HASH_HEX + 1];
	enum status status = STATUS_OK;
	int shelf;

	if (!hash_is_hex(name))
		return STATUS_OK;
	memcpy(text, name.data, HASH_HEX);
	text[HASH_HEX] = '\0';
	shelf = open_shelf(store, text, false);
	if (shelf < 0)
		return errno == ENOENT ? STATUS_OK : fault(store, text, "open its directory", error);
	if ((unlinkat(shelf, text, 0) != 0 && errno != ENOENT) || fsync(shelf) != 0)
		status = fault(store, text, "remove", error);
	close(shelf);
	return status;
}
