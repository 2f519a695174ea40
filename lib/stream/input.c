/* input: all of a stream, mapped or read */
#include "stream/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { IN_MEMORY = 1 << 20 }; /* longer input lies in a file that has no name */

static enum status
too_long(const char *name, size_t limit, struct error *error)
{
	struct place place = { name, 0, NULL };

	return error_add(error, &place, "longer than %zu bytes", limit);
}

/* Maps length bytes of a file from offset 0; a page that is written to becomes one's own. */
static enum status
map_file(struct input *input, int fd, size_t length, size_t skip, struct error *error)
{
	void *mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);

	if (mapped == MAP_FAILED)
		return error_set(error, STATUS_SYSTEM, "%s:", input->name);
	madvise(mapped, length, MADV_SEQUENTIAL);
	input->mapped = mapped;
	input->mapped_size = length;
	input->bytes = (struct slice){ (char *)mapped + skip, length - skip };
	return STATUS_OK;
}

/* Copies the rest of fd behind what is in buffer into a spool and maps that. */
static enum status
spool(struct input *input, int fd, struct buffer *buffer, size_t limit, struct error *error)
{
	int to = file_spool();
	size_t total = 0;
	enum status status = STATUS_OK;

	if (to < 0)
		return error_set(error, STATUS_SYSTEM, "a file for the input:");
	while (buffer->length > 0 && status == STATUS_OK) {
		ssize_t got;

		total += buffer->length;
		if (total > limit)
			status = too_long(input->name, limit, error);
		else if (!file_write(to, buffer->data, buffer->length))
			status = error_set(error, STATUS_SYSTEM, "a file for the input:");
		if (status != STATUS_OK)
			break;
		do {
			got = read(fd, buffer->data, IN_MEMORY);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			status = error_set(error, STATUS_SYSTEM, "%s:", input->name);
		buffer->length = got > 0 ? (size_t)got : 0;
	}
	if (status == STATUS_OK)
		status = map_file(input, to, total, 0, error);
	close(to);
	return status;
}

static enum status
read_stream(struct input *input, int fd, size_t limit, struct error *error)
{
	struct buffer buffer = BUFFER_INIT;
	enum status status = STATUS_OK;
	ssize_t got = 1;

	buffer_reserve(&buffer, IN_MEMORY);
	while (got != 0 && buffer.length < IN_MEMORY) {
		got = read(fd, buffer.data + buffer.length, IN_MEMORY - buffer.length);
		if (got > 0)
			buffer.length += (size_t)got;
		else if (got < 0 && errno != EINTR) {
			status = error_set(error, STATUS_SYSTEM, "%s:", input->name);
			break;
		}
	}
	if (status == STATUS_OK && buffer.length > limit)
		status = too_long(input->name, limit, error);
	else if (status == STATUS_OK && got != 0)
		status = spool(input, fd, &buffer, limit, error);
	else if (status == STATUS_OK) {
		input->bytes = (struct slice){ memory_copy(buffer.data, buffer.length), buffer.length };
		input->mapped = NULL;
	}
	buffer_release(&buffer);
	return status;
}

static enum status
read_descriptor(struct input *input, int fd, size_t limit, struct error *error)
{
	struct stat file;
	off_t at;

	if (fstat(fd, &file) != 0)
		return error_set(error, STATUS_SYSTEM, "%s:", input->name);
	if (S_ISDIR(file.st_mode)) {
		errno = EISDIR;
		return error_set(error, STATUS_SYSTEM, "%s:", input->name);
	}
	at = S_ISREG(file.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
	/* Short files are read: one that shrinks while it is mapped would kill us. */
	if (at < 0 || file.st_size - at <= IN_MEMORY)
		return read_stream(input, fd, limit, error);
	if ((uintmax_t)(file.st_size - at) > limit)
		return too_long(input->name, limit, error);
	input->shared = true;
	return map_file(input, fd, (size_t)file.st_size, (size_t)at, error);
}

enum status
input_open(struct input *input, const char *path, size_t limit, struct error *error)
{
	bool standard = strcmp(path, "-") == 0;
	enum status status;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*input = (struct input){ .name = path };
	if (fd < 0)
		return error_set(error, STATUS_SYSTEM, "%s:", path);
	status = read_descriptor(input, fd, limit, error);
	if (!standard)
		close(fd);
	return status;
}

void
input_close(struct input *input)
{
	if (input->mapped != NULL)
		munmap(input->mapped, input->mapped_size);
	else
		free((char *)(uintptr_t)input->bytes.data);
	*input = (struct input){ .name = input->name };
}
