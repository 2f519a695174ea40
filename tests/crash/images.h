/* images: the simulated disk of powerloss.c, what it may hold, and what that must be good for */
#ifndef IMAGES_H
#define IMAGES_H

#include <sys/wait.h>

#include "disk.h"
#include "trace.h"

enum { FILES_MOST = 64, SEEN_SLOTS = 1 << 22 };

/* An entry of the directory: on disk, in the cache, or to be dropped. */
struct name {
	char text[256];
	int durable; /* file, or -1 */
	int cached;
};

static struct {
	char *work, *store, *image;
	const char *lie, *script, *writer;
	long random, most;
	long judge_every, recover_every; /* 0: never */
	struct file files[FILES_MOST];
	int file_count;
	struct name names[FILES_MOST];
	int name_count;
	struct trace_process *processes;
	size_t process_count, process_capacity;
	uint64_t acknowledged; /* or shown: it must be there */
	uint64_t *seen;        /* hashes of the images that were tried */
	long points, images, bad, judged, recovered, nested;
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
		wrong = "a transaction that was acknowledged, or shown to a reader, is lost";
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

/* Commands have a look as well. */
static const char *
judge(void)
{
	int status;
	pid_t pid;

	disk.judged++;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setenv("BO_STORE", disk.image, 1);
		execl("/bin/sh", "sh", "-c", disk.script, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? NULL : "the commands do not like it";
}

/*
 * The power fails again while somebody recovers: another powerloss begins with this
 * image, and owes what this one does.  It prints what is wrong by itself.
 */
static void
crash_again(void)
{
	char *transaction = memory_format("%" PRIu64, disk.acknowledged), *line = NULL;
	size_t size = 0;
	int ends[2];
	FILE *said;
	pid_t pid;
	int status = 0;

	fflush(stdout);
	if (pipe(ends) != 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		execl("/proc/self/exe", "powerloss", "-a", transaction, "-i", disk.image, "-r", "2", "-m",
		    "300", disk.writer, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	said = fdopen(ends[0], "r");
	while (said != NULL && getline(&line, &size, said) > 0) {
		const char *images = strstr(line, "points, ");

		if (line[0] == '#')
			printf("# in recovery: %s", line);
		else if (images != NULL)
			disk.nested += strtol(images + strlen("points, "), NULL, 10);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		disk.bad++;
	disk.recovered++;
	fclose(said);
	free(line);
	free(transaction);
}

static bool
is_due(long every)
{
	return every > 0 && disk.images % every == 0;
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
	if (is_due(disk.recover_every)) {
		crash_again();
		lay_out();
	}
	format = memory_format("%s/bo.format", disk.image);
	if (stat(format, &status) != 0) { /* before bo-init said that it was done */
		if (disk.acknowledged > 0)
			wrong = "the store is lost";
		else if (store_create(disk.image, &error) != STATUS_OK)
			wrong = "a store can't be made where making one was cut short";
	} else {
		wrong = check_store(&error);
		if (wrong == NULL && disk.script != NULL && is_due(disk.judge_every))
			wrong = judge();
	}
	if (wrong != NULL && disk.bad++ < 5)
		printf("# bad: %s (acknowledged %" PRIu64 "): %s\n", wrong, disk.acknowledged, reason(&error));
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

#endif
