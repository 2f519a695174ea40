/*
 * news: waiting until a store may have changed, or it is time to go.
 *
 * SIGINT, SIGTERM and SIGHUP are held back from news_open on and taken by news_wait:
 * what is done between two waits is done whole.
 */
#ifndef STORE_NEWS_H
#define STORE_NEWS_H

#include <stdbool.h>

#include "store/store.h"

struct news {
	int signals, changes; /* descriptors; -1 where the system has none to give */
};

void news_open(struct news *news, const struct store *store);
void news_close(struct news *news);

/*
 * Returns when something was written to the store since the last call, at the latest
 * after a second; false when a signal came, or when nobody reads output any more.
 */
bool news_wait(const struct news *news, int output);

#endif
