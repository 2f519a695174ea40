#include "base/processes.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"

/* How a job ended; what it said, or why it failed, is in its file. */
struct outcome {
	bool done; /* all of it is there */
	enum status status;
	uint64_t length;
};

/* Memory of all processes. */
struct board {
	atomic_size_t next; /* job that nobody has taken yet */
	struct outcome outcomes[];
};

struct crew {
	const struct processes *processes;
	struct board *board;
	size_t board_size;
	int *files; /* one a job: without a name, in memory */
	size_t opened;
	pid_t children[PARALLEL_WORKERS_MOST];
	size_t started;
};

/* --- a process that takes part ------------------------------------------------------------ */

static void
do_job(struct crew *crew, size_t job)
{
	struct outcome *outcome = &crew->board->outcomes[job];
	struct buffer said = BUFFER_INIT;
	struct error error = ERROR_INIT;

	outcome->status = crew->processes->work(crew->processes->context, job, &said, &error);
	if (outcome->status != STATUS_OK) {
		buffer_clear(&said);
		buffer_add_text(&said, error.count > 0 ? error.faults[0].reason : "no reason was given");
	}
	outcome->length = said.length;
	outcome->done = file_write(crew->files[job], said.data, said.length);
	buffer_release(&said);
	error_release(&error);
}

_Noreturn static void
take_part(struct crew *crew)
{
	size_t job;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	while ((job = atomic_fetch_add(&crew->board->next, 1)) < crew->processes->jobs)
		do_job(crew, job);
	_exit(0);
}

/* --- the one that began it ----------------------------------------------------------------- */

static bool
open_files(struct crew *crew)
{
	const struct processes *processes = crew->processes;
	void *memory;

	crew->board_size = sizeof *crew->board + processes->jobs * sizeof *crew->board->outcomes;
	memory = mmap(NULL, crew->board_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	crew->board = memory;
	crew->files = memory_array(processes->jobs + 1, sizeof *crew->files);
	while (crew->opened < processes->jobs) {
		int file = memfd_create("bo", MFD_CLOEXEC);

		if (file < 0)
			return false;
		crew->files[crew->opened++] = file;
	}
	return true;
}

static void
close_files(struct crew *crew)
{
	for (size_t i = 0; i < crew->opened; i++)
		close(crew->files[i]);
	free(crew->files);
	if (crew->board != NULL)
		munmap(crew->board, crew->board_size);
}

static void
start(struct crew *crew)
{
	while (crew->started < crew->processes->count && crew->started < PARALLEL_WORKERS_MOST) {
		pid_t child = fork();

		if (child == 0)
			take_part(crew);
		if (child < 0)
			break;
		crew->children[crew->started++] = child;
	}
}

static enum status
await(const struct crew *crew, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < crew->started; i++) {
		int result = 0;

		while (waitpid(crew->children[i], &result, 0) == -1 && errno == EINTR)
			continue;
		if (WIFSIGNALED(result))
			status = error_set(error, STATUS_SYSTEM, "a process that took part was killed: %s",
			    strsignal(WTERMSIG(result)));
		else if (WEXITSTATUS(result) != 0 && status == STATUS_OK)
			status = error_set(error, STATUS_SYSTEM, "a process that took part gave up");
	}
	return status;
}

static enum status
take_job(const struct crew *crew, size_t job, struct error *error)
{
	const struct processes *processes = crew->processes;
	const struct outcome *outcome = &crew->board->outcomes[job];
	struct slice said = { "", (size_t)outcome->length };
	void *mapped = NULL;
	enum status status;

	if (!outcome->done)
		return error_set(error, STATUS_SYSTEM, "what a process said did not arrive");
	if (outcome->length > 0) {
		mapped = mmap(NULL, said.length, PROT_READ, MAP_SHARED, crew->files[job], 0);
		if (mapped == MAP_FAILED)
			return error_set(error, STATUS_SYSTEM, "what a process said can't be read:");
		said.data = mapped;
	}
	status = outcome->status;
	if (status == STATUS_OK)
		status = processes->take(processes->context, job, said, error);
	else
		error_set(error, status, "%.*s", (int)said.length, said.data);
	if (mapped != NULL)
		munmap(mapped, said.length);
	return status;
}

static enum status
run_alone(const struct processes *processes, struct error *error)
{
	struct buffer said = BUFFER_INIT;
	enum status status = STATUS_OK;

	for (size_t job = 0; status == STATUS_OK && job < processes->jobs; job++) {
		buffer_clear(&said);
		status = processes->work(processes->context, job, &said, error);
		if (status == STATUS_OK)
			status = processes->take(processes->context, job, buffer_slice(&said), error);
	}
	buffer_release(&said);
	return status;
}

enum status
processes_run(const struct processes *processes, struct error *error)
{
	struct crew crew = { .processes = processes };
	enum status status = STATUS_OK;

	if (processes->count > 1 && open_files(&crew))
		start(&crew);
	if (crew.started == 0) /* none is wanted, or to be had */
		status = run_alone(processes, error);
	else
		status = await(&crew, error);
	for (size_t job = 0; crew.started > 0 && status == STATUS_OK && job < processes->jobs; job++)
		status = take_job(&crew, job, error);
	close_files(&crew);
	return status;
}
