/*
 * compare: times commands against each other, in turn.
 *
 *	compare [-n ROUNDS] [-p PREPARE] LABEL=COMMAND...
 *
 * COMMAND is words separated by spaces, run without a shell; <FILE and >FILE are its
 * input and output (else /dev/null).  PREPARE is a shell command that runs, untimed,
 * before each.  One round is not counted.  Prints label, median, least and most
 * milliseconds, peak KiB, and how many times as long as the first command it took.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 101, SUBJECTS_MAX = 8, WORDS_MAX = 64 };

struct subject {
	char *label, *command;
	long times[ROUNDS_MAX]; /* microseconds */
	long peak;              /* KiB */
};

static void
fail(const char *what)
{
	fprintf(stderr, "compare: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void
redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		fail(path);
	close(fd);
}

/* In the child: becomes the command. */
static void
become(char *command)
{
	char *words[WORDS_MAX + 1], *rest = command, *word;
	const char *in = "/dev/null", *out = "/dev/null";
	int count = 0;

	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word == '<')
			in = word + 1;
		else if (*word == '>')
			out = word + 1;
		else if (*word != '\0' && count < WORDS_MAX)
			words[count++] = word;
	}
	words[count] = NULL;
	redirect(in, O_RDONLY, 0);
	redirect(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
	execvp(words[0], words);
	fail(words[0]);
}

static long
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long
run(struct subject *subject)
{
	long begin = microseconds();
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child == 0)
		become(subject->command);
	if (wait4(child, &status, 0, &usage) != child)
		fail("wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "compare: failed: %s\n", subject->command);
		exit(1);
	}
	if (usage.ru_maxrss > subject->peak)
		subject->peak = usage.ru_maxrss;
	return microseconds() - begin;
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
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		fail(command);
}

static int
compare_longs(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void
report(struct subject *subject, int rounds, long base)
{
	long median;

	qsort(subject->times, (size_t)rounds, sizeof *subject->times, compare_longs);
	median = subject->times[rounds / 2];
	if (base == 0)
		base = median;
	printf("%s,%ld.%03ld,%ld.%03ld,%ld.%03ld,%ld,%ld.%02ld\n", subject->label, median / 1000, median % 1000,
	    subject->times[0] / 1000, subject->times[0] % 1000, subject->times[rounds - 1] / 1000,
	    subject->times[rounds - 1] % 1000, subject->peak, median / base, median % base * 100 / base);
}

int
main(int argc, char *argv[])
{
	static struct subject subjects[SUBJECTS_MAX];
	const char *before = NULL;
	int count = 0, rounds = 5, option;

	while ((option = getopt(argc, argv, "+n:p:")) != -1) {
		if (option == 'n')
			rounds = (int)strtol(optarg, NULL, 10);
		else if (option == 'p')
			before = optarg;
		else
			return 2;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX || optind == argc)
		return 2;
	for (; optind < argc && count < SUBJECTS_MAX; optind++, count++) {
		subjects[count].label = strsep(&argv[optind], "=");
		subjects[count].command = argv[optind];
	}
	for (int round = -1; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			long took;

			prepare(before);
			took = run(&subjects[i]);
			if (round >= 0)
				subjects[i].times[round] = took;
		}
	}
	for (int i = 0; i < count; i++)
		report(&subjects[i], rounds, i == 0 ? 0 : subjects[0].times[rounds / 2]);
	return 0;
}
