/*
 * writers: many at once, each doing one thing after the other.
 *
 *	writers [-1] [-n COMMITS] [-p PROCESSES] [-s SLOW.so [-u MICROSECONDS]] COMMAND [ARGUMENT]...
 *
 * Each of PROCESSES runs COMMAND until all of them together have made COMMITS: one
 * process a commit, or with -1 a single time, with "%" in an argument replaced by the
 * number of commits that it has to make.  With the library SLOW.so preloaded, syncs are
 * counted and take MICROSECONDS longer.
 *
 * Says on descriptor 3, for compare: per_second, p50_ms and p99_ms of COMMAND,
 * failures, syncs (per commit).  Exits 0 even when some failed: that is a result.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMITS_MOST = 100000, WORDS_MOST = 64 };

/* Memory of all the writers. */
struct shared {
	atomic_int runs, failures;
	double times[COMMITS_MOST]; /* milliseconds */
};

struct work {
	char **command;
	int commits, processes;
	bool once;
	struct shared *shared;
};

static void
fail(const char *what)
{
	perror(what);
	exit(4);
}

static double
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void *
shared_memory(size_t size, int fd)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

/* Runs the command once and notes how long it took. */
static void
run(struct work *work)
{
	double begin = milliseconds();
	int status, at;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child == 0) {
		execvp(work->command[0], work->command);
		fail(work->command[0]);
	}
	if (waitpid(child, &status, 0) != child)
		fail("wait");
	if (status != 0)
		atomic_fetch_add(&work->shared->failures, 1);
	at = atomic_fetch_add(&work->shared->runs, 1);
	if (at < COMMITS_MOST)
		work->shared->times[at] = milliseconds() - begin;
}

/* In a writer: its share of the commits, after all have been started. */
static void
write_share(struct work *work, int gate)
{
	char start;

	if (read(gate, &start, 1) < 0)
		fail("gate");
	for (int i = work->once ? work->commits / work->processes : 1; i <= work->commits / work->processes; i++)
		run(work);
	exit(0);
}

/* Starts all the writers, lets them go at once, waits; returns the milliseconds that took. */
static double
write_all(struct work *work)
{
	int gate[2];
	double begin;

	if (pipe2(gate, O_CLOEXEC) != 0)
		fail("pipe");
	for (int i = 0; i < work->processes; i++) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child == 0) {
			close(gate[1]);
			write_share(work, gate[0]);
		}
	}
	begin = milliseconds();
	close(gate[1]);
	while (wait(NULL) > 0)
		;
	return milliseconds() - begin;
}

/* Every argument "%" becomes the number of commits of one writer. */
static void
fill_in(struct work *work, char *words[])
{
	static char share[16];

	snprintf(share, sizeof share, "%d", work->commits / work->processes);
	for (; *words != NULL; words++)
		if (strcmp(*words, "%") == 0)
			*words = share;
}

/* Preloads the library into what is run from now on; returns where syncs are counted. */
static atomic_ulong *
preload(const char *library, const char *microseconds)
{
	char path[] = "syncs.XXXXXX";
	int fd = mkstemp(path);
	char *real;

	if (fd < 0 || ftruncate(fd, sizeof(atomic_ulong)) != 0)
		fail(path);
	real = realpath(path, NULL);
	if (real == NULL)
		fail(path);
	setenv("SLOW_COUNT", real, 1);
	setenv("SLOW_US", microseconds, 1);
	setenv("LD_PRELOAD", library, 1);
	free(real);
	return shared_memory(sizeof(atomic_ulong), fd);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
tell(struct work *work, double took, const atomic_ulong *syncs)
{
	struct shared *shared = work->shared;
	int runs = shared->runs < COMMITS_MOST ? shared->runs : COMMITS_MOST;
	int commits = work->commits / work->processes * work->processes;

	qsort(shared->times, (size_t)runs, sizeof *shared->times, compare_doubles);
	dprintf(3, "time_ms %.3f\nper_second %.1f\np50_ms %.3f\np99_ms %.3f\nfailures %d\n", took,
	    commits * 1e3 / took, shared->times[runs / 2], shared->times[(runs * 99 - 1) / 100],
	    shared->failures);
	if (syncs != NULL)
		dprintf(3, "syncs %.3f\n", (double)*syncs / commits);
}

static int
usage(void)
{
	fputs("usage: writers [-1] [-n COMMITS] [-p PROCESSES] [-s SLOW.so [-u MICROSECONDS]] COMMAND...\n",
	    stderr);
	return 2;
}

int
main(int argc, char *argv[])
{
	struct work work = { .commits = 100, .processes = 1 };
	const char *library = NULL, *microseconds = "0";
	atomic_ulong *syncs = NULL;
	int option;
	double took;

	while ((option = getopt(argc, argv, "+1n:p:s:u:")) != -1) {
		switch (option) {
		case '1':
			work.once = true;
			break;
		case 'n':
			work.commits = (int)strtol(optarg, NULL, 10);
			break;
		case 'p':
			work.processes = (int)strtol(optarg, NULL, 10);
			break;
		case 's':
			library = optarg;
			break;
		case 'u':
			microseconds = optarg;
			break;
		default:
			return usage();
		}
	}
	if (optind == argc || work.processes < 1 || work.commits < work.processes)
		return usage();
	work.command = argv + optind;
	work.shared = shared_memory(sizeof *work.shared, -1);
	fill_in(&work, work.command);
	if (library != NULL)
		syncs = preload(library, microseconds);
	took = write_all(&work);
	tell(&work, took, syncs);
	if (syncs != NULL)
		unlink(getenv("SLOW_COUNT"));
	return 0;
}
