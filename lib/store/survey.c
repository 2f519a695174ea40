/* survey: what lies in a store's directory besides its records */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/internal.h"

/* Counts the files of a directory, and their bytes.  Takes fd over. */
static enum status
count_files(const struct store *store, int fd, const char *name, bool blobs_only, uint64_t *files,
    uint64_t *bytes, struct error *error)
{
	DIR *list = fdopendir(fd);
	const struct dirent *entry;
	enum status result = STATUS_OK;

	if (list == NULL) {
		close(fd);
		return error_set(error, STATUS_SYSTEM, "%s/%s: can't read:", store->path, name);
	}
	for (errno = 0; (entry = readdir(list)) != NULL; errno = 0) {
		struct stat status;

		if (blobs_only && !hash_is_hex(slice_of(entry->d_name)))
			continue;
		if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
			continue;
		++*files;
		*bytes += (uint64_t)status.st_size;
	}
	if (errno != 0)
		result = error_set(error, STATUS_SYSTEM, "%s/%s: can't read:", store->path, name);
	closedir(list);
	return result;
}

static enum status
count_torn(const struct store *store, struct survey *survey, struct error *error)
{
	int fd = plain_directory(store->directory, "torn", false);

	if (fd < 0)
		return errno == ENOENT ? STATUS_OK : file_fault(store, error, "torn", "open");
	return count_files(store, fd, "torn", false, &survey->torn_files, &survey->torn_bytes, error);
}

enum status
shelves_visit(const struct store *store, shelf_visit *visit, void *context, struct error *error)
{
	static const char digits[] = "0123456789abcdef";
	int blobs = plain_directory(store->directory, "blob", false);
	enum status status = STATUS_OK;

	if (blobs < 0)
		return errno == ENOENT ? STATUS_OK : file_fault(store, error, "blob", "open");
	for (int i = 0; i < 256 && status == STATUS_OK; i++) {
		char name[3] = { digits[i / 16], digits[i % 16], '\0' };
		int shelf = plain_directory(blobs, name, false);

		if (shelf >= 0)
			status = visit(shelf, context, error);
		else if (errno != ENOENT)
			status = file_fault(store, error, "blob", "open");
	}
	close(blobs);
	return status;
}

struct counting {
	const struct store *store;
	struct survey *survey;
};

static enum status
count_shelf(int shelf, void *context, struct error *error)
{
	struct counting *counting = context;

	return count_files(counting->store, shelf, "blob", true, &counting->survey->blobs,
	    &counting->survey->blob_bytes, error);
}

enum status
store_survey(const struct snapshot *snapshot, struct survey *survey, struct error *error)
{
	struct store *store = snapshot_store(snapshot);
	const struct state *state = snapshot_state(snapshot);
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct counting counting = { store, survey };
	uint64_t size;
	enum status status = watermark_read(store, &size, &mark, error);

	*survey = (struct survey){ .tx = state->tx, .audit_length = state->audit_length };
	if (status == STATUS_OK) {
		survey->broken = mark.kind == WATERMARK_HERE && mark.broken;
		survey->audit_tail = size > state->audit_length ? size - state->audit_length : 0;
		status = count_torn(store, survey, error);
	}
	if (status == STATUS_OK)
		status = shelves_visit(store, count_shelf, &counting, error);
	watermark_release(&mark);
	return status;
}
