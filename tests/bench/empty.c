/* empty: what any dynamic C program costs to start, and so the floor for all of ours */
int
main(void)
{
	return 0;
}
