/*
 * powerloss: what the disk may hold if the power fails, after each system call.
 *
 *	powerloss [-b LIE] [-c] [-m MOST] [-r RANDOM] [-s SEED] WRITER
 *
 * Runs real writers (writer.c) under strace, one after the other or, with -c, at the
 * same time, and plays their system calls back.  After each call it builds images of
 * the disk: whatever was not synced may be there or not, each file for itself, up to
 * any write, without any one write, torn at 512 bytes, as zeros; new names likewise.
 * Every image is then opened as after a restart, and must
 *
 *   - hold every transaction that was acknowledged, or shown to a reader;
 *   - be a prefix of the history, in all tables at once;
 *   - take the next transaction, and verify.
 *
 * -b makes the disk lie, which must be noticed, or this program proves nothing:
 * "logs" does not sync any table's log, "audit" not the audit log, "names" no
 * directory.  Prints a summary; exits 1 when an image was bad.
 */
#include <ctype.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "crash.h"
#include "disk.h"
#include "trace.h"

enum { FILES_MOST = 64, SEEN_SLOTS = 1 << 20, DELAY = 3000 };

/* An entry of the directory: on disk, in the cache, or to be dropped. */
struct name {
	char text[256];
	int durable; /* file, or -1 */
	int cached;
};

static struct {
	char *work, *store, *image;
	const char *lie;
	long random, most;
	struct file files[FILES_MOST];
	int file_count;
	struct name names[FILES_MOST];
	int name_count;
	struct trace_process *processes;
	size_t process_count, process_capacity;
	uint64_t acknowledged, shown;
	uint64_t *seen; /* hashes of the images that were tried */
	long points, images, bad;
	struct store *history; /* as it was when the writers had finished */
} disk;                        /* the simulated one; the program is about nothing else */

/* --- images ------------------------------------------------------------------- */

struct image {
	struct buffer files[FILES_MOST];
	int names[FILES_MOST]; /* which file each name stands for, or -1 */
};

static struct image image; /* too large for a stack */

/* Whether an image like this was tried before, under the same obligations. */
static bool
is_known(void)
{
	struct hash hash;
	char digest[HASH_HEX + 1];
	uint64_t key;

	hash_init(&hash);
	hash_add(&hash, &disk.acknowledged, sizeof disk.acknowledged);
	hash_add(&hash, &disk.shown, sizeof disk.shown);
	for (int i = 0; i < disk.name_count; i++) {
		const struct buffer *bytes;

		if (image.names[i] < 0)
			continue;
		bytes = &image.files[image.names[i]];
		hash_add(&hash, disk.names[i].text, sizeof disk.names[i].text);
		hash_add(&hash, &bytes->length, sizeof bytes->length);
		hash_add(&hash, bytes->data, bytes->length);
	}
	hash_hex(&hash, digest);
	digest[16] = '\0';
	key = strtoull(digest, NULL, 16) | 1;
	for (size_t slot = key % SEEN_SLOTS;; slot = (slot + 1) % SEEN_SLOTS) {
		if (disk.seen[slot] == key)
			return true;
		if (disk.seen[slot] == 0) {
			disk.seen[slot] = key;
			return false;
		}
	}
}

static void
lay_out(void)
{
	struct stat status = { .st_ino = 0 };
	struct buffer mark = BUFFER_INIT;

	remove_tree(disk.image);
	if (mkdir(disk.image, 0770) != 0)
		die(disk.image);
	for (int i = 0; i < disk.name_count; i++)
		if (image.names[i] >= 0 && strchr(disk.names[i].text, '/') == NULL)
			write_file(disk.image, disk.names[i].text, buffer_slice(&image.files[image.names[i]]));
	for (int i = 0; i < disk.name_count; i++) {
		char *audit;

		if (image.names[i] < 0 || strcmp(disk.names[i].text, "watermark") != 0)
			continue;
		audit = memory_format("%s/audit.csv", disk.image);
		(void)stat(audit, &status);
		free(audit);
		buffer_add_slice(&mark, buffer_slice(&image.files[image.names[i]]));
		age_watermark(&mark, status.st_ino);
		write_file(disk.image, "watermark", buffer_slice(&mark));
	}
	buffer_release(&mark);
}

/* --- the questions ------------------------------------------------------------ */

/* What a reader is shown is a state of the history; NULL, or what is wrong. */
static const char *
check_reader(struct store *store, uint64_t *tx, struct error *error)
{
	struct snapshot *snapshot, *then = NULL;
	const char *wrong = NULL;

	if (snapshot_open(store, &snapshot, error) != STATUS_OK)
		return "the reader fails";
	*tx = snapshot_tx(snapshot);
	if (*tx < disk.acknowledged)
		wrong = "an acknowledged transaction is lost";
	else if (*tx < disk.shown)
		wrong = "a transaction that a reader was shown is lost";
	else if (snapshot_open_tx(disk.history, *tx, &then, error) != STATUS_OK || !same_logs(snapshot, then))
		wrong = "the state is no prefix of the history";
	snapshot_close(then);
	snapshot_close(snapshot);
	return wrong;
}

static const char *
check_store(struct error *error)
{
	struct store *store;
	const char *wrong;
	uint64_t tx = 0, next = 0;

	if (store_open(disk.image, &store, error) != STATUS_OK)
		return "the store does not open";
	wrong = check_reader(store, &tx, error);
	if (wrong == NULL && add_note(store, &next, error) != STATUS_OK)
		wrong = "the next writer fails";
	else if (wrong == NULL && next != tx + 1)
		wrong = "the next writer took another number";
	store_close(store);
	if (wrong != NULL)
		return wrong;
	if (store_open(disk.image, &store, error) != STATUS_OK)
		return "the store does not open again";
	if (prove_store(store, &tx, error) != STATUS_OK)
		wrong = "it does not verify";
	else if (tx != next)
		wrong = "the next transaction is not there";
	store_close(store);
	return wrong;
}

static void
check_image(void)
{
	struct error error = ERROR_INIT;
	struct stat status;
	const char *wrong = NULL;
	char *format;

	if (is_known() || disk.images >= disk.most)
		return;
	disk.images++;
	lay_out();
	format = memory_format("%s/bo.format", disk.image);
	if (stat(format, &status) != 0) { /* before bo-init said that it was done */
		if (disk.acknowledged > 0 || disk.shown > 0)
			wrong = "the store is lost";
		else if (store_create(disk.image, &error) != STATUS_OK)
			wrong = "a store can't be made where making one was cut short";
	} else {
		wrong = check_store(&error);
	}
	if (wrong != NULL && disk.bad++ < 5)
		printf("# bad: %s (acknowledged %" PRIu64 ", shown %" PRIu64 "): %s\n", wrong,
		    disk.acknowledged, disk.shown, reason(&error));
	free(format);
	error_release(&error);
}

/* --- which images ------------------------------------------------------------- */

static void
build_all(enum how how)
{
	for (int i = 0; i < disk.file_count; i++)
		build(&disk.files[i], how, 0, &image.files[i]);
}

/* One file differs from the others. */
static void
check_one_file(int index)
{
	const struct file *file = &disk.files[index];

	build_all(NOTHING);
	build(file, ALL, 0, &image.files[index]);
	check_image();
	build_all(ALL);
	build(file, NOTHING, 0, &image.files[index]);
	check_image();
	build(file, ZEROS, 0, &image.files[index]);
	check_image();
	for (size_t i = 0; i < file->count; i++) {
		build(file, PREFIX, i, &image.files[index]);
		check_image();
		build(file, WITHOUT, i, &image.files[index]);
		check_image();
	}
}

static void
check_names(void)
{
	static const enum how hows[] = { NOTHING, ALL, ZEROS };

	for (size_t i = 0; i < sizeof hows / sizeof *hows; i++) {
		build_all(hows[i]);
		check_image();
	}
	for (int i = 0; i < disk.file_count; i++)
		if (disk.files[i].count > 0)
			check_one_file(i);
}

/* The power fails here. */
static void
crash(void)
{
	disk.points++;
	for (int i = 0; i < disk.name_count; i++)
		image.names[i] = disk.names[i].cached;
	check_names();
	for (int i = 0; i < disk.name_count; i++)
		image.names[i] = disk.names[i].durable;
	check_names();
	for (long n = 0; n < disk.random; n++) {
		for (int i = 0; i < disk.name_count; i++)
			image.names[i] = next_random() % 2 == 0 ? disk.names[i].cached : disk.names[i].durable;
		build_all(RANDOM);
		check_image();
	}
}

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
		unsigned long long tx;

		if (strncmp(data, "OK ", 3) == 0 && (tx = strtoull(data + 3, NULL, 10)) > disk.acknowledged)
			disk.acknowledged = tx;
		else if (strncmp(data, "tx ", 3) == 0 && (tx = strtoull(data + 3, NULL, 10)) > disk.shown)
			disk.shown = tx;
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

static char *
workload(const char *writer, bool concurrent)
{
	struct buffer script = BUFFER_INIT;

	buffer_format(&script, "w='%s'; s='%s'\n\"$w\" $s init\n", writer, disk.store);
	if (concurrent)
		buffer_add_text(&script,
		    "for i in 1 2 3 4; do (for n in 1 2 3; do \"$w\" $s add note I$i-$n ticket S$i-$n; done) & done\n"
		    "(for n in $(seq 10); do \"$w\" $s dump; done) &\nwait\n");
	else
		buffer_add_text(&script,
		    "for i in 1 2 3; do \"$w\" $s add note I$i ticket S$i; \"$w\" $s dump; done\n"
		    "\"$w\" $s add order N4 note $(printf '%1200s' | tr ' ' x)\n"
		    "\"$w\" $s add ticket $(printf '%900s' | tr ' ' y)\n\"$w\" $s dump\n"
		    /* a killed writer, whole and torn, and somebody who edits */
		    "\"$w\" $s leave note N6 ticket N6\n\"$w\" $s dump\n\"$w\" $s leave note N7 order N7\n"
		    "printf '8,torn' >>$s/audit.csv; printf 'R8,8,by hand\\n' >>$s/note.csv\n"
		    "\"$w\" $s add note N8\n\"$w\" $s dump\n");
	return script.data;
}

/* Runs the writers under strace; the trace is in the file that is returned. */
static char *
record(const char *writer, bool concurrent)
{
	char *script = workload(writer, concurrent), *log = memory_format("%s/trace", disk.work);
	char *delay = memory_format("inject=fdatasync:delay_enter=%d", concurrent ? DELAY : 0);
	const char *const arguments[] = { "strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", "-o", log,
		"-e", "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,renameat,renameat2", "-e",
		"signal=none", concurrent ? "-e" : "sh", concurrent ? delay : "-c",
		concurrent ? "sh" : script, concurrent ? "-c" : NULL, script, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execvp("strace", (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		die("strace");
	free(script);
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

int
main(int argc, char *argv[])
{
	struct error error = ERROR_INIT;
	bool concurrent = false;
	int option;
	char *log;

	disk.most = 1000000;
	disk.random = 4;
	while ((option = getopt(argc, argv, "b:cm:r:s:")) != -1) {
		switch (option) {
		case 'b':
			disk.lie = optarg;
			break;
		case 'c':
			concurrent = true;
			break;
		case 'm':
			disk.most = strtol(optarg, NULL, 10);
			break;
		case 'r':
			disk.random = strtol(optarg, NULL, 10);
			break;
		case 's':
			disk_seed = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (optind + 1 != argc)
		return 2;
	disk.seen = memory_array(SEEN_SLOTS, sizeof *disk.seen);
	disk.work = make_work();
	disk.store = memory_format("%s/store", disk.work);
	disk.image = memory_format("%s/image", disk.work);
	log = record(argv[optind], concurrent);
	if (store_open(disk.store, &disk.history, &error) != STATUS_OK) {
		fprintf(stderr, "powerloss: %s\n", reason(&error));
		return 2;
	}
	play(log);
	printf("%ld crash points, %ld images, acknowledged %" PRIu64 ", shown %" PRIu64 ", %ld bad\n",
	    disk.points, disk.images, disk.acknowledged, disk.shown, disk.bad);
	remove_tree(disk.work);
	return disk.bad > 0 || disk.acknowledged == 0;
}
