/*
 * stress: many processes at once, some of them killed.
 *
 *	stress [-k PERCENT] [-n TRANSACTIONS] [-p PROCESSES] [-r READERS] PROGRAM
 *
 * PROGRAM is writer (writer.c), or the directory that the commands are in: then the
 * transactions are customers, tickets with a message, changes and receipts of stock.
 * Of all of them PERCENT are killed, at any moment.  Every transaction carries a token
 * of its own.  In the end, and meanwhile for the readers:
 *
 *   - what was acknowledged is there once, with the number that was told; what was not
 *     is there once or not at all; there is nothing else; ids are dense; all verifies;
 *   - what a reader is shown never goes back, begins with what it was shown before, and
 *     holds no transaction in part;
 *   - who waits for a stopped writer gets 75 and its number, and readers need not wait.
 *
 * Prints a summary; exits 1 when something was wrong.
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "disk.h"

enum { KINDS = 4, SHOWN_MOST = 10, KILL_WITHIN = 12000, LATENCIES = 1 << 16, HOLDER_WAIT = 1000 };

/* One transaction that was tried.  In memory that all processes share. */
struct attempt {
	uint64_t tx; /* told, or 0 */
	int status;
	long microseconds;
	bool killed;
};

struct shared {
	atomic_long wrong, reads, read_count;
	atomic_bool done;
	long read_times[LATENCIES]; /* microseconds */
	struct attempt attempts[];
};

static struct {
	char *work, *store, *program;
	bool real;
	long percent, transactions, processes, readers;
	struct shared *shared;
} stress = { .percent = 25, .transactions = 600, .processes = 16, .readers = 2 };

static void
complain(const char *what, const char *detail)
{
	if (atomic_fetch_add(&stress.shared->wrong, 1) < SHOWN_MOST)
		printf("# %s: %s\n", what, detail), fflush(stdout);
}

static long
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* --- writers ---------------------------------------------------------------------- */

static int
kind_of(long number)
{
	return (int)(number % KINDS);
}

static char *
token_of(long number)
{
	return memory_format("TOKEN%ldX", number);
}

/* Becomes the command of an attempt. */
static _Noreturn void
become(long number)
{
	char *token = token_of(number), *name = memory_format("name=%s", token);
	char *subject = memory_format("subject=%s", token), *text = memory_format("text=%s", token);
	char *notes = memory_format("notes=%s", token), *source = memory_format("source=%s", token);

	if (!stress.real)
		execl(stress.program, "writer", stress.store, "add", "ticket", token, "message", token,
		    (char *)NULL);
	else if (kind_of(number) == 0)
		execlp("bo-customer", "bo-customer", "add", name, (char *)NULL);
	else if (kind_of(number) == 1)
		execlp("bo-ticket", "bo-ticket", "add", subject, ":", text, (char *)NULL);
	else if (kind_of(number) == 2)
		execlp("bo-customer", "bo-customer", "set", "C1", notes, (char *)NULL);
	else
		execlp("bo-stock", "bo-stock", "receive", "item=ESP", "qty=1", "cost=1", source, (char *)NULL);
	_exit(127);
}

/* Runs a child with its output in a pipe; what it printed in said. */
static int
run(long number, long kill_after, struct buffer *said, bool errors)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) != 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		dup2(ends[1], errors ? STDERR_FILENO : STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		become(number);
	}
	close(ends[1]);
	if (kill_after >= 0) {
		usleep((useconds_t)kill_after);
		kill(pid, SIGKILL);
	}
	(void)file_read(ends[0], said, 1 << 20);
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
attempt(long number)
{
	struct attempt *attempt = &stress.shared->attempts[number];
	struct buffer said = BUFFER_INIT;
	bool doomed = (long)(next_random() % 100) < stress.percent;
	long begin = now();

	attempt->status = run(number, doomed ? (long)(next_random() % KILL_WITHIN) : -1, &said, false);
	attempt->microseconds = now() - begin;
	attempt->killed = attempt->status == 128 + SIGKILL;
	attempt->tx = promised_tx(buffer_slice(&said));
	buffer_release(&said);
	if (attempt->status != 0 && !attempt->killed) {
		char *text = memory_format("transaction %ld: status %d", number, attempt->status);

		complain("a writer fails", text);
		free(text);
	}
}

static void
write_much(long process)
{
	disk_seed = (uint32_t)process + 1;
	for (long i = process; i < stress.transactions; i += stress.processes)
		attempt(i);
}

/* --- readers ------------------------------------------------------------------------ */

static size_t
count_lines(struct slice bytes)
{
	size_t lines = 0;

	while (bytes.length > 0) {
		(void)slice_cut(&bytes, '\n');
		lines++;
	}
	return lines;
}

/* A ticket comes with its message: so many of one, so many of the other. */
static void
check_whole(struct snapshot *snapshot, struct error *error)
{
	struct slice one, other;

	if (snapshot_log(snapshot, "ticket", &one, error) != STATUS_OK ||
	    snapshot_log(snapshot, "message", &other, error) != STATUS_OK)
		complain("a reader fails", reason(error));
	else if (count_lines(one) != count_lines(other))
		complain("a reader is shown half a transaction", "tickets and messages differ in number");
}

struct seen {
	uint64_t tx;
	size_t length; /* of audit.csv */
	char hash[HASH_HEX + 1];
};

static void
check_prefix(struct snapshot *snapshot, struct seen *seen)
{
	struct slice audit = snapshot_audit(snapshot);

	if (snapshot_tx(snapshot) < seen->tx)
		complain("a reader", "what it was shown went back");
	else if (seen->tx > 0 &&
	    (audit.length < seen->length ||
		memcmp(audit.data + seen->length - 1 - HASH_HEX, seen->hash, HASH_HEX) != 0))
		complain("a reader", "what it was shown before has changed");
	seen->tx = snapshot_tx(snapshot);
	seen->length = audit.length;
	memcpy(seen->hash, snapshot_hash(snapshot), strlen(snapshot_hash(snapshot)) + 1);
}

static void
look(struct seen *seen)
{
	struct error error = ERROR_INIT;
	struct store *store = NULL;
	struct snapshot *snapshot = NULL;
	long begin = now(), slot;

	if (store_open(stress.store, &store, &error) != STATUS_OK ||
	    snapshot_open(store, &snapshot, &error) != STATUS_OK) {
		complain("a reader fails", reason(&error));
	} else {
		slot = atomic_fetch_add(&stress.shared->reads, 1);
		stress.shared->read_times[slot % LATENCIES] = now() - begin;
		check_prefix(snapshot, seen);
		check_whole(snapshot, &error);
	}
	snapshot_close(snapshot);
	store_close(store);
	error_release(&error);
}

static void
read_much(void)
{
	struct seen seen = { .tx = 0 };

	while (!atomic_load(&stress.shared->done)) {
		look(&seen);
		usleep(500);
	}
}

/* --- a stopped writer --------------------------------------------------------------------- */

/* Holds the store as a writer does who is stopped just then. */
static pid_t
hold(void)
{
	struct error error = ERROR_INIT;
	struct store *store;
	pid_t pid = fork();
	int status;

	if (pid != 0) {
		waitpid(pid, &status, WUNTRACED);
		return pid;
	}
	if (store_open(stress.store, &store, &error) != STATUS_OK ||
	    store_lock(store, clock_monotonic() + HOLDER_WAIT, &error) != STATUS_OK)
		_exit(2);
	raise(SIGSTOP);
	_exit(0);
}

static void
meet_holder(void)
{
	struct error error = ERROR_INIT;
	struct store *store;
	struct seen seen = { .tx = 0 };
	long begin;
	uint64_t tx;
	pid_t pid = hold();
	char *named = memory_format("process %ld", (long)pid);

	begin = now();
	look(&seen);
	if (now() - begin > HOLDER_WAIT * 500)
		complain("a reader", "waits for a writer");
	if (store_open(stress.store, &store, &error) != STATUS_OK)
		complain("the store does not open", reason(&error));
	else if (store_lock(store, clock_monotonic() + HOLDER_WAIT / 4, &error) != STATUS_BUSY ||
	    strstr(reason(&error), named) == NULL)
		complain("a writer is not told whom it waits for", reason(&error));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	error_clear(&error);
	if (add_note(store, &tx, &error) != STATUS_OK)
		complain("the next writer fails", reason(&error));
	store_close(store);
	error_release(&error);
	free(named);
}

/* The same by a command, which says so and exits with 75. */
static void
meet_holder_by_command(void)
{
	struct buffer said = BUFFER_INIT;
	pid_t pid = hold();
	char *named = memory_format("process %ld", (long)pid);
	int ends[2], status;
	pid_t command;

	if (pipe(ends) != 0 || (command = fork()) < 0)
		die("fork");
	if (command == 0) {
		dup2(ends[1], STDERR_FILENO);
		execlp("bo-customer", "bo-customer", "add", "-q", "--wait", "1s", "name=Late", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	(void)file_read(ends[0], &said, 1 << 16);
	close(ends[0]);
	waitpid(command, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != STATUS_BUSY || said.length == 0 ||
	    strstr(said.data, named) == NULL)
		complain("a command is not told whom it waits for", said.length > 0 ? said.data : "nothing");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	buffer_release(&said);
	free(named);
}

/* --- the end ----------------------------------------------------------------------------------- */

/* In which log the token of an attempt is, and how often at most. */
static const char *
table_of(long number)
{
	static const char *const tables[KINDS] = { "customer", "ticket", "customer", "stock_move" };

	return stress.real ? tables[kind_of(number)] : "ticket";
}

/* How often a token is in a log; the transaction of the last line with it. */
static long
find_token(struct slice log, const char *token, uint64_t *tx)
{
	const char *at = log.data, *end = log.data + log.length;
	size_t length = strlen(token);
	long found = 0;

	while (at < end && (at = memmem(at, (size_t)(end - at), token, length)) != NULL) {
		const char *newline = memrchr(log.data, '\n', (size_t)(at - log.data));
		struct slice line = { newline != NULL ? newline + 1 : log.data, 0 };

		line.length = (size_t)(end - line.data);
		line = slice_cut(&line, '\n');
		(void)slice_cut(&line, ',');
		*tx = strtoull(line.data, NULL, 10);
		found++;
		at += length;
	}
	return found;
}

static void
check_attempt(struct snapshot *snapshot, long number)
{
	const struct attempt *attempt = &stress.shared->attempts[number];
	struct error error = ERROR_INIT;
	char *token = token_of(number);
	struct slice log;
	uint64_t tx = 0;
	long found;

	if (snapshot_log(snapshot, table_of(number), &log, &error) != STATUS_OK)
		die(reason(&error));
	found = find_token(log, token, &tx);
	if (found > 1 && !(stress.real && kind_of(number) == 2)) /* a change is carried along by later ones */
		complain("a transaction is there twice", token);
	if (attempt->status == 0 && attempt->tx == 0)
		complain("a writer said nothing", token);
	if (attempt->tx > 0 && found == 0)
		complain("an acknowledged transaction is lost", token);
	if (attempt->tx > 0 && found == 1 && attempt->tx != tx)
		complain("a transaction is there under another number", token);
	free(token);
}

/* New ids come one after the other. */
static void
check_ids(struct snapshot *snapshot)
{
	static const char *const tables[] = { "customer", "ticket", "message", "stock_move" };
	struct error error = ERROR_INIT;

	for (size_t i = 0; stress.real && i < sizeof tables / sizeof *tables; i++) {
		unsigned long long most = 0;
		struct slice log, line;

		if (snapshot_log(snapshot, tables[i], &log, &error) != STATUS_OK)
			die(reason(&error));
		while (log.length > 0) {
			unsigned long long number;

			line = slice_cut(&log, '\n');
			if (slice_starts(line, "id,"))
				continue;
			while (line.length > 0 && (line.data[0] < '0' || line.data[0] > '9'))
				line.data++, line.length--;
			number = strtoull(line.data, NULL, 10);
			if (number > most + 1)
				complain("ids are not dense", tables[i]);
			most = number > most ? number : most;
		}
	}
}

static int
compare_longs(const void *a, const void *b)
{
	long one = *(const long *)a, other = *(const long *)b;

	return (one > other) - (one < other);
}

static long
percentile(long *times, long count, long per_thousand)
{
	if (count == 0)
		return 0;
	qsort(times, (size_t)count, sizeof *times, compare_longs);
	return times[(count - 1) * per_thousand / 1000];
}

static void
summarize(uint64_t tx, long elapsed)
{
	long *times = memory_array((size_t)stress.transactions, sizeof *times), acknowledged = 0, killed = 0;
	long reads = atomic_load(&stress.shared->reads), kept = reads < LATENCIES ? reads : LATENCIES;

	for (long i = 0; i < stress.transactions; i++) {
		const struct attempt *attempt = &stress.shared->attempts[i];

		killed += attempt->killed;
		if (attempt->status == 0)
			times[acknowledged++] = attempt->microseconds;
	}
	printf("%ld processes, %ld transactions in %.1f s: %ld acknowledged, %ld killed, %" PRIu64
	       " in the store; p50 %.1f ms, p99 %.1f ms; %ld reads, p99 %.1f ms; %ld wrong\n",
	    stress.processes, stress.transactions, (double)elapsed / 1e6, acknowledged, killed, tx,
	    (double)percentile(times, acknowledged, 500) / 1e3,
	    (double)percentile(times, acknowledged, 990) / 1e3, reads,
	    (double)percentile(stress.shared->read_times, kept, 990) / 1e3, atomic_load(&stress.shared->wrong));
	free(times);
}

static void
check_end(long elapsed)
{
	struct error error = ERROR_INIT;
	struct snapshot *snapshot = NULL;
	struct store *store = NULL;
	uint64_t tx = 0;

	if (store_open(stress.store, &store, &error) != STATUS_OK || prove_store(store, &tx, &error) != STATUS_OK ||
	    snapshot_open(store, &snapshot, &error) != STATUS_OK) {
		complain("the store does not verify", reason(&error));
	} else {
		check_ids(snapshot);
		for (long i = 0; i < stress.transactions; i++)
			check_attempt(snapshot, i);
	}
	snapshot_close(snapshot);
	store_close(store);
	summarize(tx, elapsed);
}

static void
prepare(void)
{
	static const char script[] = "bo-init -q \"$BO_STORE\" && bo-customer add -q name=First && "
				     "bo-item add -q sku=ESP name=Espresso";
	size_t size = sizeof *stress.shared + (size_t)stress.transactions * sizeof *stress.shared->attempts;
	struct error error = ERROR_INIT;
	struct stat status;
	pid_t pid;
	int result;

	stress.work = make_work();
	stress.store = memory_format("%s/store", stress.work);
	stress.shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stress.shared == MAP_FAILED)
		die("mmap");
	setenv("BO_STORE", stress.store, 1);
	setenv("XDG_STATE_HOME", memory_format("%s/heads", stress.work), 1); /* one user, so no head may alarm another */
	stress.real = stat(stress.program, &status) == 0 && S_ISDIR(status.st_mode);
	if (!stress.real) {
		if (store_create(stress.store, &error) != STATUS_OK)
			die(reason(&error));
		return;
	}
	setenv("PATH", memory_format("%s:%s", stress.program, getenv("PATH")), 1);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &result, 0) != pid || result != 0)
		die("the commands do not work");
}

static void
start(void (*job)(long), long argument)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return;
	job(argument);
	fflush(stdout);
	_exit(0);
}

static void
read_job(long ignored)
{
	(void)ignored;
	read_much();
}

int
main(int argc, char *argv[])
{
	int option;
	long begin, elapsed, wrong;

	while ((option = getopt(argc, argv, "k:n:p:r:")) != -1) {
		long *number = option == 'k' ? &stress.percent
		    : option == 'n'          ? &stress.transactions
		    : option == 'p'          ? &stress.processes
		    : option == 'r'          ? &stress.readers
					     : NULL;
		if (number == NULL)
			return 2;
		*number = strtol(optarg, NULL, 10);
	}
	if (optind + 1 != argc || stress.transactions < 1 || stress.processes < 1)
		return 2;
	stress.program = argv[optind];
	prepare();
	begin = now();
	for (long i = 0; i < stress.processes; i++)
		start(write_much, i);
	for (long i = 0; i < stress.readers; i++)
		start(read_job, i);
	for (long i = 0; i < stress.processes + stress.readers; i++) {
		if (wait(NULL) < 0)
			die("wait");
		if (i + 1 >= stress.processes)
			atomic_store(&stress.shared->done, true);
	}
	elapsed = now() - begin;
	meet_holder();
	if (stress.real)
		meet_holder_by_command();
	check_end(elapsed);
	wrong = atomic_load(&stress.shared->wrong);
	remove_tree(stress.work);
	return wrong > 0;
}
