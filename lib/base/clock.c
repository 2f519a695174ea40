#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date_internal.h"
#include "base/memory.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo"

static int64_t
clock_read(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		return 0; /* cannot be: both clocks are always there */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_milliseconds(void)
{
	return clock_read(CLOCK_REALTIME);
}

int64_t
clock_monotonic(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

static bool
is_utc(const char *zone)
{
	return zone == NULL || *zone == '\0' || strcmp(zone, "UTC") == 0;
}

/* The tz database's own files begin with TZif (RFC 8536); its lists and notes do not. */
static bool
is_zone_file(const char *path)
{
	char magic[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool genuine;

	if (fd < 0)
		return false;
	genuine = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
	close(fd);
	return genuine;
}

bool
zone_valid(const char *zone)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	char path[PATH_MAX];

	if (zone == NULL || *zone == '\0' || *zone == '/')
		return false;
	if (zone[strspn(zone, allowed)] != '\0') /* no dot, so no ".." */
		return false;
	if (strcmp(zone, "UTC") == 0) /* needs no tz database */
		return true;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", ZONE_DIRECTORY, zone) >= sizeof(path))
		return false;
	return is_zone_file(path);
}

/* Makes zone the C library's; what TZ was before, for zone_leave(). */
static char *
zone_enter(const char *zone)
{
	const char *old = getenv("TZ");
	char *saved = old == NULL ? NULL : memory_copy(old, strlen(old));
	char *name = memory_format(":%s/%s", ZONE_DIRECTORY, zone); /* the file and nothing like it */

	setenv("TZ", name, 1);
	free(name);
	tzset();
	return saved;
}

static void
zone_leave(char *saved)
{
	if (saved == NULL)
		unsetenv("TZ");
	else
		setenv("TZ", saved, 1);
	tzset();
	free(saved);
}

/* The civil day of an instant in the zone that was entered. */
static int32_t
local_day(int64_t seconds)
{
	time_t instant = (time_t)time_clamp(seconds);
	struct tm local;
	int32_t day;

	if (localtime_r(&instant, &local) == NULL ||
	    !date_checked((struct civil){ local.tm_year + 1900, local.tm_mon + 1, local.tm_mday }, &day))
		return seconds < 0 ? DATE_FIRST : DATE_LAST;
	return day;
}

int32_t
zone_day(const char *zone, int64_t seconds)
{
	int32_t day;
	char *saved;

	time_split(seconds, &day);
	if (is_utc(zone) || !zone_valid(zone))
		return day;
	saved = zone_enter(zone);
	day = local_day(seconds);
	zone_leave(saved);
	return day;
}

/*
 * Found by looking, as not every day begins at 00:00: clocks are put forward at
 * midnight in some places, and whole days have been left out.
 */
int64_t
zone_midnight(const char *zone, int32_t day)
{
	int64_t utc = (int64_t)day * DAY_SECONDS;
	int64_t before = utc - DAY_SECONDS, begun = utc + DAY_SECONDS; /* no zone is a day from UTC */
	char *saved;

	if (is_utc(zone) || !zone_valid(zone))
		return utc;
	saved = zone_enter(zone);
	while (begun - before > 1) {
		int64_t middle = before + (begun - before) / 2;

		if (local_day(middle) >= day)
			begun = middle;
		else
			before = middle;
	}
	zone_leave(saved);
	return begun;
}

struct zone_held
zone_hold(const char *zone)
{
	struct zone_held held = { .utc = is_utc(zone) || !zone_valid(zone) };

	if (!held.utc)
		held.saved = zone_enter(zone);
	return held;
}

int32_t
zone_held_day(const struct zone_held *held, int64_t seconds)
{
	int32_t day;

	if (!held->utc)
		return local_day(seconds);
	time_split(seconds, &day);
	return day;
}

void
zone_drop(struct zone_held *held)
{
	if (!held->utc)
		zone_leave(held->saved);
	*held = (struct zone_held){ .utc = true };
}
