"""Past one machine: jobs over a whole archive, cut into tasks that an existing engine runs (datatrove: local, Ray, Slurm).

    jobs        what there is to do: a job is passes, one after the other; a pass is a function of (workspace, task, tasks);
                its plan, written once, and what its tasks made
    recluster · reextract · outputs (export, index)      the passes of each job; articles, keys and links travel as Parquet
    engines     the executors, and what they do with a worker that dies; datatrove's own notes in the same store

A task reads what stands in the store and creates objects there that depend on nothing but that: done twice it changes
nothing, done elsewhere it gives the same bytes, done by a hundred machines the last pass gives what one machine gives.
Only `engines` knows datatrove, and it is imported when a job runs; see docs/scaling.md.
"""
