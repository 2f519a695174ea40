/*
 * killpoints: what is left when a writer dies, or is refused, at any system call.
 *
 *	killpoints [-e EVERY] [-q] WRITER
 *
 * Runs writers (writer.c) under ptrace and, for every system call they make, kills
 * them before it, kills them after it, lets it fail (once, and from then on always)
 * with each of several errors, or lets it write only half.  After each:
 *
 *   - a reader is shown the state before or after, never something between;
 *   - the exit status is the truth: 0 and 6 mean that it is there, 4 and 75 that it
 *     is not, 5 either; a death by signal and no "OK" means either;
 *   - the next writer commits and all verifies; a store that was marked broken (only
 *     after exit 5, or where even reading needs a sync) does so after its repair.
 *
 * -e looks at every EVERYth call only; -q leaves out most errors.  Prints a summary;
 * exits 1 when something was wrong.
 */
#include <errno.h>
#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "crash.h"

enum mode { COUNT, KILL_BEFORE, KILL_AFTER, FAIL_ONCE, FAIL_ALWAYS, HALF };

static const char *const mode_names[] = { "count", "killed before", "killed after", "failed once",
	"failed always", "wrote half" };

struct injury {
	enum mode mode;
	long at;    /* which call, from 1 */
	int number; /* errno */
};

struct outcome {
	long calls; /* made, or up to the fault */
	bool hit;
	bool hung;
	bool unread; /* the store was a fresh copy, of which nobody had been shown anything */
	int status;  /* exit status, or 128 and the signal */
	uint64_t acknowledged;
};

static char *work, *model, *victim, *output;
static long faults, wrong, broken;

/* --- registers, by machine ------------------------------------------------------ */

struct call {
	struct user_regs_struct registers;
	long number;
};

static void
get_registers(pid_t pid, struct call *call)
{
	struct iovec vector = { &call->registers, sizeof call->registers };

	ptrace(PTRACE_GETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &vector);
#if defined(__x86_64__)
	call->number = (long)call->registers.orig_rax;
#elif defined(__aarch64__)
	call->number = (long)call->registers.regs[8];
#else
#error "killpoints knows the registers of x86_64 and aarch64 only"
#endif
}

static void
set_registers(pid_t pid, struct call *call)
{
	struct iovec vector = { &call->registers, sizeof call->registers };

	ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_PRSTATUS, &vector);
}

/* Before the call: makes it one that does not exist. */
static void
skip_call(pid_t pid, struct call *call)
{
#if defined(__x86_64__)
	call->registers.orig_rax = (unsigned long long)-1;
	set_registers(pid, call);
#else
	int nothing = -1;
	struct iovec vector = { &nothing, sizeof nothing };

	(void)call;
	ptrace(PTRACE_SETREGSET, pid, (void *)(uintptr_t)NT_ARM_SYSTEM_CALL, &vector);
#endif
}

/* After the call: what it seems to have returned. */
static void
set_result(pid_t pid, long result)
{
	struct call call;

	get_registers(pid, &call);
#if defined(__x86_64__)
	call.registers.rax = (unsigned long long)result;
#else
	call.registers.regs[0] = (unsigned long long)result;
#endif
	set_registers(pid, &call);
}

/* The third argument, a length, becomes half of it; false when there is nothing to halve. */
static bool
halve_length(pid_t pid, struct call *call)
{
#if defined(__x86_64__)
	unsigned long long *length = &call->registers.rdx;
#else
	unsigned long long *length = &call->registers.regs[2];
#endif
	if ((call->number != SYS_write && call->number != SYS_pwrite64) || *length < 2)
		return false;
	*length /= 2;
	set_registers(pid, call);
	return true;
}

static unsigned long long
first_argument(const struct call *call)
{
#if defined(__x86_64__)
	return call->registers.rdi;
#else
	return call->registers.regs[0];
#endif
}

/* --- running a writer ------------------------------------------------------------- */

/* Memory and ends are somebody else's business; what can't fail is not made to. */
static bool
is_counted(long number)
{
	switch (number) {
	case SYS_close:
	case SYS_brk:
	case SYS_munmap:
	case SYS_exit_group:
	case SYS_rt_sigaction:
	case SYS_rt_sigprocmask:
	case SYS_getuid:
	case SYS_getpid:
	case SYS_clock_nanosleep:
	case SYS_restart_syscall:
		return false;
	default:
		return true;
	}
}

static pid_t
start(const char *const *arguments)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(out);
	close(null);
	alarm(10); /* not a matter of luck: no wait in there is longer than 3 s */
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execv(arguments[0], (char *const *)(uintptr_t)arguments);
	_exit(127);
}

/* Counts a call that is about to be made and does to it what the fault wants; true when the writer is dead. */
static bool
meet(pid_t pid, const struct injury *injury, struct call *call, struct outcome *outcome, int *after)
{
	bool here = ++outcome->calls == injury->at;

	*after = 0;
	if (injury->mode == COUNT || outcome->calls < injury->at || (!here && injury->mode != FAIL_ALWAYS))
		return false;
	outcome->hit = true;
	switch (injury->mode) {
	case KILL_BEFORE:
		kill(pid, SIGKILL);
		return true;
	case KILL_AFTER:
		*after = SIGKILL;
		break;
	case FAIL_ONCE:
	case FAIL_ALWAYS:
		skip_call(pid, call);
		*after = -injury->number;
		break;
	default:
		outcome->hit = halve_length(pid, call);
	}
	return false;
}

/* Steps from call to call until the writer ends. */
static void
drive(pid_t pid, const struct injury *injury, struct outcome *outcome)
{
	bool inside = false, counting = false;
	int status, after = 0, forward = 0;

	for (;;) {
		struct call call;

		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(uintptr_t)forward);
		forward = 0;
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status)) {
			outcome->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			return;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			forward = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
			continue;
		}
		inside = !inside;
		if (inside) {
			get_registers(pid, &call);
			/* the loader is done when main looks after descriptors 0, 1 and 2 */
			counting = counting || (call.number == SYS_fcntl && first_argument(&call) == 0);
			after = 0;
			if (counting && is_counted(call.number) && meet(pid, injury, &call, outcome, &after))
				continue;
		} else if (after == SIGKILL) {
			kill(pid, SIGKILL);
		} else if (after < 0) {
			set_result(pid, after);
		}
	}
}

static struct outcome
run_writer(const char *const *arguments, struct injury injury)
{
	struct outcome outcome = { .calls = 0 };
	struct buffer said = BUFFER_INIT;
	int status;
	pid_t pid = start(arguments);

	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	drive(pid, &injury, &outcome);
	outcome.hung = outcome.status == 128 + SIGALRM;
	if (file_load(output, &said, 4096) && said.length > 3 && strncmp(said.data, "OK ", 3) == 0)
		outcome.acknowledged = strtoull(said.data + 3, NULL, 10);
	buffer_release(&said);
	return outcome;
}

/* --- the store before ---------------------------------------------------------------- */

static void
copy_store(const char *from, const char *to)
{
	static const char *const names[] = { "audit.csv", "bo.format", "note.csv", "ticket.csv", "watermark" };

	remove_tree(to);
	if (mkdir(to, 0770) != 0)
		die(to);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = memory_format("%s/%s", from, names[i]);
		struct buffer bytes = BUFFER_INIT;

		if (!file_load(path, &bytes, 1 << 20))
			die(path);
		write_file(to, names[i], buffer_slice(&bytes));
		buffer_release(&bytes);
		free(path);
	}
}

/* A fresh copy; one that was read has a watermark of its own, one that was not has a foreign one. */
static void
fresh_store(bool read_it)
{
	struct error error = ERROR_INIT;
	struct store *store;
	uint64_t tx;

	copy_store(model, victim);
	if (read_it &&
	    (store_open(victim, &store, &error) != STATUS_OK || prove_store(store, &tx, &error) != STATUS_OK))
		die(reason(&error));
	if (read_it)
		store_close(store);
}

/* --- the questions ----------------------------------------------------------------------- */

/* What outcome promises about transaction before + 1, now that a reader is shown tx. */
static const char *
check_truth(const struct outcome *outcome, uint64_t before, uint64_t tx)
{
	bool there = tx == before + 1;

	if (outcome->hung)
		return "it hung";
	/* A copy that could not be synced shows what its last line says was on disk: one less. */
	if (outcome->unread && tx == before - 1 && outcome->status != 0)
		return NULL;
	if (tx != before && !there)
		return "a state between";
	if ((outcome->acknowledged > 0 || outcome->status == 0 || outcome->status == STATUS_UNREPORTED) && !there)
		return "acknowledged, and not there";
	if ((outcome->status == STATUS_SYSTEM || outcome->status == STATUS_BUSY ||
		outcome->status == STATUS_REFUSED) &&
	    there)
		return "said that nothing happened, and it is there";
	return NULL;
}

/* The next writer commits, after a repair if that was announced. */
static const char *
check_next(struct store *store, const struct outcome *outcome, uint64_t tx, struct error *error)
{
	uint64_t next, proved;
	enum status status = add_note(store, &next, error);

	if (status != STATUS_OK && strstr(reason(error), "marked broken") != NULL) {
		broken++;
		if (outcome->status != STATUS_UNKNOWN && outcome->status < 128 && !outcome->unread)
			return "marked broken, and did not say so";
		if (store_repair(store, error) != STATUS_OK)
			return "can't be repaired";
		status = add_note(store, &next, error);
	}
	if (status != STATUS_OK)
		return "the next writer fails";
	if (next != tx + 1)
		return "the next writer took another number";
	if (prove_store(store, &proved, error) != STATUS_OK || proved != next)
		return "it does not verify";
	return NULL;
}

static const char *
check(const struct outcome *outcome, uint64_t before, struct error *error)
{
	struct store *store;
	const char *fault;
	uint64_t tx = 0;

	if (store_open(victim, &store, error) != STATUS_OK)
		return "the store does not open";
	if (prove_store(store, &tx, error) != STATUS_OK)
		fault = "the reader fails";
	else
		fault = check_truth(outcome, before, tx);
	if (fault == NULL)
		fault = check_next(store, outcome, tx, error);
	store_close(store);
	return fault;
}

/* One writer, one fault; false when there are no calls left to meet. */
static bool
try_fault(const char *const *arguments, struct injury injury, bool read_before, uint64_t before)
{
	struct error error = ERROR_INIT;
	struct outcome outcome;
	const char *what;

	fresh_store(read_before);
	outcome = run_writer(arguments, injury);
	outcome.unread = !read_before;
	if (!outcome.hit)
		return outcome.calls >= injury.at;
	faults++;
	what = check(&outcome, before, &error);
	if (what != NULL && wrong++ < 10)
		printf("# %s, call %ld %s (%s), exit %d: %s: %s\n", arguments[3], injury.at,
		    mode_names[injury.mode], injury.number != 0 ? strerrorname_np(injury.number) : "",
		    outcome.status, what, reason(&error));
	error_release(&error);
	return true;
}

static void
try_mode(const char *const *arguments, enum mode mode, int number, bool read_before, uint64_t before, long every)
{
	for (long at = 1 + (long)mode % every;
	     try_fault(arguments, (struct injury){ mode, at, number }, read_before, before); at += every)
		;
}

static void
try_all(const char *const *arguments, bool read_before, uint64_t before, long every, bool quick)
{
	static const int numbers[] = { EIO, ENOSPC, EINTR, EMFILE, EACCES, EDQUOT, ENOMEM };
	size_t count = quick ? 3 : sizeof numbers / sizeof *numbers;

	try_mode(arguments, KILL_BEFORE, 0, read_before, before, every);
	try_mode(arguments, KILL_AFTER, 0, read_before, before, every);
	try_mode(arguments, HALF, 0, read_before, before, every);
	for (size_t i = 0; i < count; i++) {
		try_mode(arguments, FAIL_ONCE, numbers[i], read_before, before, every);
		if (numbers[i] != EINTR) /* interrupted for ever is no fault but a hang */
			try_mode(arguments, FAIL_ALWAYS, numbers[i], read_before, before, every);
	}
}

static uint64_t
make_model(const char *writer)
{
	const char *const init[] = { writer, model, "init", NULL };
	const char *const add[] = { writer, model, "add", "note", "first", "ticket", "first", NULL };

	if (run_writer(init, (struct injury){ COUNT, 0, 0 }).status != 0 ||
	    run_writer(add, (struct injury){ COUNT, 0, 0 }).status != 0 ||
	    run_writer(add, (struct injury){ COUNT, 0, 0 }).acknowledged != 2)
		die("the writer does not work");
	return 2;
}

int
main(int argc, char *argv[])
{
	bool quick = false;
	long every = 1;
	uint64_t before;
	int option;

	while ((option = getopt(argc, argv, "e:q")) != -1) {
		switch (option) {
		case 'e':
			every = strtol(optarg, NULL, 10);
			break;
		case 'q':
			quick = true;
			break;
		default:
			return 2;
		}
	}
	if (optind + 1 != argc || every < 1)
		return 2;
	work = make_work();
	model = memory_format("%s/model", work);
	victim = memory_format("%s/store", work);
	output = memory_format("%s/said", work);
	before = make_model(argv[optind]);
	const char *const one[] = { argv[optind], victim, "add", "note", "A", NULL };
	const char *const two[] = { argv[optind], victim, "add", "note", "A", "ticket", "B", NULL };
	const char *const new_log[] = { argv[optind], victim, "add", "order", "A", "note", "B", NULL };

	try_all(one, true, before, every, quick);
	try_all(two, false, before, every, quick);
	try_all(new_log, true, before, every, quick);
	printf("%ld faults, %ld of them marked the store broken, %ld wrong\n", faults, broken, wrong);
	remove_tree(work);
	return wrong > 0 || faults == 0;
}
