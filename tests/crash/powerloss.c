/*
 * powerloss: what the disk may hold if the power fails, after each system call.
 *
 *	powerloss [-b LIE] [-c] [-m MOST] [-R EVERY] [-r RANDOM] [-s SEED]
 *	    [-w WORKLOAD] [-X EVERY] [-x SCRIPT] WRITER
 *
 * Runs real writers (writer.c) under strace, one after the other or, with -c, at the
 * same time, or a WORKLOAD, a shell script that finds its store in $BO_STORE, and plays
 * their system calls back.  After each call it builds images of
 * the disk: whatever was not synced may be there or not, each file for itself, up to
 * any write, without any one write, torn at 512 bytes, as zeros; new names likewise.
 * Every image is then opened as after a restart, and must
 *
 *   - hold every transaction that was acknowledged, or shown to a reader;
 *   - be a prefix of the history, in all tables at once;
 *   - take the next transaction, and verify.
 *
 * What a command prints is a promise (promised_tx), whether it wrote or read.  With -R
 * the power fails again, at any call of whoever recovers EVERYth image (with -i IMAGE
 * and -a TRANSACTION, which is owed).  With -X, SCRIPT judges EVERYth image too.
 *
 * -b makes the disk lie, which must be noticed, or this program proves nothing:
 * "logs" does not sync any table's log, "audit" not the audit log, "names" no
 * directory.  Prints a summary; exits 1 when an image was bad.
 */
#include <ctype.h>

#include "images.h"

enum { DELAY = 3000 };

/* --- the trace ---------------------------------------------------------------- */

/* What lies behind the store's directory in a path; NULL when it is elsewhere, "" for itself. */
static char *
inside(const char *escaped)
{
	size_t length, prefix = strlen(disk.store);
	char *path = unescape(escaped, &length), *result = NULL;

	if (strcmp(path, disk.store) == 0)
		result = memory_copy("", 0);
	else if (strncmp(path, disk.store, prefix) == 0 && path[prefix] == '/')
		result = memory_copy(path + prefix + 1, length - prefix - 1);
	free(path);
	return result;
}

static struct name *
find_name(const char *text)
{
	for (int i = 0; i < disk.name_count; i++)
		if (strcmp(disk.names[i].text, text) == 0)
			return &disk.names[i];
	if (disk.name_count >= FILES_MOST || strlen(text) >= sizeof disk.names[0].text)
		die("too many names");
	disk.names[disk.name_count] = (struct name){ .durable = -1, .cached = -1 };
	memcpy(disk.names[disk.name_count].text, text, strlen(text) + 1);
	return &disk.names[disk.name_count++];
}

/* The file that the descriptor in the first argument stands for; NULL for what is not modelled. */
static struct file *
file_of(const char *call)
{
	const char *open = strchr(call, '<');
	char *path = open != NULL ? inside(open + 1) : NULL;
	struct file *file = NULL;

	if (path != NULL && path[0] != '\0') {
		struct name *name = find_name(path);

		if (name->cached >= 0)
			file = &disk.files[name->cached];
	}
	free(path);
	return file;
}

static void
operate(struct file *file, struct operation operation)
{
	file->pending = memory_grow(file->pending, &file->capacity, file->count, sizeof *file->pending);
	file->pending[file->count++] = operation;
	crash();
}

static void
on_open(const char *call)
{
	const char *result = strrchr(call, '<');
	char *path = result != NULL ? inside(result + 1) : NULL;

	if (path != NULL && path[0] != '\0' && strstr(call, "O_CREAT") != NULL) {
		struct name *name = find_name(path);

		if (name->cached < 0) {
			if (disk.file_count >= FILES_MOST)
				die("too many files");
			name->cached = disk.file_count++;
			crash();
		}
	}
	free(path);
}

static void
on_write(const char *call, bool at_offset)
{
	const char *quote = strchr(call, '"');
	struct file *file = file_of(call);
	struct operation operation = { .cut = false };
	size_t length;
	char *data = quote != NULL ? unescape(quote + 1, &length) : memory_new(length = 1);

	if (strncmp(strchr(call, '(') + 1, "1<", 2) == 0) {
		uint64_t tx = promised_tx((struct slice){ data, length });

		disk.acknowledged = tx > disk.acknowledged ? tx : disk.acknowledged;
		crash();
	}
	if (file == NULL) {
		free(data);
		return;
	}
	operation.data = (struct slice){ data, length }; /* kept for good */
	if (at_offset) {
		operation.offset = last_number(call);
	} else {
		struct buffer now = BUFFER_INIT;

		build(file, ALL, 0, &now); /* a new file, written from its beginning to its end */
		operation.offset = now.length;
		buffer_release(&now);
	}
	operate(file, operation);
}

/* bo.format comes by rename: both names change at once. */
static void
on_rename(const char *call)
{
	const char *first = strchr(call, '"'), *second = first != NULL ? strstr(first + 1, "\", ") : NULL;
	const char *directory = strchr(call, '<');
	size_t length;
	char *from, *to, *where = directory != NULL ? inside(directory + 1) : NULL;
	struct name *source;

	second = second != NULL ? strchr(second + 1, '"') : NULL;
	if (second == NULL || where == NULL) {
		free(where);
		return;
	}
	from = unescape(first + 1, &length);
	to = unescape(second + 1, &length);
	source = find_name(from);
	find_name(to)->cached = source->cached;
	source->cached = -1;
	free(from);
	free(to);
	free(where);
	crash();
}

/* What a maker of a store left who was cut short goes before the next one begins. */
static void
on_unlink(const char *call)
{
	const char *quote = strchr(call, '"'), *directory = strchr(call, '<');
	char *where = directory != NULL ? inside(directory + 1) : NULL;
	size_t length;

	if (quote != NULL && where != NULL && where[0] == '\0') {
		char *text = unescape(quote + 1, &length);

		find_name(text)->cached = -1;
		free(text);
		crash();
	}
	free(where);
}

static bool
is_lied_to(const char *path)
{
	if (disk.lie == NULL)
		return false;
	if (strcmp(disk.lie, "names") == 0)
		return path[0] == '\0';
	if (strcmp(disk.lie, "audit") == 0)
		return strcmp(path, "audit.csv") == 0;
	return strcmp(disk.lie, "logs") == 0 && path[0] != '\0' && strcmp(path, "audit.csv") != 0 &&
	    strncmp(path, "bo.format", 9) != 0;
}

/* A sync covers what was there when it began, and is done when it returns. */
static void
on_sync(struct trace_process *process, const char *call, bool began_before)
{
	const char *open = strchr(call, '<');
	char *path = open != NULL ? inside(open + 1) : NULL;
	struct file *file = file_of(call);

	if (path != NULL && !is_lied_to(path)) {
		if (path[0] == '\0')
			for (int i = 0; i < disk.name_count; i++)
				disk.names[i].durable = disk.names[i].cached;
		else if (file != NULL)
			make_durable(file, began_before ? process->pending : file->count);
		crash();
	}
	free(path);
}

static void
on_call(struct trace_process *process, const char *call, bool began_before)
{
	const char *result = strrchr(call, '=');

	if (result == NULL || result[2] == '-' || result[2] == '?')
		return;
	if (strncmp(call, "openat(", 7) == 0)
		on_open(call);
	else if (strncmp(call, "write(", 6) == 0)
		on_write(call, false);
	else if (strncmp(call, "pwrite64(", 9) == 0)
		on_write(call, true);
	else if (strncmp(call, "fsync(", 6) == 0 || strncmp(call, "fdatasync(", 10) == 0)
		on_sync(process, call, began_before);
	else if (strncmp(call, "renameat", 8) == 0)
		on_rename(call);
	else if (strncmp(call, "unlinkat(", 9) == 0)
		on_unlink(call);
	else if (strncmp(call, "ftruncate(", 10) == 0 && file_of(call) != NULL)
		operate(file_of(call), (struct operation){ .cut = true, .offset = last_number(call) });
}

/* One line of strace's: a call, its beginning, or its end. */
static void
on_line(char *line)
{
	char *call;
	struct trace_process *process = trace_process(&disk.processes, &disk.process_count,
	    &disk.process_capacity, strtol(line, &call, 10));
	char *mark;

	while (isspace((unsigned char)*call))
		call++;
	call[strcspn(call, "\n")] = '\0';
	if ((mark = strstr(call, " <unfinished ...>")) != NULL) {
		struct file *file = file_of(call);

		process->pending = file != NULL ? file->count : 0;
		free(process->unfinished);
		process->unfinished = memory_copy(call, (size_t)(mark - call));
	} else if (strncmp(call, "<... ", 5) == 0 && process->unfinished != NULL) {
		char *whole;

		mark = strchr(call, '>');
		whole = memory_format("%s%s", process->unfinished, mark != NULL ? mark + 1 : "");
		on_call(process, whole, true);
		free(whole);
	} else {
		on_call(process, call, false);
	}
}

/* --- the workload --------------------------------------------------------------- */

static const char *const serial = "\"$w\" $s init\nfor i in 1 2 3; do \"$w\" $s add note I$i ticket S$i; \"$w\" $s dump; done\n"
				  "\"$w\" $s add order N4 note $(printf '%1200s' | tr ' ' x)\n"
				  "\"$w\" $s add ticket $(printf '%900s' | tr ' ' y)\n\"$w\" $s dump\n"
				  /* a killed writer, whole and torn, and somebody who edits */
				  "\"$w\" $s leave note N6 ticket N6\n\"$w\" $s dump\n\"$w\" $s leave note N7 order N7\n"
				  "printf '8,torn' >>$s/audit.csv; printf 'R8,8,by hand\\n' >>$s/note.csv\n"
				  "\"$w\" $s add note N8\n\"$w\" $s dump\n";

static const char *const concurrent = "\"$w\" $s init\n"
				      "for i in 1 2 3 4; do (for n in 1 2 3; do \"$w\" $s add note I$i-$n ticket S$i-$n; done) & done\n"
				      "(for n in $(seq 10); do \"$w\" $s dump; done) &\nwait\n";

static const char *const recovery =
    "[ -e $s/bo.format ] || \"$w\" $s init\n\"$w\" $s dump\n\"$w\" $s add note R1\n\"$w\" $s dump\n";

/* Runs a script under strace, its syncs slow if they are to be overtaken; the trace is in the file that is returned. */
static char *
record(const char *script, bool slow)
{
	char *log = memory_format("%s/trace", disk.work);
	char *delay = memory_format("inject=fdatasync:delay_enter=%d", slow ? DELAY : 0);
	const char *const arguments[] = { "strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "-o", log,
		"-e", "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,renameat,renameat2,unlinkat",
		"-e", "signal=none", slow ? "-e" : "sh", slow ? delay : "-c", slow ? "sh" : script,
		slow ? "-c" : NULL, script, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		setenv("w", disk.writer, 1);
		setenv("s", disk.store, 1);
		setenv("BO_STORE", disk.store, 1);
		execvp("strace", (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		die("strace");
	free(delay);
	return log;
}

static void
play(const char *log)
{
	FILE *file = fopen(log, "r");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		die(log);
	while (getline(&line, &size, file) > 0 && disk.images < disk.most)
		on_line(line);
	free(line);
	fclose(file);
}

/* The disk holds what the image does, for certain. */
static void
begin_with(const char *directory)
{
	DIR *list;
	const struct dirent *entry;

	if (rename(directory, disk.store) != 0 || (list = opendir(disk.store)) == NULL)
		die(directory);
	while ((entry = readdir(list)) != NULL) {
		char *path = memory_format("%s/%s", disk.store, entry->d_name);
		struct stat status;

		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			struct name *name = find_name(entry->d_name);

			if (!file_load(path, &disk.files[disk.file_count].durable, 1 << 24))
				die(path);
			name->durable = name->cached = disk.file_count++;
		}
		free(path);
	}
	closedir(list);
}

static bool
take_options(int argc, char *argv[], const char **script, const char **from, bool *slow)
{
	int option;

	while ((option = getopt(argc, argv, "a:b:ci:m:R:r:s:w:X:x:")) != -1) {
		switch (option) {
		case 'a':
			disk.acknowledged = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			disk.lie = optarg;
			break;
		case 'c':
			*script = concurrent;
			*slow = true;
			break;
		case 'i':
			*from = optarg;
			*script = recovery;
			break;
		case 'm':
			disk.most = strtol(optarg, NULL, 10);
			break;
		case 'R':
			disk.recover_every = strtol(optarg, NULL, 10);
			break;
		case 'r':
			disk.random = strtol(optarg, NULL, 10);
			break;
		case 's':
			disk_seed = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'w':
			*script = memory_format(". '%s'", optarg);
			break;
		case 'X':
			disk.judge_every = strtol(optarg, NULL, 10);
			break;
		case 'x':
			disk.script = optarg;
			break;
		default:
			return false;
		}
	}
	return optind + 1 == argc;
}

int
main(int argc, char *argv[])
{
	struct error error = ERROR_INIT;
	const char *script = serial, *from = NULL;
	bool slow = false;
	char *log;

	disk.most = 1000000;
	disk.random = 4;
	if (!take_options(argc, argv, &script, &from, &slow))
		return 2;
	disk.writer = argv[optind];
	disk.seen = memory_array(SEEN_SLOTS, sizeof *disk.seen);
	disk.work = make_work();
	disk.store = memory_format("%s/store", disk.work);
	disk.image = memory_format("%s/image", disk.work);
	if (from != NULL)
		begin_with(from);
	log = record(script, slow);
	if (store_open(disk.store, &disk.history, &error) != STATUS_OK) {
		fprintf(stderr, "powerloss: %s\n", reason(&error));
		return 2;
	}
	play(log);
	printf("%ld crash points, %ld distinct images and %ld more in %ld recoveries, %ld judged by commands, "
	       "acknowledged or shown %" PRIu64 ", %ld bad\n",
	    disk.points, disk.images, disk.nested, disk.recovered, disk.judged, disk.acknowledged, disk.bad);
	remove_tree(disk.work);
	return disk.bad > 0 || (from == NULL && disk.acknowledged == 0);
}
