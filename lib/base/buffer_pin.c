/* buffer_pin: a buffer that does not move */
#include "base/buffer.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGES = 1 << 22 }; /* bytes from which large pages pay for being cleared */

bool
buffer_pin(struct buffer *buffer, size_t room)
{
	char *place = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (place == MAP_FAILED)
		return false;
	/* An advice: where it is not taken, everything works with small pages. */
	if (room > LARGE_PAGES)
		madvise(place + LARGE_PAGES, room - LARGE_PAGES, MADV_HUGEPAGE);
	if (buffer->length > 0)
		memcpy(place, buffer->data, buffer->length + 1);
	free(buffer->data);
	buffer->data = place;
	buffer->capacity = room;
	return true;
}

void
buffer_unpin(struct buffer *buffer, size_t room)
{
	munmap(buffer->data, room);
	*buffer = (struct buffer)BUFFER_INIT;
}
