// Torch has one pool of threads for the process: tests that use it run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
