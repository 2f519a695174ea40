#include "store/news.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { POLL_MILLISECONDS = 1000 }; /* where nothing tells of changes */

void
news_open(struct news *news, const struct store *store)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	news->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	news->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* the directory, since a watermark or a log may be there only later */
	if (news->changes >= 0 &&
	    inotify_add_watch(news->changes, store_path(store), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
		close(news->changes);
		news->changes = -1;
	}
}

void
news_close(struct news *news)
{
	if (news->signals >= 0)
		close(news->signals);
	if (news->changes >= 0)
		close(news->changes);
}

static void
drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof events) > 0)
		continue;
}

bool
news_wait(const struct news *news, int output)
{
	/* the output is in it for the error that says that nobody reads it any more */
	struct pollfd polled[] = {
		{ .fd = news->signals, .events = POLLIN },
		{ .fd = news->changes, .events = POLLIN },
		{ .fd = output, .events = 0 },
	};

	if (poll(polled, sizeof polled / sizeof polled[0], POLL_MILLISECONDS) <= 0)
		return true;
	if (polled[1].revents != 0)
		drain(news->changes);
	return polled[0].revents == 0 && (polled[2].revents & (POLLERR | POLLNVAL)) == 0;
}
