/*
 * compare: measures commands against each other, in turn.
 *
 *	compare [-n ROUNDS] [-l SECONDS] [-p PREPARE] LABEL=COMMAND...
 *
 * COMMAND is words separated by spaces, run without a shell; what is in quotes, single or
 * double, holds spaces and the other kind.  NAME=VALUE before the first word is its
 * environment, <FILE and >FILE are its input and output (else /dev/null).  PREPARE is a
 * shell command that runs, untimed, before each.
 *
 * A first round is not counted: it warms the caches, and in it the memory that is the
 * command's own (without mapped files) is looked at every millisecond.  A command that
 * has used up SECONDS sits out the rounds that are left; if the first round alone took
 * as long, that is the one that counts.
 *
 * Prints label,measure,median,least,most,rounds.  Measures are time_ms, peak_kib (as
 * wait4 has it, with mapped files), own_kib, and whatever else the command says on
 * descriptor 3, in lines "NAME VALUE"; its own time_ms replaces ours.  A command that
 * fails has one line: the measure is "status", the value what it exited with (128 and
 * the signal when it was killed).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MOST = 101, SUBJECTS_MOST = 16, WORDS_MOST = 64, MEASURES_MOST = 12, NAME_MOST = 32, SAYS = 3 };

struct measure {
	char name[NAME_MOST];
	double values[ROUNDS_MOST];
	int rounds;
};

struct subject {
	char *label, *command;
	struct measure measures[MEASURES_MOST];
	int measure_count;
	double spent; /* milliseconds, of all rounds */
	int status;   /* of the round that failed */
};

static void
fail(const char *what)
{
	fprintf(stderr, "compare: %s: %s\n", what, strerror(errno));
	exit(4);
}

static double
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* --- running a command ---------------------------------------------------------- */

static void
redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		fail(path);
	if (fd != to)
		close(fd);
}

/* The next word, unquoted in place; NULL at the end.  plain says that it did not begin with a quote. */
static char *
next_word(char **rest, bool *plain)
{
	char *word, *to, quote = '\0';

	*rest += strspn(*rest, " ");
	if (**rest == '\0')
		return NULL;
	*plain = **rest != '\'' && **rest != '"';
	for (word = to = *rest; **rest != '\0' && (quote != '\0' || **rest != ' '); ++*rest) {
		if (quote == '\0' && (**rest == '\'' || **rest == '"'))
			quote = **rest;
		else if (**rest == quote)
			quote = '\0';
		else
			*to++ = **rest;
	}
	if (**rest != '\0')
		++*rest;
	*to = '\0';
	return word;
}

/* In the child: becomes the command. */
static void
become(char *command)
{
	char *words[WORDS_MOST + 1], *rest = command, *word;
	const char *in = "/dev/null", *out = "/dev/null";
	int count = 0;
	bool plain;

	while ((word = next_word(&rest, &plain)) != NULL) {
		if (plain && *word == '<')
			in = word + 1;
		else if (plain && *word == '>')
			out = word + 1;
		else if (plain && count == 0 && strchr(word, '=') != NULL)
			putenv(word);
		else if (count < WORDS_MOST)
			words[count++] = word;
	}
	words[count] = NULL;
	if (count == 0)
		exit(127);
	redirect(in, O_RDONLY, STDIN_FILENO);
	redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	execvp(words[0], words);
	fprintf(stderr, "compare: %s: %s\n", words[0], strerror(errno));
	exit(127);
}

/* What the process has in memory that is no file's, in KiB; 0 when it can't be seen. */
static long
own_memory(pid_t process)
{
	char path[64], line[256];
	long kib = 0;
	FILE *status;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)process);
	status = fopen(path, "re");
	if (status == NULL)
		return 0;
	while (kib == 0 && fgets(line, sizeof line, status) != NULL)
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtol(line + 8, NULL, 10);
	fclose(status);
	return kib;
}

/* Waits for the child; with own, looks at its memory meanwhile. */
static int
await(pid_t child, struct rusage *usage, long *own)
{
	const struct timespec pause = { 0, 1000000 };
	int status;
	pid_t done;

	while ((done = wait4(child, &status, own != NULL ? WNOHANG : 0, usage)) == 0) {
		long kib = own_memory(child);

		if (kib > *own)
			*own = kib;
		nanosleep(&pause, NULL);
	}
	if (done != child)
		fail("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- what is measured ------------------------------------------------------------- */

/* A value of the round; the last of several is the one that counts. */
static void
note(struct subject *subject, int round, const char *name, double value)
{
	struct measure *measure = subject->measures, *end = measure + subject->measure_count;

	while (measure < end && strcmp(measure->name, name) != 0)
		measure++;
	if (measure == end) {
		if (subject->measure_count == MEASURES_MOST)
			return;
		subject->measure_count++;
		snprintf(measure->name, sizeof measure->name, "%s", name);
	}
	measure->values[round] = value;
	measure->rounds = round + 1;
}

/* The lines that the command wrote to descriptor 3. */
static void
note_said(struct subject *subject, int round, int fd)
{
	char text[4096], *rest = text, *line;
	ssize_t got = read(fd, text, sizeof text - 1);

	text[got > 0 ? got : 0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *space = strchr(line, ' ');

		if (space == NULL)
			continue;
		*space = '\0';
		note(subject, round, line, strtod(space + 1, NULL));
	}
}

/* Runs the command once; false when it failed.  What is measured goes to round, at first to be overwritten. */
static bool
run(struct subject *subject, int round, bool warming)
{
	struct rusage usage;
	int said[2];
	long own = 0;
	double begin, took;
	pid_t child;

	if (pipe2(said, O_CLOEXEC | O_NONBLOCK) != 0)
		fail("pipe");
	begin = milliseconds();
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		if (said[1] == SAYS ? fcntl(SAYS, F_SETFD, 0) < 0 : dup2(said[1], SAYS) < 0)
			fail("descriptor 3");
		become(subject->command);
	}
	subject->status = await(child, &usage, warming ? &own : NULL);
	took = milliseconds() - begin;
	subject->spent += took;
	note(subject, round, "time_ms", took);
	note(subject, round, "peak_kib", (double)usage.ru_maxrss);
	if (own > 0)
		note(subject, round, "own_kib", (double)own);
	note_said(subject, round, said[0]);
	close(said[0]);
	close(said[1]);
	return subject->status == 0;
}

static void
prepare(const char *command)
{
	int status;
	pid_t child;

	if (command == NULL)
		return;
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-euc", command, (char *)NULL);
		fail("/bin/sh");
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		fprintf(stderr, "compare: failed: %s\n", command);
		exit(4);
	}
}

/* All rounds, each subject once a round, every round beginning with another. */
static void
measure_all(struct subject *subjects, int count, int rounds, double limit, const char *before)
{
	for (int round = -1; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			struct subject *subject = &subjects[(i + round + 1) % count];

			if (subject->status != 0 || (round >= 0 && subject->spent >= limit))
				continue;
			prepare(before);
			run(subject, round < 0 ? 0 : round, round < 0);
		}
	}
}

/* --- telling ------------------------------------------------------------------------ */

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(struct subject *subject)
{
	if (subject->status != 0) {
		printf("%s,status,%d,%d,%d,1\n", subject->label, subject->status, subject->status,
		    subject->status);
		return;
	}
	for (int i = 0; i < subject->measure_count; i++) {
		struct measure *measure = &subject->measures[i];
		int n = measure->rounds;

		qsort(measure->values, (size_t)n, sizeof *measure->values, compare_doubles);
		printf("%s,%s,%.3f,%.3f,%.3f,%d\n", subject->label, measure->name,
		    (measure->values[(n - 1) / 2] + measure->values[n / 2]) / 2, measure->values[0],
		    measure->values[n - 1], n);
	}
}

static int
usage(void)
{
	fputs("usage: compare [-n ROUNDS] [-l SECONDS] [-p PREPARE] LABEL=COMMAND...\n", stderr);
	return 2;
}

int
main(int argc, char *argv[])
{
	static struct subject subjects[SUBJECTS_MOST];
	const char *before = NULL;
	double limit = 1e9;
	int count, rounds = 5, option;

	while ((option = getopt(argc, argv, "+l:n:p:")) != -1) {
		if (option == 'n')
			rounds = (int)strtol(optarg, NULL, 10);
		else if (option == 'l')
			limit = strtod(optarg, NULL);
		else if (option == 'p')
			before = optarg;
		else
			return usage();
	}
	count = argc - optind;
	if (rounds < 1 || rounds > ROUNDS_MOST || count < 1 || count > SUBJECTS_MOST)
		return usage();
	for (int i = 0; i < count; i++) {
		subjects[i].label = strsep(&argv[optind + i], "=");
		subjects[i].command = argv[optind + i];
		if (subjects[i].command == NULL)
			return usage();
	}
	measure_all(subjects, count, rounds, limit * 1e3, before);
	for (int i = 0; i < count; i++)
		report(&subjects[i]);
	return 0;
}
