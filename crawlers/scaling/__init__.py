"""Past one machine: jobs over a whole archive, cut into tasks that an existing engine runs (datatrove: local, Ray, Slurm).

    jobs        what there is to do: a job is passes, one after the other; a pass is a function of (desk, task, tasks)
    desk        where a job lies: its plan, written once, and what its tasks made
    rows        articles, keys and links as Parquet
    blocks …    the passes of `recluster`: blocks, twins, comparison, components, assignment
    second_reading, exporting, indexing      the passes of `reread`, `export` and `index`
    steps       the pass as datatrove's PipelineStep
    engines     the executors, and what they do with a worker that dies
    shelf       datatrove's own notes (what is done, statistics, logs) in the same store

A task reads what stands in the store and creates objects there that depend on nothing but that: done twice it changes
nothing, done elsewhere it gives the same bytes, done by a hundred machines the last pass gives what one machine gives.
Only `steps`, `engines` and `shelf` know datatrove, and they are imported when a job runs; see docs/scaling.md.
"""
