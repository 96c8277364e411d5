"""One file per job, the registry, the scheduler, the day in order, and who carries out the tasks of a run."""
