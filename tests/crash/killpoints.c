/*
 * killpoints: what is left when a command dies, or is refused, at any system call.
 *
 *	killpoints [-b] [-e EVERY] [-f FAULTS] [-i INPUT] [-n] [-o OUT-OF-MEMORY] [-r]
 *	    [-x SCRIPT] MODEL COMMAND [ARGUMENT...]
 *
 * Runs COMMAND, which makes one transaction, in copies of the store MODEL, whose path
 * stands where an argument is "@"; and for every system call that it makes kills it
 * before, kills it after, lets the call fail or write only half.  After each:
 *
 *   - a reader is shown the state before or after, never something between, and what
 *     was there before is there;
 *   - the exit status is the truth: 0 and 6 mean that it is there, 3, 4 and 75 that it
 *     is not, 5 either; a death by signal and no output means either;
 *   - a failed sync is never a success, and nobody writes after it before a repair;
 *   - the next writer commits and all verifies; a store that was marked broken (only
 *     after exit 5, or where even reading needs a sync) does so after its repair.
 *
 * FAULTS are letters: k death, h half a write, e some errors, E all seven of them, m
 * allocations (OUT-OF-MEMORY is the library to preload).  -e looks at every EVERYth
 * only.  -r: somebody has read the copy, so that it has a watermark.  -n: COMMAND
 * makes the store.  -b: COMMAND erases, so what was there before may be blank once it is
 * there, and must be as far as it says.  Of every tenth, SCRIPT judges too, with BO_STORE
 * set: what is left must be good enough for it.  Prints a summary; exits 1 when something
 * was wrong, 2 when there was nothing to try.
 */
#include "inject.h"

enum { JUDGE_EVERY = 10, SHOWN_MOST = 10, NOTHING_THERE = -1 };

static const char *const mode_names[] = { "count", "killed before", "killed after", "failed once",
	"failed always", "wrote half", "starved once", "starved always" };

static struct {
	char *work, *victim, *reference;
	const char *model, *script, *faults;
	bool new, read_before, erases;
	long every;
	struct command command;
	struct store *old;        /* the model */
	struct snapshot *old_one; /* what it shows */
	struct store *whole;      /* the reference: the unharmed command was there */
	struct snapshot *whole_one;
	uint64_t before, after; /* transactions */
	long count, broken, wrong, judged;
} kill_points; /* the program is about nothing else */

/* --- the store before ---------------------------------------------------------------- */

/* A fresh copy; one that was read has a watermark of its own, one that was not has a foreign one. */
static void
fresh_store(void)
{
	struct error error = ERROR_INIT;
	struct store *store;
	uint64_t tx;

	if (kill_points.new) {
		remove_tree(kill_points.victim);
		return;
	}
	copy_store(kill_points.model, kill_points.victim);
	if (!kill_points.read_before)
		return;
	if (store_open(kill_points.victim, &store, &error) != STATUS_OK ||
	    prove_store(store, &tx, &error) != STATUS_OK)
		die(reason(&error));
	store_close(store);
}

/* What the unharmed command does: before, after, and how long the logs are then. */
static void
make_reference(void)
{
	struct error error = ERROR_INIT;

	if (!kill_points.new &&
	    (store_open(kill_points.model, &kill_points.old, &error) != STATUS_OK ||
		snapshot_open(kill_points.old, &kill_points.old_one, &error) != STATUS_OK))
		die(reason(&error));
	kill_points.before = kill_points.new ? 0 : snapshot_tx(kill_points.old_one);
	fresh_store();
	if (inject(&kill_points.command, (struct injury){ COUNT, 0, 0 }).status != 0) {
		fprintf(stderr, "killpoints: %s fails by itself\n", kill_points.command.arguments[0]);
		exit(2);
	}
	copy_store(kill_points.victim, kill_points.reference);
	if (store_open(kill_points.reference, &kill_points.whole, &error) != STATUS_OK ||
	    prove_store(kill_points.whole, &kill_points.after, &error) != STATUS_OK ||
	    snapshot_open(kill_points.whole, &kill_points.whole_one, &error) != STATUS_OK)
		die(reason(&error));
	if (kill_points.after != kill_points.before + 1)
		die("not one transaction");
}

/* --- the questions ----------------------------------------------------------------------- */

static bool
says_nothing_happened(const struct outcome *outcome)
{
	return outcome->status == STATUS_SYSTEM || outcome->status == STATUS_BUSY ||
	    outcome->status == STATUS_NO || outcome->status == STATUS_USAGE || outcome->status == STATUS_REFUSED;
}

/* What outcome promises about the transaction, now that a reader is shown tx. */
static const char *
check_truth(const struct outcome *outcome, uint64_t tx)
{
	bool there = tx == kill_points.after;

	if (outcome->hung)
		return "it hung";
	/* A copy that could not be synced shows what its last line says was on disk, until its repair: one less. */
	if (!kill_points.new && !kill_points.read_before && tx == kill_points.before - 1 && outcome->status != 0)
		return NULL;
	if (tx != kill_points.before && !there)
		return "a state between";
	if ((outcome->promised >= kill_points.after || outcome->status == 0 ||
		outcome->status == STATUS_UNREPORTED) &&
	    !there)
		return "acknowledged, and not there";
	if (says_nothing_happened(outcome) && there)
		return "said that nothing happened, and it is there";
	if (outcome->sync_failed && (outcome->status == 0 || outcome->status == STATUS_UNREPORTED))
		return "a sync failed, and it said that all is well";
	return NULL;
}

/* What was there before is there, to the byte; and after it is as long as without the fault. */
static const char *
check_bytes(struct store *store, uint64_t tx, struct error *error)
{
	struct snapshot *now, *then;
	const char *wrong = NULL;
	size_t count;

	if (kill_points.new || tx < kill_points.before)
		return NULL;
	if (snapshot_open_tx(store, kill_points.before, &then, error) != STATUS_OK)
		return "the state before can't be had";
	if (!(kill_points.erases && tx == kill_points.after ? same_but_blanks(then, kill_points.old_one)
							    : same_logs(then, kill_points.old_one)))
		wrong = "what was there before has changed";
	snapshot_close(then);
	if (wrong != NULL || tx != kill_points.after || snapshot_open(store, &now, error) != STATUS_OK)
		return wrong;
	for (size_t i = 0; (void)snapshot_tables(now, &count), i < count && wrong == NULL; i++) {
		const char *table = snapshot_tables(now, &count)[i];
		struct slice log, reference;

		if (snapshot_log(now, table, &log, error) != STATUS_OK ||
		    snapshot_log(kill_points.whole_one, table, &reference, error) != STATUS_OK ||
		    log.length != reference.length)
			wrong = "the transaction is there in part";
	}
	snapshot_close(now);
	return wrong;
}

/* The repair keeps all there was, and of what was in doubt all or nothing; *tx is what is shown then. */
static const char *
check_repair(struct store *store, const struct outcome *outcome, uint64_t *tx, struct error *error)
{
	uint64_t shown = *tx;
	const char *wrong;

	if (store_repair(store, error) != STATUS_OK)
		return "can't be repaired";
	if (prove_store(store, tx, error) != STATUS_OK)
		return "it does not verify after its repair";
	if (*tx < shown || (!kill_points.new &&*tx < kill_points.before))
		return "the repair lost what was there";
	wrong = kill_points.new ? NULL : check_truth(outcome, *tx);
	return wrong == NULL ? check_bytes(store, *tx, error) : wrong;
}

/* The next writer commits, after a repair if that was announced. */
static const char *
check_next(struct store *store, const struct outcome *outcome, uint64_t tx, struct error *error)
{
	uint64_t next, proved;
	const char *wrong;
	enum status status = add_note(store, &next, error);

	if (status != STATUS_OK && strstr(reason(error), "marked broken") != NULL) {
		kill_points.broken++;
		if (outcome->status != STATUS_UNKNOWN && outcome->status < 128 &&
		    (kill_points.read_before || kill_points.new))
			return "marked broken, and did not say so";
		wrong = check_repair(store, outcome, &tx, error);
		if (wrong != NULL)
			return wrong;
		status = add_note(store, &next, error);
	} else if (status == STATUS_OK && outcome->sync_failed && outcome->status == STATUS_UNKNOWN &&
	    !outcome->hung && tx == kill_points.before && kill_points.read_before) {
		return "a sync failed, and the next writer goes on as if nothing were";
	}
	if (status != STATUS_OK)
		return "the next writer fails";
	if (next != tx + 1)
		return "the next writer took another number";
	if (prove_store(store, &proved, error) != STATUS_OK || proved != next)
		return "it does not verify";
	return NULL;
}

/* Commands have a look as well. */
static const char *
judge(void)
{
	int status;
	pid_t pid;

	if (kill_points.script == NULL || kill_points.count % JUDGE_EVERY != 0)
		return NULL;
	kill_points.judged++;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setenv("BO_STORE", kill_points.victim, 1);
		execl("/bin/sh", "sh", "-c", kill_points.script, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? NULL : "the commands do not like it";
}

/*
 * Makes the store once more.  Where a failed sync broke what there is of it, that is after a
 * repair; which may find the transaction whole, and then there is nothing left to make.
 */
static bool
make_again(const struct outcome *outcome, struct error *error)
{
	struct injury none = { COUNT, 0, 0 };
	struct store *store;
	bool repaired, whole;
	uint64_t tx = 0;

	if (inject(&kill_points.command, none).status == 0)
		return true;
	if (!outcome->sync_failed || store_open(kill_points.victim, &store, error) != STATUS_OK)
		return false;
	kill_points.broken++;
	repaired = store_repair(store, error) == STATUS_OK && prove_store(store, &tx, error) == STATUS_OK;
	whole = tx > 0 && outcome->status == STATUS_UNKNOWN;
	store_close(store);
	return repaired && (whole || inject(&kill_points.command, none).status == 0);
}

/* Where the store was to be made: it is, or making it again works. */
static const char *
check_made(const struct outcome *outcome, struct store **store, uint64_t *tx, struct error *error)
{
	enum status status = store_open(kill_points.victim, store, error);

	if (status == STATUS_OK)
		status = prove_store(*store, tx, error);
	if (status == STATUS_OK && *tx > 0)
		return says_nothing_happened(outcome) ? "said that nothing happened, and it is there" : NULL;
	store_close(*store);
	*store = NULL;
	error_clear(error);
	if (outcome->status == 0 || outcome->status == STATUS_UNREPORTED)
		return "acknowledged, and not there";
	if (!make_again(outcome, error))
		return "what was cut short can't be done again";
	if (store_open(kill_points.victim, store, error) != STATUS_OK || prove_store(*store, tx, error) != STATUS_OK)
		return "what was done again does not verify";
	return *tx == kill_points.after ? NULL : "what was done again is something else";
}

/* What is half blank can't be proved before somebody finishes it; where a sync failed just then, that is repair. */
static enum status
prove_shown(struct store *store, const struct outcome *outcome, uint64_t *tx, struct error *error)
{
	enum status status = prove_store(store, tx, error);

	if (status != STATUS_SYSTEM || !kill_points.erases || outcome->status != STATUS_UNKNOWN ||
	    strstr(reason(error), "marked broken") == NULL)
		return status;
	kill_points.broken++;
	error_clear(error);
	status = store_repair(store, error);
	return status == STATUS_OK ? prove_store(store, tx, error) : status;
}

static const char *
check(const struct outcome *outcome, struct error *error)
{
	struct store *store = NULL;
	const char *fault = NULL;
	struct outcome told = *outcome;
	uint64_t tx = 0;

	if (kill_points.new) {
		fault = check_made(outcome, &store, &tx, error);
		told = (struct outcome){ .status = outcome->status == STATUS_UNKNOWN ? STATUS_UNKNOWN : 128 };
	} else if (store_open(kill_points.victim, &store, error) != STATUS_OK) {
		return "the store does not open";
	} else if (prove_shown(store, outcome, &tx, error) != STATUS_OK) {
		fault = "the reader fails";
	} else {
		fault = check_truth(outcome, tx);
	}
	if (fault == NULL)
		fault = check_bytes(store, tx, error);
	if (fault == NULL)
		fault = check_next(store, &told, tx, error);
	if (fault == NULL)
		fault = judge();
	store_close(store);
	return fault;
}

/* --- the faults ---------------------------------------------------------------------------- */

/* One run, one fault; false when there are no calls left to meet. */
static bool
try_fault(struct injury injury)
{
	struct error error = ERROR_INIT;
	struct outcome outcome;
	const char *what;

	fresh_store();
	outcome = inject(&kill_points.command, injury);
	if (!outcome.hit)
		return injury.mode == HALF && outcome.calls >= injury.at;
	kill_points.count++;
	what = check(&outcome, &error);
	if (what != NULL && kill_points.wrong++ < SHOWN_MOST)
		printf("# %s, %s %ld %s (%s), exit %d: %s: %s\n", kill_points.command.arguments[0],
		    injury.mode >= STARVE_ONCE ? "allocation" : "call", injury.at, mode_names[injury.mode],
		    injury.number != 0 ? strerrorname_np(injury.number) : "", outcome.status, what,
		    reason(&error));
	error_release(&error);
	return true;
}

static void
try_mode(enum mode mode, int number)
{
	for (long at = 1 + ((long)mode + number) % kill_points.every;
	     try_fault((struct injury){ mode, at, number }); at += kill_points.every)
		;
}

static void
try_errors(size_t count)
{
	static const int numbers[] = { EIO, ENOSPC, EINTR, EMFILE, EACCES, EDQUOT, ENOMEM };

	for (size_t i = 0; i < count && i < sizeof numbers / sizeof *numbers; i++) {
		try_mode(FAIL_ONCE, numbers[i]);
		if (numbers[i] != EINTR) /* interrupted for ever is no fault but a hang */
			try_mode(FAIL_ALWAYS, numbers[i]);
	}
}

static void
try_all(void)
{
	for (const char *letter = kill_points.faults; *letter != '\0'; letter++) {
		switch (*letter) {
		case 'k':
			try_mode(KILL_BEFORE, 0);
			try_mode(KILL_AFTER, 0);
			break;
		case 'h':
			try_mode(HALF, 0);
			break;
		case 'e':
			try_errors(3);
			break;
		case 'E':
			try_errors(7);
			break;
		case 'm':
			try_mode(STARVE_ONCE, 0);
			try_mode(STARVE_ALWAYS, 0);
			break;
		default:
			break;
		}
	}
}

static bool
take_options(int argc, char *argv[])
{
	int option;

	kill_points.every = 1;
	kill_points.faults = "khE";
	while ((option = getopt(argc, argv, "+be:f:i:no:rx:")) != -1) {
		switch (option) {
		case 'b':
			kill_points.erases = true;
			break;
		case 'e':
			kill_points.every = strtol(optarg, NULL, 10);
			break;
		case 'f':
			kill_points.faults = optarg;
			break;
		case 'i':
			kill_points.command.input = optarg;
			break;
		case 'n':
			kill_points.new = true;
			break;
		case 'o':
			kill_points.command.shim = optarg;
			break;
		case 'r':
			kill_points.read_before = true;
			break;
		case 'x':
			kill_points.script = optarg;
			break;
		default:
			return false;
		}
	}
	return optind + 2 <= argc && kill_points.every > 0 &&
	    (strchr(kill_points.faults, 'm') == NULL || kill_points.command.shim != NULL);
}

int
main(int argc, char *argv[])
{
	if (!take_options(argc, argv))
		return 2;
	kill_points.work = make_work();
	kill_points.victim = memory_format("%s/store", kill_points.work);
	kill_points.reference = memory_format("%s/reference", kill_points.work);
	kill_points.command.output = memory_format("%s/said", kill_points.work);
	kill_points.model = argv[optind];
	kill_points.command.arguments = (const char *const *)(uintptr_t)(argv + optind + 1);
	for (int i = optind + 1; i < argc; i++)
		if (strcmp(argv[i], "@") == 0)
			argv[i] = kill_points.victim;
	setenv("BO_STORE", kill_points.victim, 1);
	setenv("TMPDIR", kill_points.work, 1);
	make_reference();
	try_all();
	printf("%ld faults, %ld of them marked the store broken, %ld judged by commands, %ld wrong\n",
	    kill_points.count, kill_points.broken, kill_points.judged, kill_points.wrong);
	snapshot_close(kill_points.whole_one);
	store_close(kill_points.whole);
	snapshot_close(kill_points.old_one);
	store_close(kill_points.old);
	remove_tree(kill_points.work);
	if (kill_points.count == 0) /* then it proves nothing, least of all that something is wrong */
		return 2;
	return kill_points.wrong > 0;
}
