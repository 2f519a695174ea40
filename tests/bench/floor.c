/*
 * floor: the least that a job can cost.
 *
 *	floor read FILE...    read() of all their bytes
 *	floor append FILE     one line appended, one fdatasync
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 20 };

static int
fail(const char *what)
{
	perror(what);
	return 4;
}

static int
read_all(const char *path)
{
	static char chunk[CHUNK];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return fail(path);
	while ((got = read(fd, chunk, sizeof chunk)) > 0)
		;
	close(fd);
	return got < 0 ? fail(path) : 0;
}

static int
append(const char *path)
{
	static const char line[] = "C1,1,a line about as long as that of a customer with a name and a city\n";
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, line, sizeof line - 1) != sizeof line - 1 || fdatasync(fd) != 0)
		return fail(path);
	return close(fd) != 0;
}

int
main(int argc, char *argv[])
{
	int status = 0;

	if (argc == 3 && strcmp(argv[1], "append") == 0)
		return append(argv[2]);
	if (argc < 3 || strcmp(argv[1], "read") != 0) {
		fputs("usage: floor read FILE... | floor append FILE\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc && status == 0; i++)
		status = read_all(argv[i]);
	return status;
}
