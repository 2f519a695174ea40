#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>

enum { SLOTS_MOST = 2 * PARALLEL_WORKERS_MOST + 2 };

struct crew {
	const struct parallel *parallel;
	pthread_mutex_t mutex; /* for all that follows */
	pthread_cond_t news;
	size_t begun, taken; /* jobs */
	size_t slots;
	size_t hired; /* workers that have a number */
	bool ended;
	bool done[SLOTS_MOST];
};

size_t
parallel_workers(size_t jobs)
{
	cpu_set_t processors;
	size_t count = 1;

	if (sched_getaffinity(0, sizeof processors, &processors) == 0)
		count = (size_t)CPU_COUNT(&processors);
	if (count > PARALLEL_WORKERS_MOST)
		count = PARALLEL_WORKERS_MOST;
	if (count > jobs)
		count = jobs;
	return count > 0 ? count : 1;
}

size_t
parallel_slots(size_t workers)
{
	return 2 * workers + 2;
}

static bool
may_begin(const struct crew *crew)
{
	return !crew->ended && crew->begun < crew->parallel->jobs && crew->begun < crew->taken + crew->slots;
}

/* Does the next job; the mutex is held before and after. */
static void
do_one(struct crew *crew, size_t worker)
{
	const struct parallel *parallel = crew->parallel;
	size_t job = crew->begun++, slot = job % crew->slots;

	pthread_mutex_unlock(&crew->mutex);
	parallel->work(parallel->context, worker, slot, job);
	pthread_mutex_lock(&crew->mutex);
	crew->done[slot] = true;
	pthread_cond_broadcast(&crew->news);
}

static void *
help(void *context)
{
	struct crew *crew = context;
	size_t worker;

	pthread_mutex_lock(&crew->mutex);
	worker = ++crew->hired;
	while (!crew->ended && crew->begun < crew->parallel->jobs) {
		if (may_begin(crew))
			do_one(crew, worker);
		else
			pthread_cond_wait(&crew->news, &crew->mutex);
	}
	pthread_mutex_unlock(&crew->mutex);
	return NULL;
}

/* Takes what is done; the mutex is held before and after. */
static void
take_one(struct crew *crew)
{
	const struct parallel *parallel = crew->parallel;
	size_t job = crew->taken, slot = job % crew->slots;
	bool more;

	pthread_mutex_unlock(&crew->mutex);
	more = parallel->take(parallel->context, slot, job);
	pthread_mutex_lock(&crew->mutex);
	crew->done[slot] = false;
	crew->taken++;
	crew->ended = !more;
	pthread_cond_broadcast(&crew->news);
}

/* The calling thread: takes first, so that slots get free, and helps while there is nothing to take. */
static void
lead(struct crew *crew)
{
	pthread_mutex_lock(&crew->mutex);
	while (!crew->ended && crew->taken < crew->parallel->jobs) {
		if (crew->done[crew->taken % crew->slots])
			take_one(crew);
		else if (may_begin(crew))
			do_one(crew, 0);
		else
			pthread_cond_wait(&crew->news, &crew->mutex);
	}
	crew->ended = true;
	pthread_cond_broadcast(&crew->news);
	pthread_mutex_unlock(&crew->mutex);
}

void
parallel_run(const struct parallel *parallel)
{
	struct crew crew = { .parallel = parallel, .slots = parallel_slots(parallel->workers) };
	pthread_t threads[PARALLEL_WORKERS_MOST];
	size_t started = 0;

	pthread_mutex_init(&crew.mutex, NULL);
	pthread_cond_init(&crew.news, NULL);
	/* Where no thread can be had, the others do its jobs. */
	while (started + 1 < parallel->workers && pthread_create(&threads[started], NULL, help, &crew) == 0)
		started++;
	lead(&crew);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&crew.news);
	pthread_mutex_destroy(&crew.mutex);
}
