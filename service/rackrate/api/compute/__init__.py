"""Where answers are computed: the dispatcher, the thread, the job process."""
